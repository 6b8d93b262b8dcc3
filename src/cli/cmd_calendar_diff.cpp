// cmd_calendar_diff.cpp — marketcron calendar diff FILE|DIR: shows what calendar files would change if they were in
// /etc/marketcron/calendars: sessions, and the fires of the jobs that use them.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "calendar/check.h"
#include "cli/calendar_report.h"
#include "desk/calendar_overrides.h"
#include "desk/open.h"
#include "desk/plan_files.h"
#include "desk/say.h"
#include "os/clock.h"
#include "os/files.h"

namespace mc::app {

namespace {

// The machine's calendars without and with the new files; both include the changes by `calendar override`.
struct Sides {
    ReadContext before, after;
    std::vector<CalendarName> names;  // of the calendars in the new files
};

Result<std::vector<std::string>> files_of(const std::string& word) {
    std::error_code unknown;
    if (!std::filesystem::is_directory(word, unknown)) return std::vector<std::string>{word};
    const std::vector<std::string> files = os::glob_files(word + "/*.toml");
    if (files.empty())
        return fail(Error::Kind::usage, fmt::format("no .toml file in {}", word), "name a calendar file");
    return files;
}

// The errors that `calendar check` shows for the file; none if it is a valid calendar.
Errors errors_of(const std::string& file, const CalendarSet& calendars) {
    Errors errors;
    auto text = read_calendar_text(file);
    if (!text) return {text.error()};
    CalendarSource source;
    source.file = file;
    source.owned = std::make_shared<const std::string>(std::move(*text));
    check_source(source, calendars, calendars, errors);
    return errors;
}

ResultAll<Sides> read_sides(const std::vector<std::string>& files) {
    const CalendarSet built_in = built_in_calendars();
    Sides sides;
    Errors problems;
    sides.before = read_context_of(built_in, calendar_files(), nullptr);
    for (const std::string& file : files) {
        const auto source = calendar_source(file);
        if (source) sides.names.push_back(source->name);
        else if (const Errors errors = errors_of(file, *sides.before.calendars); !errors.empty())
            problems.insert(problems.end(), errors.begin(), errors.end());
        else problems.push_back(source.error());
    }
    if (problems.empty()) sides.after = read_context_of(built_in, calendar_files(files), &problems);
    if (!problems.empty()) return tl::unexpected(std::move(problems));
    return sides;
}

Result<void> add_changes_by_hand(Sides& sides, const std::string& state, const std::string& socket) {
    const auto sources = read_overrides(state, socket);
    if (!sources) return tl::unexpected(sources.error());
    for (ReadContext* context : {&sides.before, &sides.after}) {
        auto calendars = std::make_shared<CalendarSet>(*context->calendars);
        for (const CalendarSource& source : *sources) calendars->add_override(source);
        context->calendars = std::move(calendars);
    }
    return {};
}

// The configuration of -c, or the default one. Null without -c, if the default one does not exist or cannot be read.
ResultAll<std::shared_ptr<const LoadedConfig>> configuration(const Args& args) {
    const auto path = config_path(args.config);
    if (!path) return std::shared_ptr<const LoadedConfig>();
    if (args.config.empty() && is_systems_file_closed(*path)) {
        say(stderr, "marketcron: cannot read {}: its jobs are not compared\n", *path);
        return std::shared_ptr<const LoadedConfig>();
    }
    auto opened = open_plan(args);
    if (!opened) return tl::unexpected(std::move(opened.error()));
    return std::make_shared<const LoadedConfig>(std::move(*opened));
}

Result<void> print_calendars(const CalendarSet& before, const CalendarSet& after, const Sides& sides,
                             const PlanDiffAsked& asked, Telling telling) {
    const Date today{date::floor<date::days>(asked.now).time_since_epoch()};
    const Date from = asked.from.value_or(today), to = asked.to.value_or(Date::max());
    const auto diffs = diff_calendar_sets(before, after, from, to);
    if (!diffs) return tl::unexpected(diffs.error());
    for (const CalendarDiff& diff : *diffs) print_calendar_diff(diff, telling);
    if (telling == Telling::json) return {};
    for (const CalendarName& name : sides.names) {
        const auto is = after.find(name), was = before.find(name);
        if (!is || !was) continue;
        const auto same = [&](const CalendarDiff& diff) { return diff.after && diff.after == *is; };
        if (std::none_of(diffs->begin(), diffs->end(), same))
            print_calendar_diff(diff_calendars((*is)->name(), *was, *is, from, to), telling);
    }
    return {};
}

// Also compares the configuration's own calendars, because they can extend or join changed ones. The exit status.
int compare(const Sides& sides, const LoadedConfig& opened, const PlanDiffAsked& asked, Telling telling) {
    const auto before = plan_of(opened.path, sides.before), after = plan_of(opened.path, sides.after);
    if (!before) return report(before.error());
    if (!after) {  // the configuration uses a calendar that would be removed
        const auto told = print_calendars(*sides.before.calendars, *sides.after.calendars, sides, asked, telling);
        std::fflush(stdout);
        return told ? report(after.error()) : report(told.error());
    }
    if (const auto told = print_calendars(*(*before)->calendars, *(*after)->calendars, sides, asked, telling); !told)
        return report(told.error());
    const auto ledger = asked.from ? nullptr : ledger_of_fires(opened);  // with --from, all fires count
    PlanDiffAsked of_ledger = asked;
    of_ledger.ledger = ledger.get();
    return report_diff(**before, **after, of_ledger, telling);
}

}  // namespace

int cmd_calendar_diff(const Args& args) {
    const auto asked = diff_asked(args, os::instant_now());
    if (!asked) return report(asked.error());
    const auto files = files_of(args.words.front());
    if (!files) return report(files.error());
    auto sides = read_sides(*files);
    if (!sides) return report(sides.error());
    const auto opened = configuration(args);
    if (opened && *opened) {
        // open_plan() has reported the overrides that cannot be read.
        (void)add_changes_by_hand(*sides, (*opened)->state, (*opened)->socket);
        return compare(*sides, **opened, *asked, telling_of(args));
    }
    if (const auto path = config_path(args.config))
        if (const auto added = add_changes_by_hand(*sides, default_state(*path), default_socket(*path)); !added)
            report(added.error());
    const auto told =
        print_calendars(*sides->before.calendars, *sides->after.calendars, *sides, *asked, telling_of(args));
    if (!told) return report(told.error());
    return opened ? 0 : report(opened.error());
}

}  // namespace mc::app
