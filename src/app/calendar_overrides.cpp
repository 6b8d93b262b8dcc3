#include "app/calendar_overrides.h"

#include <fmt/format.h>
#include <unistd.h>

#include <sstream>

#include "app/plan_files.h"
#include "base/toml.h"
#include "calendar/check.h"
#include "calendar/day_rule.h"
#include "os/files.h"

namespace mc::app {

namespace {

constexpr std::size_t override_bytes_max = 1'000'000;
constexpr const char* of_closed = "closed";
constexpr const char* of_sessions = "extra_sessions";

std::string directory_of(const std::string& state) { return state + "/calendars"; }

std::string file_of(const std::string& state, const std::string& calendar) {
    std::string name;
    for (const char c : calendar) name += c == '/' ? '-' : 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return fmt::format("{}/{}.toml", directory_of(state), name);
}

toml::table head(const std::string& calendar) { return toml::table{{"name", calendar}, {"extends", calendar}}; }

toml::table day_of(const CalendarOverride& override) {
    const date::year_month_day declared = civil(override.declared);
    toml::table day{
        {"name", override.reason.empty() ? "changed by hand" : override.reason},
        {"unscheduled", true},
        {"declared", toml::date{int{declared.year()}, unsigned{declared.month()}, unsigned{declared.day()}}}};
    if (override.time)
        day.insert(override.what == CalendarOverride::What::open ? "open" : "close", day_time_text(*override.time));
    day.is_inline(true);
    return day;
}

void set(toml::table& file, const CalendarOverride& override) {
    const std::string section = override.what == CalendarOverride::What::closed ? of_closed : of_sessions;
    if (!file.contains(section)) file.insert(section, toml::table{});
    file[section].as_table()->insert_or_assign(to_string(override.date), day_of(override));
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

// What is wrong with that day alone, on the calendar as its files have it.
Result<void> check_day(const CalendarOverride& override) {
    toml::table alone = head(override.calendar);
    set(alone, override);
    const auto calendars = make_read_context().calendars;
    const auto extended = [&](std::string_view name) -> Result<std::shared_ptr<const CalendarRules>> {
        const auto calendar = calendars->find(name);
        if (!calendar) return tl::unexpected(calendar.error());
        return (*calendar)->rules();
    };
    const auto calendar = calendars->find(override.calendar);
    if (!calendar) return tl::unexpected(calendar.error());
    const auto facts = (*calendar)->facts(override.date);
    if (!facts) return tl::unexpected(facts.error());
    const auto refuse = [&](const char* why, const char* hint) {
        return fail(Error::Kind::refused, fmt::format("{} {} {}", override.calendar, to_string(override.date), why),
                    hint);
    };
    if (override.what == CalendarOverride::What::closed && !facts->session) return refuse("is no session already", "");
    if (override.what == CalendarOverride::What::open && facts->session && !override.time)
        return refuse("is a session already", "");
    if (override.what == CalendarOverride::What::close && !facts->session)
        return refuse("is no session", "open it first");
    const auto good = check_calendar(text_of(alone), "the override", calendars->zones(), extended);
    if (good) return {};
    return fail(Error::Kind::refused, good.error().front().what, good.error().front().hint);
}

}  // namespace

Result<CalendarOverride> parse_override(const std::string& calendar, Date date, const std::string& what,
                                        const std::string& time) {
    using What = CalendarOverride::What;
    static const std::map<std::string, What> words{
        {"closed", What::closed}, {"open", What::open}, {"close", What::close}, {"clear", What::clear}};
    const auto wrong = [&](const std::string& why) {
        return fail(Error::Kind::usage, why, "write closed, open, open 11:00, close 13:00 or clear");
    };
    const auto found = words.find(what);
    if (found == words.end()) return wrong(fmt::format("`{}` is no change of a session", what));
    CalendarOverride override;
    override.calendar = calendar;
    override.date = date;
    override.what = found->second;
    const bool takes_time = override.what == What::open || override.what == What::close;
    if (!time.empty()) {
        const auto parsed = parse_day_time(time);
        if (!takes_time || !parsed) return wrong(fmt::format("`{} {}` is no change of a session", what, time));
        override.time = *parsed;
    } else if (override.what == What::close) {
        return wrong("`close` wants a time");
    }
    return override;
}

std::string to_text(const CalendarOverride& override) {
    const std::string day = fmt::format("{} {}", override.calendar, to_string(override.date));
    const std::string time = override.time ? day_time_text(*override.time) : "";
    switch (override.what) {
        case CalendarOverride::What::closed: return day + " is closed";
        case CalendarOverride::What::open: return time.empty() ? day + " is open" : day + " opens at " + time;
        case CalendarOverride::What::close: return day + " closes at " + time;
        case CalendarOverride::What::clear: return day + " is as its calendar has it";
    }
    return day;
}

bool add_overrides(ReadContext& context, const std::string& state, Errors* problems) {
    const auto files = os::glob_files(directory_of(state) + "/*.toml");
    if (files.empty()) return false;
    auto calendars = std::make_shared<CalendarSet>(*context.calendars);
    for (const std::string& file : files) {
        auto source = calendar_source(file);
        if (source) calendars->add(std::move(*source));
        else if (problems) problems->push_back(source.error());
    }
    context.calendars = std::move(calendars);
    return true;
}

Result<std::string> write_override(const std::string& state, const CalendarOverride& override) {
    const std::string path = file_of(state, override.calendar);
    std::string before;
    toml::table file = head(override.calendar);
    if (::access(path.c_str(), F_OK) == 0) {
        auto text = os::read_file(path, override_bytes_max);
        if (!text) return tl::unexpected(text.error());
        before = std::move(*text);
        toml::parse_result parsed = toml::parse(before, path);
        if (!parsed) return fail(Error::Kind::refused, fmt::format("{} is damaged", path), "mend it, or take it away");
        file = std::move(parsed).table();
    }
    const bool had = erase(file, override.date);
    if (override.what == CalendarOverride::What::clear) {
        if (!had)
            return fail(Error::Kind::refused,
                        fmt::format("{} {} has no override", override.calendar, to_string(override.date)));
    } else {
        if (auto good = check_day(override); !good) return tl::unexpected(good.error());
        set(file, override);
    }
    if (auto made = os::make_directories(directory_of(state), 0755); !made) return tl::unexpected(made.error());
    if (auto written = os::write_file(path, text_of(file), 0644); !written) return tl::unexpected(written.error());
    return before;
}

Result<void> put_back(const std::string& state, const std::string& calendar, const std::string& text) {
    const std::string path = file_of(state, calendar);
    return text.empty() ? os::remove_tree(path) : os::write_file(path, text, 0644);
}

}  // namespace mc::app
