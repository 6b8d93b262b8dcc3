#include "desk/calendar_overrides.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "base/toml.h"
#include "calendar/changed_days.h"
#include "calendar/check.h"
#include "calendar/day_rule.h"
#include "desk/client.h"
#include "desk/plan_files.h"
#include "os/files.h"

namespace mc::app {

namespace {

constexpr std::size_t override_bytes_max = 1'000'000;
// In the exchange's time zone, counted from midnight of the session's date.
struct Part {
    Seconds from, to;
};
struct Hours {
    Seconds open{0}, close{0};
    std::vector<Part> breaks;
};

constexpr const char* of_closed = "closed";
constexpr const char* of_sessions = "extra_sessions";

std::string directory_of(const std::string& state) { return state + "/calendars"; }

std::string file_of(const std::string& state, const CalendarName& calendar) {
    std::string name;
    for (const char c : calendar.text())
        name += c == '/' ? '-' : 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return fmt::format("{}/{}.toml", directory_of(state), name);
}

toml::table head(const CalendarName& calendar) {
    return toml::table{{"name", calendar.text()}, {"extends", calendar.text()}};
}

toml::table day_of(const CalendarOverride& override, const std::optional<Hours>& hours) {
    const date::year_month_day declared = civil(override.declared);
    toml::table day{
        {"name", override.reason.empty() ? "changed by an operator" : override.reason},
        {"unscheduled", true},
        {"declared", toml::date{int{declared.year()}, unsigned{declared.month()}, unsigned{declared.day()}}}};
    if (hours) {
        day.insert("open", day_time_text(hours->open));
        day.insert("close", day_time_text(hours->close));
        toml::array breaks;
        for (const Part& span : hours->breaks)
            breaks.push_back(toml::array{day_time_text(span.from), day_time_text(span.to)});
        day.insert("breaks", breaks);
    }
    day.is_inline(true);
    return day;
}

void set(toml::table& file, const CalendarOverride& override, const std::optional<Hours>& hours) {
    const std::string section = override.what == CalendarOverride::What::closed ? of_closed : of_sessions;
    if (!file.contains(section)) file.insert(section, toml::table{});
    file[section].as_table()->insert_or_assign(to_string(override.date), day_of(override, hours));
}

bool erase(toml::table& file, Date date) {
    bool found = false;
    for (const char* section : {of_closed, of_sessions})
        if (toml::table* days = file[section].as_table()) found = days->erase(to_string(date)) || found;
    return found;
}

std::string text_of(const toml::table& file) {
    std::ostringstream text;
    text << "# Changes made by `marketcron calendar override`, which also clears them.\n" << file << "\n";
    return text.str();
}

bool has_days(const toml::table& file) {
    for (const char* section : {of_closed, of_sessions})
        if (const toml::table* days = file[section].as_table(); days && !days->empty()) return true;
    return false;
}

CalendarSet with_file(CalendarSet calendars, const CalendarName& calendar, const toml::table& file) {
    if (has_days(file)) calendars.add_override(override_source(calendar, text_of(file), "the override"));
    return calendars;
}

Result<const Session*> session_of(const CalendarSet& calendars, const CalendarName& calendar, Date date) {
    const auto found = calendars.find(calendar);
    if (!found) return tl::unexpected(found.error());
    return (*found)->session(date);
}

Hours local_hours(const Session& session, const Zone& zone) {
    const auto time = [&](Instant t) { return zone.to_wall(t) - WallTime{session.date}; };
    Hours hours;
    hours.open = time(session.open);
    hours.close = time(session.close);
    for (const Span& span : session.breaks) hours.breaks.push_back({time(span.from), time(span.to)});
    return hours;
}

// Moves the opening or the close. Breaks are cut to the new hours. If the new time is inside a break, the session opens
// after the break, or closes before it.
Hours moved(Hours hours, const CalendarOverride& override) {
    (override.what == CalendarOverride::What::open ? hours.open : hours.close) = *override.time;
    std::vector<Part> breaks;
    for (Part span : hours.breaks) {
        span = {std::max(span.from, hours.open), std::min(span.to, hours.close)};
        if (span.from >= span.to) continue;
        if (span.from == hours.open) hours.open = span.to;
        else if (span.to == hours.close) hours.close = span.from;
        else breaks.push_back(span);
    }
    hours.breaks = std::move(breaks);
    return hours;
}

// The new hours of the day; nullopt: the regular hours. Error: refused, if the change does not apply to that day; or of
// the calendar.
Result<std::optional<Hours>> hours_for(const CalendarOverride& override, const CalendarSet& without,
                                       const CalendarSet& with_earlier) {
    using What = CalendarOverride::What;
    const auto plain = session_of(without, override.calendar, override.date);
    if (!plain) return tl::unexpected(plain.error());
    const auto now = session_of(with_earlier, override.calendar, override.date);
    if (!now) return tl::unexpected(now.error());
    const auto refuse = [&](const char* why, const char* hint) {
        return fail(Error::Kind::refused, fmt::format("{} {} {}", override.calendar, to_string(override.date), why),
                    hint);
    };
    if (override.what == What::closed && !*plain) return refuse("is already closed", "");
    if (override.what == What::open && !override.time) {
        if (*plain) return refuse("is already a session", *now ? "" : "`clear` removes its override");
        return std::optional<Hours>{};
    }
    const Session* session = *now ? *now : *plain;  // an earlier override may have closed it
    if (override.what == What::close && !session) return refuse("is not a session", "open it first");
    if (!override.time) return std::optional<Hours>{};
    const auto calendar = *without.find(override.calendar);
    const Session regular = calendar->regular(override.date);
    return moved(local_hours(session ? *session : regular, *calendar->zone()), override);
}

// Checks the changed day as a calendar file with this day alone. Error: refused.
Result<void> check_day(const CalendarOverride& override, const std::optional<Hours>& hours, const CalendarSet& base) {
    if (override.what == CalendarOverride::What::closed) return {};  // hours_for() has found that it is a session
    toml::table alone = head(override.calendar);
    set(alone, override, hours);
    const auto extended = [&](std::string_view name) -> Result<std::shared_ptr<const CalendarRules>> {
        const auto calendar = base.find(name);
        if (!calendar) return tl::unexpected(calendar.error());
        return rules_to_change(**calendar);
    };
    const auto good = check_calendar(text_of(alone), "the override", base.zones(), extended);
    if (good) return {};
    return fail(Error::Kind::refused, good.error().front().what, good.error().front().hint);
}

// Asks the daemon, because we may not read the directory.
Result<std::vector<CalendarSource>> ask_for_overrides(const std::string& state, const std::string& socket) {
    const auto answer = ask_daemon(socket, "GET", "/v1/calendar-overrides");
    if (!answer)
        return fail(Error::Kind::process,
                    fmt::format("cannot read the calendar overrides in {}, and no daemon answers", directory_of(state)),
                    "the output ignores them");
    std::vector<CalendarSource> sources;
    for (const Json& file : answer->value("files", Json::array()))
        sources.push_back(
            override_source(CalendarName(file.value("calendar", "")), file.value("text", ""), "an override"));
    return sources;
}

}  // namespace

Result<CalendarOverride> parse_override(const CalendarName& calendar, Date date, const std::string& what,
                                        const std::string& time) {
    using What = CalendarOverride::What;
    static const std::map<std::string, What> words{
        {"closed", What::closed}, {"open", What::open}, {"close", What::close}, {"clear", What::clear}};
    const auto wrong = [&](const std::string& why) {
        return fail(Error::Kind::usage, why, "write closed, open, open 11:00, close 13:00 or clear");
    };
    const auto found = words.find(what);
    if (found == words.end()) return wrong(fmt::format("`{}` is not a change of a session", what));
    CalendarOverride override;
    override.calendar = calendar;
    override.date = date;
    override.what = found->second;
    const bool takes_time = override.what == What::open || override.what == What::close;
    if (!time.empty()) {
        const auto parsed = parse_day_time(time);
        if (!takes_time || !parsed) return wrong(fmt::format("`{} {}` is not a change of a session", what, time));
        override.time = *parsed;
    } else if (override.what == What::close) {
        return wrong("`close` needs a time");
    }
    return override;
}

std::string to_text(const CalendarOverride& override) {
    std::string day = fmt::format("{} {}", override.calendar, to_string(override.date));
    const std::string time = override.time ? day_time_text(*override.time) : "";
    switch (override.what) {
        case CalendarOverride::What::closed: return day + " is closed";
        case CalendarOverride::What::open: return time.empty() ? day + " is open" : day + " opens at " + time;
        case CalendarOverride::What::close: return day + " closes at " + time;
        case CalendarOverride::What::clear: return day + " has no override any more";
    }
    return day;
}

std::string to_text(const CalendarOverride& override, const CalendarSet& after) {
    using What = CalendarOverride::What;
    const auto session = session_of(after, override.calendar, override.date);
    if (!override.time || !session || !*session) return to_text(override);
    const Zone& zone = *(*after.find(override.calendar))->zone();
    const Hours hours = local_hours(**session, zone);
    CalendarOverride taken = override;
    taken.time = override.what == What::open ? hours.open : hours.close;
    if (taken.time == override.time) return to_text(override);
    return fmt::format("{} ({} is in its break)", to_text(taken), day_time_text(*override.time));
}

CalendarSource override_source(const CalendarName& calendar, const std::string& text, const std::string& file) {
    CalendarSource source;
    source.name = calendar;
    source.file = file;
    source.owned = std::make_shared<const std::string>(text);
    source.text = *source.owned;
    return source;
}

Result<std::vector<CalendarSource>> read_overrides(const std::string& state, const std::string& socket) {
    const std::string directory = directory_of(state);
    if (::access(directory.c_str(), R_OK | X_OK) != 0) {
        if (errno != EACCES) return std::vector<CalendarSource>{};
        return ask_for_overrides(state, socket);
    }
    std::vector<CalendarSource> sources;
    for (const std::string& file : os::glob_files(directory + "/*.toml")) {
        auto source = calendar_source(file);
        if (!source) return tl::unexpected(source.error());
        sources.push_back(std::move(*source));
    }
    return sources;
}

bool add_overrides(ReadContext& context, const std::string& state, const std::string& socket, Errors& problems) {
    auto sources = read_overrides(state, socket);
    if (!sources) {
        problems.push_back(sources.error());
        return false;
    }
    if (sources->empty()) return false;
    auto calendars = std::make_shared<CalendarSet>(*context.calendars);
    for (CalendarSource& source : *sources) calendars->add_override(std::move(source));
    context.calendars = std::move(calendars);
    return true;
}

Result<std::string> with_override(const std::string& before, const CalendarSet& calendars,
                                  const CalendarOverride& override) {
    toml::table file = head(override.calendar);
    if (!before.empty()) {
        Result<toml::table> parsed = parse_toml(before, override.calendar);
        if (!parsed)
            return fail(Error::Kind::refused,
                        fmt::format("the file with the overrides of {} is damaged", override.calendar),
                        "fix or delete it; it is in `calendars` in the state directory");
        file = *std::move(parsed);
    }
    const CalendarSet with_earlier = with_file(calendars, override.calendar, file);
    const bool had = erase(file, override.date);
    if (override.what == CalendarOverride::What::clear) {
        if (!had)
            return fail(Error::Kind::refused,
                        fmt::format("{} {} has no override", override.calendar, to_string(override.date)));
        return has_days(file) ? text_of(file) : std::string();
    }
    const CalendarSet without = with_file(calendars, override.calendar, file);
    const auto hours = hours_for(override, without, with_earlier);
    if (!hours) return tl::unexpected(hours.error());
    if (auto good = check_day(override, *hours, without); !good) return tl::unexpected(good.error());
    set(file, override, *hours);
    return text_of(file);
}

Result<std::string> read_override(const std::string& state, const CalendarName& calendar) {
    const std::string path = file_of(state, calendar);
    if (::access(path.c_str(), F_OK) != 0) return std::string();
    return os::read_file(path, override_bytes_max);
}

Result<void> write_override(const std::string& state, const CalendarName& calendar, const std::string& text) {
    const std::string path = file_of(state, calendar);
    if (text.empty()) return os::remove_tree(path);
    if (auto made = os::make_directories(directory_of(state), 0755); !made) return made;
    return os::write_file(path, text, 0644);
}

}  // namespace mc::app
