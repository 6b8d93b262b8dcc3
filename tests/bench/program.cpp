// program.cpp — the program: a command, a job at its second, a thousand at once, ten thousand
// that wait.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "base/time.h"
#include "base/toml.h"
#include "bench/bench.h"
#include "bench/daemon.h"
#include "bench/stopwatch.h"
#include "os/files.h"

namespace mc::bench {

namespace {

constexpr int commands = 200, first_starts = 20, burst = 1000, crowd = 10'000, crowd_starts = 3;
constexpr double burst_seconds_most = 60;
constexpr double ahead = 3;  // seconds from a daemon's start to its first fire
constexpr double idle_seconds = 10;

void sleep_seconds(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

// A second at which a daemon started now is ready.
Instant soon() { return Instant{Seconds{static_cast<long>(std::ceil(wall_seconds() + ahead))}}; }

// "2 30 9 22 11 *": this second of this year, in UTC.
std::string cron_of(Instant at) {
    const auto day = date::floor<date::days>(at);
    const date::year_month_day date{day};
    const date::hh_mm_ss<Seconds> time{at - day};
    return fmt::format("{} {} {} {} {} *", time.seconds().count(), time.minutes().count(), time.hours().count(),
                       static_cast<unsigned>(date.day()), static_cast<unsigned>(date.month()));
}

// The seconds that `date +%s.%N` printed into each file; empty files are left out.
std::vector<double> stamps(const std::vector<std::string>& files) {
    std::vector<double> seconds;
    for (const std::string& file : files)
        if (const std::string text = text_of(file); !text.empty())
            seconds.push_back(std::strtod(text.c_str(), nullptr));
    return seconds;
}

double bare_stamp_milliseconds(const TemporaryDirectory& directory) {
    std::vector<double> late;
    for (int i = 0; i < first_starts; ++i) {
        const std::string output = directory / std::to_string(i);
        const double begun = wall_seconds();
        wait_for(start({"/bin/date", "+%s.%N"}, output, {"LC_ALL=C"}));
        late.push_back((stamps({output}).at(0) - begun) * 1000);
        sleep_seconds(0.05);
    }
    return median(late);
}

// The command of each job of the burst: it prints a line, and appends one to a common file.
std::string burst_command(int job, const std::string& lines) {
    return fmt::format("echo {}; echo {} >> {}", job, job, lines);
}

// The burst in two threads that do nothing else. Seconds.
double bare_burst(const TemporaryDirectory& directory) {
    const std::string lines = directory / "lines";
    const auto half = [&](int from) {
        for (int job = from; job < burst; job += 2)
            wait_for(start({"/bin/sh", "-c", burst_command(job, lines)}, directory / "output"));
    };
    const double begun = wall_seconds();
    std::thread other(half, 1);
    half(0);
    other.join();
    return written_at(lines) - begun;
}

std::size_t recorded(const std::string& program, const Daemon& daemon, const TemporaryDirectory& directory) {
    const std::string output = directory / "runs";
    write(output, "");
    run_milliseconds({program, "runs", "-c", daemon.config(), "--json", "--state", "success", "-n", "5000"}, output);
    return lines_in(output);
}

// Ten thousand jobs of a desk, none due within the next hours: they are spread over each minute of the
// half day that begins in six hours, every second one only on sessions.
std::string crowd_jobs() {
    const auto now = std::chrono::time_point_cast<Seconds>(std::chrono::system_clock::now());
    const date::hh_mm_ss<Seconds> time{now - date::floor<date::days>(now)};
    std::string text;
    for (int i = 0; i < crowd; ++i) {
        text += fmt::format("[job.job{}]\nschedule = \"{} {} * * 1-5\"\ntimezone = \"UTC\"\ncommand = \"true {}\"\n", i,
                            i % 60, (time.hours().count() + 6 + i % 12) % 24, i);
        if (i % 2 == 0) text += "calendar = \"XNYS\"\nwhen = \"session\"\n";
    }
    return text;
}

}  // namespace

Rows command_rows(const std::string& program) {
    std::vector<double> ours, bare;
    for (int i = 0; i < commands; ++i) {
        ours.push_back(run_milliseconds({program, "calendar", "is-open", "XNYS"}));
        bare.push_back(run_milliseconds({"/bin/true"}));
    }
    return {
        {"whole process `calendar is-open XNYS`", median(ours), 3, "ms", amount(median(bare), "ms") + ": /bin/true"}};
}

Rows latency_rows(const std::string& program) {
    const TemporaryDirectory directory;
    const double bare = bare_stamp_milliseconds(directory);
    const Daemon daemon(program,
                        "[job.one]\nschedule = \"* * * * * *\"\nenv.LC_ALL = \"C\"\n"
                        "command = [\"/bin/date\", \"+%s.%N\"]\n");
    sleep_seconds(first_starts + 1);
    std::vector<double> late;
    for (const double at : stamps(os::glob_files(daemon.state() + "/runs/*/*.1.output")))
        late.push_back((at - std::floor(at)) * 1000);
    if (late.size() < first_starts / 2) throw std::runtime_error("too few jobs of the latency bench ran");
    return {
        {"first start after the instant, one job, p50", median(late), 2, "ms", amount(bare, "ms") + ": bare spawn"}};
}

Rows burst_rows(const std::string& program) {
    const TemporaryDirectory directory, bare_directory;
    const double bare = bare_burst(bare_directory);
    const Instant at = soon();
    const std::string lines = directory / "lines";
    std::string jobs;
    for (int job = 0; job < burst; ++job)
        jobs += fmt::format("[job.job{}]\nschedule = \"{}\"\ntimezone = \"UTC\"\ncommand = \"{}\"\n", job, cron_of(at),
                            burst_command(job, lines));
    const Daemon daemon(program, jobs);
    if (!holds_within(burst_seconds_most, [&] { return lines_in(lines) == burst; }))
        throw std::runtime_error("the burst did not end");
    const double taken = written_at(lines) - static_cast<double>(at.time_since_epoch().count());
    if (!holds_within(burst_seconds_most, [&] { return recorded(program, daemon, directory) == burst; }))
        throw std::runtime_error("the burst was not recorded");
    return {{fmt::format("{} `sh -c` jobs at one instant, to the last line", burst), taken, 1.5 * bare, "s",
             amount(bare, "s") + ": a loop in two threads"}};
}

Rows crowd_rows(const std::string& program) {
    const std::string jobs = crowd_jobs();
    const auto begun = std::chrono::steady_clock::now();
    const bool parsed = parse_toml(jobs, "desk.toml").has_value();
    const double parse = seconds_since(begun);
    if (!parsed) throw std::runtime_error("the jobs of the crowd are no TOML");

    std::vector<double> ready;
    for (int i = 1; i < crowd_starts; ++i) ready.push_back(Daemon(program, jobs).ready_milliseconds() / 1000);
    const Daemon daemon(program, jobs), lonely(program, "[job.one]\nschedule = \"@yearly\"\ncommand = \"true\"\n");
    ready.push_back(daemon.ready_milliseconds() / 1000);
    sleep_seconds(1);  // the work after a start is done
    const long before = daemon.sleeps();
    sleep_seconds(idle_seconds);
    const auto wakeups = static_cast<double>(daemon.sleeps() - before);
    return {{fmt::format("idle with {} jobs: wakeups in {:.0f} s", crowd, idle_seconds), wakeups, 0, "", "0"},
            {"idle: memory (Pss), keeper and wardens too", daemon.pss_megabytes(), 30, "MB",
             amount(lonely.pss_megabytes(), "MB") + ": a daemon with one job"},
            {"from start to ready", median(ready), 0.3, "s", amount(parse, "s") + ": reading the TOML alone"}};
}

}  // namespace mc::bench
