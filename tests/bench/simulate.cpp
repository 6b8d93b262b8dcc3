// simulate.cpp — a year of a desk of 200 jobs on three exchanges, each with two upstream jobs, with failures and
// an outage; and a diff after a change to a job that fires every few seconds.
#include <fmt/format.h>

#include <stdexcept>

#include "bench/bench.h"
#include "bench/daemon.h"
#include "bench/stopwatch.h"

namespace mc::bench {

namespace {

constexpr int desk_jobs = 200, chain_length = 10, repeats = 3;

// The previous job of the market, and an earlier one.
std::string before(int job) {
    const int far = job / 3 - 1;
    if (far == 0) return fmt::format("[\"job{}\"]", job - 3);
    return fmt::format("[\"job{}\", \"job{}\"]", job - 3, job * 7 % far * 3 + job % 3);
}

// Every tenth job of a market follows its close; the others have two upstream jobs. Every eighth has depends_on_past.
std::string desk(const TemporaryDirectory& directory) {
    constexpr const char* markets[] = {"XNYS", "XLON", "XTKS"};
    std::string text = fmt::format(
        "[daemon]\nstate = \"{}\"\n[pool.database]\nslots = 6\n[slack.ops]\nwebhook_env = \"NONE\"\n"
        "[defaults]\nretries = 2\nretry_delay = \"5m\"\ncatch_up = \"all\"\n"
        "notify = {{ failure = [\"slack:ops\"], late = [\"slack:ops\"] }}\n",
        directory / "state");
    for (int i = 0; i < desk_jobs; ++i) {
        text += fmt::format("[job.job{}]\ncalendar = \"{}\"\ncommand = \"true\"\n", i, markets[i % 3]);
        if (i / 3 % chain_length == 0) text += fmt::format("schedule = \"@close+{}m\"\n", 15 + i / 30);
        else text += fmt::format("after = {}\n", before(i));
        if (i % 8 == 0) text += "depends_on_past = true\n";
        if (i % 5 == 0) text += "pool = \"database\"\n";
        if (i % 7 == 0) text += "deadline = \"23:30\"\n";
    }
    return text;
}

double median_seconds(const std::vector<std::string>& command, const std::string& output) {
    std::vector<double> seconds;
    for (int i = 0; i < repeats; ++i) seconds.push_back(run_milliseconds(command, output) / 1000);
    return median(seconds);
}

// The most frequent job of examples/quickstart.toml: twelve million fires in both files.
Row diff_row(const std::string& program, const TemporaryDirectory& directory) {
    const std::string output = directory / "output";
    const auto file = [&](const char* name, int seconds) {
        write(directory / name,
              fmt::format("[daemon]\nstate = \"{}\"\n[job.heartbeat]\nschedule = \"@every {}s\"\ncommand = \"true\"\n",
                          directory / "state", seconds));
        return directory / name;
    };
    const std::string before = file("before.toml", 5), after = file("after.toml", 6);
    const double differ = median_seconds({program, "diff", before, after}, output);
    if (text_of(output).find("in all, ") == std::string::npos) throw std::runtime_error("nothing was compared");
    const double alike = median_seconds({program, "diff", before, before}, output);
    return {"diff: 400 days of an `@every 5s` that becomes 6s", differ, 1, "s",
            amount(alike, "s") + ": of equal files"};
}

}  // namespace

Rows simulate_rows(const std::string& program) {
    const TemporaryDirectory directory;
    const std::string config = directory / "desk.toml", output = directory / "output";
    write(config, desk(directory));
    const double year =
        median_seconds({program, "simulate", "-c", config, "--from", "2026-01-01", "--to", "2026-12-31", "--fail",
                        "job3@2026-03-04", "--fail", "job1@2026-05-05", "--down", "2026-06-01T00:00..2026-06-03T12:00"},
                       output);
    if (text_of(output).find("in all, ") == std::string::npos) throw std::runtime_error("nothing was simulated");
    const double planner =
        median_seconds({program, "next", "-c", config, "--from", "2026-01-01", "-n", "5000"}, output);
    return {{fmt::format("simulate: a year of {} jobs on three exchanges", desk_jobs), year, 2, "s",
             amount(planner, "s") + ": `next` of its 5000 scheduled fires alone"},
            diff_row(program, directory)};
}

}  // namespace mc::bench
