// cmd_calendar.cpp — marketcron calendar list, show, sessions, is-open, override, check.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/suggest.h"
#include "calendar/head.h"
#include "cli/table.h"
#include "desk/calendar_overrides.h"
#include "desk/client.h"
#include "desk/json.h"
#include "desk/narrator.h"
#include "desk/open.h"
#include "desk/plan_files.h"
#include "desk/say.h"
#include "os/clock.h"

namespace mc::app {

namespace {

// A configuration is read only if -c names it, or if no built-in or installed calendar has the name.
ResultAll<CalendarPtr> find_calendar(const Args& args, const std::string& name) {
    const auto all = [](Result<CalendarPtr> found) {
        return found.map_error([](Error error) { return Errors{std::move(error)}; });
    };
    if (args.config.empty()) {
        const auto context = context_without_file();
        if (!context) return tl::unexpected(context.error());
        auto found = context->calendars->find(name);
        if (found) return all(std::move(found));
        const auto opened = open_plan(args);
        return all(opened ? opened->plan->calendars->find(name) : std::move(found));
    }
    const auto opened = open_plan(args);
    if (!opened) return tl::unexpected(opened.error());
    return all(opened->plan->calendars->find(name));
}

// With --as-of: the calendar as it was known on that day.
ResultAll<CalendarPtr> find_calendar_as_of(const Args& args, const std::string& name) {
    auto calendar = find_calendar(args, name);
    if (!calendar || !args.has("--as-of")) return calendar;
    const auto day = args.date("--as-of");
    if (!day) return tl::unexpected(Errors{day.error()});
    if (auto known = as_known_on(**calendar, *day)) return known;
    return tl::unexpected(Errors{{Error::Kind::usage,
                                  fmt::format("--as-of cannot be used with {}, because it joins other calendars", name),
                                  "use --as-of with each of these calendars",
                                  {}}});
}

std::string local(Instant t, const Calendar& calendar) { return local_text(t, *calendar.zone()); }

// Whether the date is later than the last one that was compared with published dates.
bool is_by_rule_only(Date d, const Calendar& calendar) { return d > calendar.coverage().trusted_to; }

Json facts_json(const DayFacts& facts, const Calendar& calendar) {
    Json json;
    json["date"] = to_string(facts.date);
    json["calendar"] = calendar.name();
    json["session"] = facts.session != nullptr;
    const Json hours = facts.session ? session_json(*facts.session)
                                     : Json{{"open", nullptr}, {"close", nullptr}, {"breaks", Json::array()}};
    for (const auto& [key, value] : hours.items()) json[key] = value;
    json["reason"] = facts.reason.empty() ? Json(nullptr) : Json(facts.reason);
    json["unscheduled"] = facts.unscheduled;
    json["declared"] = facts.declared ? Json(to_string(*facts.declared)) : Json(nullptr);
    json["tentative"] = facts.tentative;
    json["by_rule_only"] = is_by_rule_only(facts.date, calendar);
    json["doubt"] = facts.doubt.empty() ? Json(nullptr) : Json(facts.doubt);
    return json;
}

// What is uncertain about the date, one line each.
void print_doubts(const DayFacts& facts, const Calendar& calendar) {
    if (facts.tentative) say("  tentative: depends on an announcement that was not made yet\n");
    if (is_by_rule_only(facts.date, calendar))
        say("  by rule only: {} was compared with published dates up to {}\n", calendar.name(),
            to_string(calendar.coverage().trusted_to));
    if (!facts.doubt.empty()) say("  doubtful: {}\n", facts.doubt);
}

void print_facts(const DayFacts& facts, const Calendar& calendar) {
    std::string line = fmt::format("{} {}: ", calendar.name(), to_string(facts.date));
    if (!facts.session) line += facts.week_has_it || facts.apart ? "closed" : "closed, not a trading day of its week";
    else
        line +=
            fmt::format("open {} to {}", local(facts.session->open, calendar), local(facts.session->close, calendar));
    if (facts.session && facts.session->early_close) line += ", early close";
    if (facts.session && facts.session->late_open) line += ", late open";
    if (!facts.reason.empty()) line += ": " + facts.reason;
    if (facts.unscheduled) line += " (unscheduled)";
    if (facts.declared) line += fmt::format(", declared {}", to_string(*facts.declared));
    if (facts.tentative) line += ", tentative";
    say("{}\n", line);
    if (facts.session)
        for (const Span& span : facts.session->breaks)
            say("  break {} to {}\n", local(span.from, calendar), local(span.to, calendar));
    print_doubts(facts, calendar);
}

// What is uncertain about the date, except that it is by rule only; "" if nothing is.
std::string unsure_text(const DayFacts& facts) {
    std::string text = facts.tentative ? "tentative" : "";
    if (!facts.doubt.empty()) text += fmt::format("{}doubtful: {}", text.empty() ? "" : ", ", facts.doubt);
    return text;
}

std::string remarks_of(const DayFacts& facts) {
    std::string text = facts.session->early_close ? "early close" : facts.session->late_open ? "late open" : "";
    const std::string unsure = unsure_text(facts);
    if (!unsure.empty()) text += (text.empty() ? "" : ", ") + unsure;
    return text;
}

Json session_line(const DayFacts& facts, const Calendar& calendar) {
    Json json{{"calendar", calendar.name()}, {"session", to_string(facts.date)}};
    const Json hours = session_json(*facts.session);
    for (const auto& [key, value] : hours.items()) json[key] = value;
    json["early_close"] = facts.session->early_close;
    json["late_open"] = facts.session->late_open;
    json["tentative"] = facts.tentative;
    json["by_rule_only"] = is_by_rule_only(facts.date, calendar);
    json["doubt"] = facts.doubt.empty() ? Json(nullptr) : Json(facts.doubt);
    return json;
}

// To stderr, because programs read all of stdout as CSV.
void note_unsure(const std::vector<DayFacts>& days, const Calendar& calendar) {
    for (const DayFacts& day : days)
        if (const std::string unsure = unsure_text(day); !unsure.empty())
            say(stderr, "note: {} {}: {}, {}\n", calendar.name(), to_string(day.date), day.session ? "open" : "closed",
                unsure);
}

// Also lists the uncertain dates without a session, because they may get one.
void print_sessions(const std::vector<DayFacts>& days, const Calendar& calendar) {
    Table table({"SESSION", "OPEN", "CLOSE", "BREAKS", ""});
    for (const DayFacts& day : days) {
        if (!day.session) continue;
        std::string breaks;
        for (const Span& span : day.session->breaks)
            breaks += fmt::format("{} to {} ", local(span.from, calendar), local(span.to, calendar));
        table.add({to_string(day.date), local(day.session->open, calendar), local(day.session->close, calendar), breaks,
                   remarks_of(day)});
    }
    if (!table.empty()) table.print();
    for (const DayFacts& day : days)
        if (const std::string unsure = unsure_text(day); !day.session && !unsure.empty())
            say("{} is closed, {}{}\n", to_string(day.date), unsure,
                day.reason.empty() ? "" : fmt::format(" ({})", day.reason));
    if (!days.empty() && is_by_rule_only(days.back().date, calendar))
        say("{} was compared with published dates up to {}; later ones are by rule only\n", calendar.name(),
            to_string(calendar.coverage().trusted_to));
}

// "session,open,close,break_start,break_end", UTC; further breaks as further pairs.
void print_csv(const std::vector<DayFacts>& days) {
    std::vector<const Session*> sessions;
    for (const DayFacts& day : days)
        if (day.session) sessions.push_back(day.session);
    std::size_t pairs = 1;
    for (const Session* session : sessions) pairs = std::max(pairs, session->breaks.size());
    std::string head = "session,open,close";
    for (std::size_t i = 0; i < pairs; ++i)
        head += i == 0 ? ",break_start,break_end" : fmt::format(",break_start_{0},break_end_{0}", i + 1);
    say("{}\n", head);
    for (const Session* session : sessions) {
        std::string line =
            fmt::format("{},{},{}", to_string(session->date), to_string(session->open), to_string(session->close));
        for (std::size_t i = 0; i < pairs; ++i)
            line += i < session->breaks.size()
                        ? fmt::format(",{},{}", to_string(session->breaks[i].from), to_string(session->breaks[i].to))
                        : ",,";
        say("{}\n", line);
    }
}

}  // namespace

int cmd_calendar_list(const Args& args) {
    Errors problems;
    std::shared_ptr<const CalendarSet> calendars = make_read_context(&problems).calendars;
    if (!problems.empty()) return report(problems);
    if (!args.config.empty()) {
        const auto opened = open_plan(args);
        if (!opened) return report(opened.error());
        calendars = opened->plan->calendars;
    }
    Table table({"CALENDAR", "FROM", "CHECKED TO", "BY RULE TO", "ZONE", "WHAT"});
    for (const CalendarName& name : calendars->names()) {
        const auto calendar = calendars->find(name);
        if (!calendar) return report(calendar.error());
        const Coverage coverage = (*calendar)->coverage();
        if (args.json)
            print_line(Json{{"calendar", (*calendar)->name()},
                            {"from", to_string(coverage.from)},
                            {"trusted_to", to_string(coverage.trusted_to)},
                            {"to", to_string(coverage.to)},
                            {"timezone", (*calendar)->zone()->name()},
                            {"aliases", (*calendar)->aliases()},
                            {"description", (*calendar)->description()}});
        table.add({(*calendar)->name(), to_string(coverage.from), to_string(coverage.trusted_to),
                   to_string(coverage.to), (*calendar)->zone()->name(), (*calendar)->description()});
    }
    if (!args.json) table.print();
    return 0;
}

int cmd_calendar_show(const Args& args) {
    const auto calendar = find_calendar_as_of(args, args.words[0]);
    if (!calendar) return report(calendar.error());
    Date date = date_of((*calendar)->zone()->to_wall(os::instant_now()));
    if (args.words.size() > 1) {
        const auto given = parse_date(args.words[1]);
        if (!given) return report(given.error());
        date = *given;
    }
    const auto facts = (*calendar)->facts(date);
    if (!facts) return report(facts.error());
    if (args.json) print_line(facts_json(*facts, **calendar));
    else print_facts(*facts, **calendar);
    return 0;
}

int cmd_calendar_sessions(const Args& args) {
    if (args.json && args.has("--csv"))
        return report(Error{Error::Kind::usage, "--json cannot be combined with --csv", "leave one of them out", {}});
    const auto calendar = find_calendar_as_of(args, args.words[0]);
    if (!calendar) return report(calendar.error());
    const auto from = args.date("--from"), to = args.date("--to");
    if (!from) return report(from.error());
    if (!to) return report(to.error());
    if (*to < *from)
        return report(Error{Error::Kind::usage, "--from is after --to", "write the earlier date after --from", {}});
    std::vector<DayFacts> days;
    for (Date date = *from; date <= *to; date += date::days{1}) {
        const auto facts = (*calendar)->facts(date);
        if (!facts) return report(facts.error());
        days.push_back(*facts);
    }
    if (args.has("--csv")) {
        print_csv(days);
        note_unsure(days, **calendar);
        return 0;
    }
    if (!args.json) {
        print_sessions(days, **calendar);
        return 0;
    }
    for (const DayFacts& day : days)
        if (day.session) print_line(session_line(day, **calendar));
    return 0;
}

int cmd_calendar_is_open(const Args& args) {
    const auto calendar = find_calendar(args, args.words[0]);
    if (!calendar) return report(calendar.error());
    Instant when = os::instant_now();
    if (args.words.size() > 1) {
        const auto given = parse_instant(args.words[1]);
        if (!given) return report(given.error());
        when = *given;
    }
    const auto open = (*calendar)->is_open(when);
    if (!open) return report(open.error());
    const auto facts = (*calendar)->facts(date_of((*calendar)->zone()->to_wall(when)));
    const std::string unsure = facts ? unsure_text(*facts) : "";
    if (args.json)
        print_line(Json{{"calendar", (*calendar)->name()},
                        {"time", to_string(when)},
                        {"open", *open},
                        {"unsure", unsure.empty() ? Json(nullptr) : Json(unsure)}});
    else say("{}\n", *open ? "open" : "closed");
    if (!args.json && !unsure.empty())
        say(stderr, "note: {} {}: {}\n", (*calendar)->name(), to_string(facts->date), unsure);
    return *open ? 0 : 1;
}

int cmd_calendar_override(const Args& args) {
    const std::string time = args.words.size() > 3 ? args.words[3] : "";
    const auto date = parse_date(args.words[1]);
    if (!date) return report(date.error());
    if (const auto good = parse_override(CalendarName(args.words[0]), *date, args.words[2], time); !good)
        return report(good.error());
    const auto place = locate_daemon(args);
    if (!place) return report(place.error());
    const Json body{{"calendar", args.words[0]},
                    {"date", args.words[1]},
                    {"what", args.words[2]},
                    {"time", time},
                    {"reason", args.get("--reason")}};
    return act_and_tell(place->socket, "/v1/calendar-override", sent(body));
}

int cmd_calendar_check(const Args& args) {
    const std::string& file = args.words[0];
    auto text = read_calendar_text(file);
    if (!text) return report(text.error());
    std::vector<std::string> others = calendar_files();
    std::erase_if(others, [&](const std::string& other) {
        std::error_code unknown;
        return std::filesystem::equivalent(other, file, unknown);
    });
    const auto calendars = read_context_of(built_in_calendars(), others, nullptr).calendars;
    Errors errors;
    const auto head = read_calendar_head(*text, file);
    if (head) errors = words_of_others(*head, *calendars);
    CalendarSource source;
    source.file = file;
    source.owned = std::make_shared<const std::string>(std::move(*text));
    check_source(source, *calendars, *calendars, errors);
    if (!errors.empty()) return report(errors);
    say("{}: good\n", file);
    return 0;
}

}  // namespace mc::app
