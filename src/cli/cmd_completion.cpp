// cmd_completion.cpp — marketcron completion SHELL: prints the scripts, and the names that they ask for when
// Tab is pressed.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/suggest.h"
#include "cli/completion.h"
#include "desk/ledger_view.h"
#include "desk/plan_files.h"
#include "desk/say.h"

namespace mc::app {

namespace {

constexpr std::size_t newest_runs = 20, most_jobs = 200;

void print_lines(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) say("{}\n", line);
}

std::vector<std::string> jobs(const LoadedConfig& opened) {
    std::vector<std::string> names;
    if (ledger_is_closed(opened)) {
        if (const auto coming = view_of_daemon(opened)->next({}, most_jobs))
            for (const Json& fire : coming->fires) names.push_back(fire.value("job", ""));
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        return names;
    }
    for (const auto& [name, job] : opened.plan->jobs) names.push_back(job.shown());
    return names;
}

std::vector<std::string> targets(const LoadedConfig& opened) {
    std::vector<std::string> names;
    for (const auto& [target, channel] : opened.plan->channels)
        if (!target.name().empty()) names.push_back(target.text());
    return names;
}

std::vector<std::string> calendars(const CalendarSet& all) {
    const std::vector<CalendarName> names = all.names();
    return {names.begin(), names.end()};
}

std::vector<std::string> runs(const LoadedConfig& opened) {
    std::vector<std::string> numbers;
    RunFilter filter;
    filter.limit = newest_runs;
    if (const auto found = ledger_view(opened)->runs(filter))
        for (const Run& run : *found) numbers.push_back(std::to_string(run.id));
    return numbers;
}

}  // namespace

int cmd_completion(const Args& args) {
    const std::string& what = args.words[0];
    if (what == "bash") std::fputs(bash_completion(commands()).c_str(), stdout);
    else if (what == "zsh") std::fputs(zsh_completion(commands()).c_str(), stdout);
    else if (what == "fish") std::fputs(fish_completion(commands()).c_str(), stdout);
    else if (what == "jobs" || what == "runs" || what == "targets" || what == "calendars") {
        const auto opened = open_plan(args);
        if (what == "calendars")
            print_lines(calendars(opened ? *opened->plan->calendars : *make_read_context().calendars));
        else if (!opened) return report(opened.error());
        else print_lines(what == "jobs" ? jobs(*opened) : what == "runs" ? runs(*opened) : targets(*opened));
    } else {
        const std::vector<std::string> shells{"bash", "zsh", "fish"};
        return report(
            Error{Error::Kind::usage, fmt::format("no completions for `{}`", what), did_you_mean(what, shells), {}});
    }
    return 0;
}

}  // namespace mc::app
