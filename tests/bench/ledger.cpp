// ledger.cpp — the queries of a ledger of ten million runs: seven years of five hundred jobs.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <random>
#include <stdexcept>

#include "base/toml.h"
#include "bench/bench.h"
#include "bench/process.h"
#include "bench/stopwatch.h"
#include "explain/why.h"
#include "store/open_store.h"
#include "store/sqlite.h"
#include "support/context.h"

namespace mc::bench {

namespace {

constexpr int desk_jobs = 500, fires_a_session = 11, sessions = 1819, processes = 20;
constexpr int runs_in_all = desk_jobs * fires_a_session * sessions;
constexpr std::size_t questions = 100, shown = 20;
const Instant after_all = *parse_instant("2026-11-21T12:00:00Z");

template <class T>
T good(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().text());
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// Hourly from 8 to 18 on each session; every second job runs after the one before it.
std::string desk(const std::string& state) {
    std::string text = fmt::format(
        "[daemon]\nstate = \"{}\"\n[defaults]\ncalendar = \"XNYS\"\nwhen = \"session\"\ntimezone = \"UTC\"\n"
        "command = \"true\"\n",
        state);
    for (int i = 0; i < desk_jobs; ++i) {
        text += fmt::format("[job.job{}]\nschedule = \"{} 8-18 * * *\"\n", i, i % 60);
        if (i % 2 == 1) text += fmt::format("after = [\"job{}\"]\n", i - 1);
    }
    return text;
}

std::vector<Date> last_sessions() {
    const CalendarPtr calendar = good(test::read_context().calendars->find("XNYS"));
    std::vector<Date> dates;
    for (Date day = make_date(2026, 11, 20); dates.size() < sessions; day -= date::days{1})
        if (good(calendar->session(day))) dates.push_back(day);
    std::reverse(dates.begin(), dates.end());
    return dates;
}

// Their rows in the order of their fires; two in a hundred have failed.
constexpr const char* fill = R"sql(
WITH RECURSIVE
    hour(hour) AS (SELECT 8 UNION ALL SELECT hour + 1 FROM hour WHERE hour < 18),
    job(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM job WHERE i < 499)
INSERT INTO run (job, key, fire, logical_date, session, origin, state, reason, detail, attempt, attempts_before,
                 started, finished, exit_code, max_rss_bytes, cpu_seconds, fires, ending, batch, batch_width, forced,
                 generation, user)
SELECT 'job' || i, 'cron ' || strftime('%Y-%m-%dT%H:%M:%SZ', fire, 'unixepoch'), fire, day, day, 'live',
       CASE WHEN bad THEN 'failed' ELSE 'success' END, CASE WHEN bad THEN 'exit_code' ELSE '' END,
       CASE WHEN bad THEN 'exit code 1' ELSE '' END, 1, 0, fire, fire + 40, bad, 12582912, 1.5, 1, 'running', 0, 1, 0,
       'd2f1c0a8b7e64f31', 'desk'
FROM (SELECT i, day.value AS day, day.value * 86400 + hour * 3600 + i % 60 * 60 AS fire,
             ((day.value * 24 + hour) * 500 + i) * 2654435761 % 997 < 20 AS bad
      FROM json_each(?1) AS day CROSS JOIN hour CROSS JOIN job)
)sql";

// A ledger made by the program's own store. Its indexes are created after the rows, because that is faster.
void make_ledger(const std::string& path, const std::vector<Date>& dates) {
    good(open_store(path, OpenMode::read_write));
    store::Database database = good(store::Database::open(path, store::Database::Access::read_write));
    good(database.script("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144"));
    std::string drop, make, days;
    good(database.query("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'run' AND sql <> ''",
                        [&](store::Row& row) {
                            std::string name, sql;
                            row.read(name, sql);
                            drop += "DROP INDEX " + name + ";";
                            make += sql + ";";
                        }));
    for (const Date date : dates) days += fmt::format("{}{}", days.empty() ? "" : ",", date.time_since_epoch().count());
    good(database.script(drop.c_str()));
    good(database.run(fill, "[" + days + "]"));
    good(database.script(make.c_str()));
    good(database.run("UPDATE meta SET planned_through = ?1, last_run = (SELECT max(id) FROM run)", after_all));
    good(database.script("PRAGMA journal_mode = WAL"));
}

struct Question {
    std::vector<std::string> words;  // of the command
    RunFilter filter;
};

std::vector<Question> kinds_of_runs(const std::vector<Date>& dates) {
    const Date from = dates[sessions / 2], to = dates[sessions / 2 + 20];
    const std::string from_text = to_string(from), to_text = to_string(to);
    std::vector<Question> kinds{
        {{}, {}},
        {{"job123"}, {{JobName("job123")}}},
        {{"job123", "job7"}, {{JobName("job123"), JobName("job7")}}},
        {{"--state", "failed"}, {{}, {}, {}, State::failed}},
        {{"job123", "--state", "failed"}, {{JobName("job123")}, {}, {}, State::failed}},
        {{"--state", "lost"}, {{}, {}, {}, State::lost}},
        {{"--from", from_text, "--to", to_text}, {{}, from, to}},
        {{"--to", to_text}, {{}, {}, to}},
        {{"--from", from_text, "--to", to_text, "job123"}, {{JobName("job123")}, from, to}},
        {{"--from", from_text, "--to", to_text, "--state", "failed"}, {{}, from, to, State::failed}},
        {{"--to", to_text, "job123"}, {{JobName("job123")}, {}, to}},
    };
    for (Question& kind : kinds) kind.filter.limit = shown;
    return kinds;
}

double median_milliseconds(std::size_t times, const std::function<void(std::size_t)>& once) {
    std::vector<double> milliseconds;
    for (std::size_t i = 0; i < times; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        once(i);
        milliseconds.push_back(seconds_since(begun) * 1000);
    }
    return median(milliseconds);
}

// The slowest kind of question, with its text.
std::pair<double, std::string> slowest(const std::vector<Question>& kinds, std::size_t times,
                                       const std::function<void(const Question&)>& ask) {
    std::pair<double, std::string> slowest{-1, ""};
    for (const Question& kind : kinds) {
        const double taken = median_milliseconds(times, [&](std::size_t) { ask(kind); });
        slowest = std::max(slowest, {taken, fmt::format("`runs {}`", fmt::join(kind.words, " "))});
    }
    return slowest;
}

std::string size_text(const std::string& path, double seconds) {
    return fmt::format("{} to fill {:.1f} GB", amount(seconds, "s"),
                       static_cast<double>(std::filesystem::file_size(path)) / 1e9);
}

}  // namespace

Rows ledger_rows(const std::string& program) {
    const TemporaryDirectory directory;
    const std::string state = directory / "state", config = directory / "desk.toml", output = directory / "output";
    const std::string path = state + "/ledger.db";
    std::filesystem::create_directory(state);
    write(config, desk(state));
    const std::vector<Date> dates = last_sessions();
    const auto begun = std::chrono::steady_clock::now();
    make_ledger(path, dates);
    const std::string size = size_text(path, seconds_since(begun));

    const auto store = good(open_store(path, OpenMode::read_only));
    const auto plan = read_plan({"desk.toml", desk(state)}, test::read_context());
    if (!plan) throw std::runtime_error(plan.error().front().text());
    std::mt19937 chance(20261122);
    std::vector<std::int64_t> ids;
    std::vector<std::pair<std::string, Date>> whys;
    for (std::size_t i = 0; i < questions * shown; ++i)
        ids.push_back(static_cast<std::int64_t>(1 + chance() % runs_in_all));
    for (std::size_t i = 0; i < questions; ++i)
        whys.emplace_back(fmt::format("job{}", chance() % desk_jobs | 1), dates[chance() % sessions]);

    // Reads rows by primary key; one answer needs at least as many as `shown`.
    const auto look = [&](std::size_t i) {
        if (!store->by_id(ids[i]).value()) throw std::runtime_error("a row is missing");
    };
    const double row = median_milliseconds(questions, look);
    const double rows = median_milliseconds(questions, [&](std::size_t i) {
        for (std::size_t n = 0; n < shown; ++n) look(i * shown + n);
    });
    const double bare = median_milliseconds(processes, [](std::size_t) { run_milliseconds({"/bin/true"}); });
    const double parse =
        median_milliseconds(processes, [&](std::size_t) { (void)parse_toml(desk(state), "desk.toml"); });
    const std::string process = fmt::format("{}: /bin/true, and {}: parsing the TOML of {} jobs", amount(bare, "ms"),
                                            amount(parse, "ms"), desk_jobs);

    const double why_here = median_milliseconds(questions, [&](std::size_t i) {
        const auto lines = good(why(*plan, JobName(whys[i].first), whys[i].second, store.get(), after_all));
        if (lines.size() != fires_a_session || !lines.front().run) throw std::runtime_error("why finds no rows");
    });
    const double why_there = median_milliseconds(processes, [&](std::size_t i) {
        run_milliseconds({program, "why", "-c", config, whys[i].first, to_string(whys[i].second)}, output);
    });
    if (lines_in(output) == 0) throw std::runtime_error("why says nothing");
    const std::vector<Question> kinds = kinds_of_runs(dates);
    const auto [runs_here, slow_here] = slowest(kinds, 5, [&](const Question& kind) {
        const std::size_t expected = kind.filter.state == State::lost ? 0 : shown;
        if (good(store->runs(kind.filter)).size() != expected) throw std::runtime_error("runs finds other rows");
    });
    const auto [runs_there, slow_there] = slowest(kinds, 5, [&](const Question& kind) {
        std::vector<std::string> command{program, "runs", "-c", config};
        command.insert(command.end(), kind.words.begin(), kind.words.end());
        run_milliseconds(command, output);
    });
    return {{fmt::format("{:.0f} million runs: `why JOB DATE`, in process", runs_in_all / 1e6), why_here, 5, "ms",
             amount(row, "ms") + ": one row by its key; " + size},
            {"the same: whole process", why_there, 5, "ms", process},
            {fmt::format("the same: the slowest of {} kinds of `runs`, in process", kinds.size()), runs_here, 50, "ms",
             amount(rows, "ms") + ": twenty rows by their keys; " + slow_here},
            {"the same: whole process", runs_there, 50, "ms", process + "; " + slow_there}};
}

}  // namespace mc::bench
