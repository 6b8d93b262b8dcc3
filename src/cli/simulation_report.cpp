#include "cli/simulation_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/spelling.h"
#include "cli/table.h"
#include "desk/json.h"
#include "desk/narrator.h"
#include "desk/say.h"

namespace mc::app {

namespace {

// Limits of the summary, so that it fits on a screen.
constexpr std::size_t jobs_shown = 20, troubles_shown = 15, late_shown = 5;

// A shared row counts as all the fires that it covers.
std::size_t fires_of(const Run& run) { return static_cast<std::size_t>(run.fires); }

struct JobSum {
    JobName job;
    std::size_t fires = 0;
    std::map<State, std::size_t> states;
    Seconds waited{0}, longest{0};
    Date first, last;
    std::size_t troubles() const {
        const auto good = states.find(State::success);
        return fires - (good == states.end() ? 0 : good->second);
    }
};

// Runs of one job with the same state and reason, other than success.
struct Trouble {
    const Run* first = nullptr;
    const Run* last = nullptr;
    std::size_t count = 0;
};

std::vector<JobSum> sums_of(const Simulated& found) {
    std::map<JobName, JobSum> by_job;
    for (const SimulatedRun& one : found.runs) {
        JobSum& sum = by_job[one.run.job];
        if (sum.fires == 0) sum.first = sum.last = one.run.logical_date;
        sum.job = one.run.job;
        sum.fires += fires_of(one.run);
        sum.states[one.run.state] += fires_of(one.run);
        sum.waited += one.waited.value_or(Seconds{0});
        sum.longest = std::max(sum.longest, one.waited.value_or(Seconds{0}));
        sum.first = std::min(sum.first, one.run.logical_date);
        sum.last = std::max(sum.last, one.run.logical_date);
    }
    std::vector<JobSum> sums;
    for (auto& [name, sum] : by_job) sums.push_back(std::move(sum));
    return sums;
}

std::map<State, std::size_t> states_of(const std::vector<JobSum>& sums) {
    std::map<State, std::size_t> states{{State::success, 0}};
    for (const JobSum& sum : sums)
        for (const auto& [state, count] : sum.states) states[state] += count;
    return states;
}

std::string heading(State state) {
    std::string text(to_text(state));
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

// If there are more jobs than fit, those with the most fires without success are shown.
void print_jobs(std::vector<JobSum> sums, const Plan& plan) {
    const auto states = states_of(sums);
    std::vector<std::string> heads{"JOB", "FIRES"};
    for (const auto& [state, count] : states) heads.push_back(heading(state));
    for (const char* head : {"WAITED", "LONGEST", "FIRST", "LAST"}) heads.emplace_back(head);
    Table table(heads);
    std::size_t left_out = 0, fires = 0, troubles = 0;
    if (sums.size() > jobs_shown)
        std::stable_sort(sums.begin(), sums.end(),
                         [](const JobSum& a, const JobSum& b) { return a.troubles() > b.troubles(); });
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const JobSum& sum = sums[i];
        if (i >= jobs_shown) {
            ++left_out;
            fires += sum.fires;
            troubles += sum.troubles();
            continue;
        }
        std::vector<std::string> cells{plan.title(sum.job), std::to_string(sum.fires)};
        for (const auto& [state, count] : states) {
            const auto own = sum.states.find(state);
            cells.push_back(own == sum.states.end() ? "" : std::to_string(own->second));
        }
        cells.push_back(duration_text(sum.waited));
        cells.push_back(duration_text(sum.longest));
        cells.push_back(to_string(sum.first));
        cells.push_back(to_string(sum.last));
        table.add(std::move(cells));
    }
    table.print();
    if (left_out > 0)
        say("and {} more: {}, {}\n", counted(left_out, "job"), counted(fires, "fire"),
            troubles == 0 ? "all success" : fmt::format("{} not a success", troubles));
}

std::string trouble_text(const Trouble& trouble, const Plan& plan) {
    const Run& run = *trouble.first;
    std::string text = fmt::format("  {} {}", plan.title(run.job), to_string(run.logical_date));
    if (trouble.count > 1)
        text += fmt::format(" to {}, {}", to_string(trouble.last->logical_date), counted(trouble.count, "fire"));
    text += fmt::format(": {}", to_text(run.state));
    if (run.reason != Reason::none && to_text(run.reason) != to_text(run.state))
        text += fmt::format(", {}", to_text(run.reason));
    if (!run.detail.empty()) text += fmt::format(" ({}{})", run.detail, trouble.count > 1 ? ", ..." : "");
    return text;
}

void print_troubles(const Simulated& found, const Plan& plan) {
    std::map<std::tuple<JobName, State, Reason>, std::size_t> known;
    std::vector<Trouble> troubles;  // ordered by their first runs
    for (const SimulatedRun& one : found.runs) {
        const Run& run = one.run;
        if (run.state == State::success) continue;
        const auto [at, fresh] = known.try_emplace({run.job, run.state, run.reason}, troubles.size());
        if (fresh) troubles.push_back({&run, &run, 0});
        Trouble& trouble = troubles[at->second];
        trouble.last = &run;
        trouble.count += fires_of(run);
    }
    if (troubles.empty()) return;
    say("\nnot a success:\n");
    for (std::size_t i = 0; i < std::min(troubles.size(), troubles_shown); ++i)
        say("{}\n", trouble_text(troubles[i], plan));
    if (troubles.size() > troubles_shown)
        say("  and {} more; --all shows each run\n", troubles.size() - troubles_shown);
}

void print_late(const Simulated& found, const Plan& plan) {
    std::size_t late = 0;
    std::string shown;
    for (const SimulatedRun& one : found.runs) {
        if (!one.late || ++late > late_shown) continue;
        shown +=
            fmt::format("{}{} {}", shown.empty() ? "" : ", ", plan.title(one.run.job), to_string(one.run.logical_date));
    }
    if (late > 0) say("late: {}: {}{}\n", late, shown, late > late_shown ? ", ..." : "");
}

void print_messages(const Simulated& found) {
    for (const auto& [target, kinds] : found.messages) {
        int all = 0;
        std::string parts;
        for (const auto& [kind, count] : kinds) {
            all += count;
            parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", count, to_text(kind));
        }
        say("messages to {}: {} ({})\n", target, all, parts);
    }
    for (const auto& [target, count] : found.posts) say("posts to {}: {}\n", target, count);
}

void print_summary(const Simulated& found, const Plan& plan, const SimulationAsked& asked) {
    const std::vector<JobSum> sums = sums_of(found);
    if (sums.empty()) return say("no fire is due from {} to {}\n", to_string(asked.from), to_string(asked.to));
    print_jobs(sums, plan);
    print_troubles(found, plan);
    std::size_t fires = 0;
    std::string parts;
    for (const JobSum& sum : sums) fires += sum.fires;
    for (const auto& [state, count] : states_of(sums)) parts += fmt::format(", {} {}", count, to_text(state));
    say("\nin all, {} to {}: {} of {}{}\n", to_string(asked.from), to_string(asked.to), counted(fires, "fire"),
        counted(sums.size(), "job"), parts);
    if (found.most_at_once > 0) say("at once: {} at most, {}\n", found.most_at_once, to_string(found.most_at));
    print_late(found, plan);
    print_messages(found);
}

Json line_of(const SimulatedRun& one, const Plan& plan) {
    Json json = run_json(titled(one.run, plan));
    json["waited_seconds"] = one.waited ? Json(one.waited->count()) : Json(nullptr);
    json["late"] = one.late;
    return json;
}

void print_each(const Simulated& found, const Plan& plan) {
    Table table({"JOB", "DATE", "FIRE", "STATE", "REASON", "TRY", "WAITED", "TOOK", ""});
    for (const SimulatedRun& one : found.runs) {
        const Run& run = one.run;
        const Job* job = plan.find_job(run.job);
        table.add({plan.title(run.job), to_string(run.logical_date),
                   job ? clock_text(run.fire, *job->schedule.zone) : to_string(run.fire),
                   std::string(to_text(run.state)) + (run.fires > 1 ? fmt::format(" x{}", run.fires) : ""),
                   std::string(to_text(run.reason)), run.attempt ? std::to_string(run.attempt) : "",
                   one.waited ? duration_text(*one.waited) : "",
                   run.attempt && run.started && run.finished ? duration_text(*run.finished - *run.started) : "",
                   one.late ? "late" : ""});
    }
    if (!table.empty()) table.print();
}

}  // namespace

void report_simulation(const Simulated& found, const Plan& plan, const SimulationAsked& asked, Telling telling) {
    switch (telling) {
        case Telling::json:
            for (const SimulatedRun& one : found.runs) print_line(line_of(one, plan));
            return;
        case Telling::each: return print_each(found, plan);
        case Telling::folded: return print_summary(found, plan, asked);
    }
}

}  // namespace mc::app
