// Keys that have no effect where they are written: a warning for each, and none if the key has an effect.
#include <catch2/catch.hpp>

#include "config/job_keys.h"
#include "config/uneven_step.h"
#include "config/warnings.h"
#include "world.h"

using namespace mc;
using namespace mc::test;

namespace {

std::string warnings_of(const std::string& text) {
    const ResultAll<Plan> plan = read(text);
    INFO(text << errors_of(plan));
    REQUIRE(plan);
    std::string out;
    for (const Warning& warning : plan_warnings(*plan, *parse_instant("2026-11-20T12:00:00Z")))
        out += warning.text() + "\n";
    return out;
}

const std::string targets =
    "daemon.notify = ['slack:ops']\n[slack.ops]\nwebhook_env = 'X'\n[job.a]\nschedule = '@hourly'\ncommand = 'x'\n";

// A job downstream of another one, without a schedule.
std::string dependent(const std::string& keys) { return targets + "[job.b]\nafter = ['a']\ncommand = 'x'\n" + keys; }
std::string with_schedule(const std::string& schedule, const std::string& keys) {
    return targets + "[job.b]\nschedule = '" + schedule + "'\ncommand = 'x'\n" + keys;
}

bool warns_of(const std::string& text, const std::string& key) {
    return warnings_of(text).find("job \"b\": `" + key + "` ") != std::string::npos;
}

}  // namespace

TEST_CASE("a key without effect is reported with its place and what to write") {
    CHECK(warnings_of(with_schedule("@daily", "trigger = 'all_done'\n")) ==
          "jobs.toml:10:11: warning: job \"b\": `trigger` has no effect without `after`; write after = [\"JOB\"], or "
          "remove it\n");
}

TEST_CASE("keys of a schedule, without a schedule or with another kind of schedule") {
    for (const char* key : {"grace = '5m'", "catch_up = 'all'", "catch_up_within = '2d'", "jitter = '1m'",
                            "dst_gap = 'skip'", "dst_overlap = 'both'", "overlap = 'kill'", "overlap = 'queue'"}) {
        INFO(key);
        CHECK(warns_of(dependent(key + std::string("\n")), std::string(key).substr(0, std::string(key).find(' '))));
    }
    CHECK(warnings_of(dependent("overlap = 'allow'\ntrigger = 'all_done'\nlatest_only = true\n")) == "");
    for (const char* key : {"grace = '5m'", "catch_up = 'all'", "jitter = '1m'"})
        CHECK(warns_of(with_schedule("@reboot", key + std::string("\n")),
                       std::string(key).substr(0, std::string(key).find(' '))));
    for (const char* schedule : {"@every 5m", "@XNYS.close", "@XNYS.session 09:00"}) {
        CHECK(warns_of(with_schedule(schedule, "dst_gap = 'skip'\n"), "dst_gap"));
        CHECK(warns_of(with_schedule(schedule, "dst_overlap = 'both'\n"), "dst_overlap"));
    }
    CHECK(warnings_of(with_schedule("30 2 * * *", "dst_gap = 'skip'\ndst_overlap = 'both'\njitter = '1m'\n")) == "");
    CHECK(warns_of(with_schedule("@daily", "catch_up_within = '2d'\n"), "catch_up_within"));
    CHECK(warnings_of(with_schedule("@daily", "catch_up_within = '2d'\ncatch_up = 'all'\ngrace = '5m'\n")) == "");
    CHECK(warns_of(with_schedule("@close", "calendar = 'XNYS'\nrun_for = 'date'\n"), "run_for"));
    CHECK(warnings_of(with_schedule("@close", "calendar = 'XNYS'\nrun_for = 'session+1'\n")) == "");
}

TEST_CASE("keys of retries and of a timeout") {
    for (const char* key : {"retry_delay = '5m'", "retry_backoff = 2.0", "retry_max_delay = '1h'"})
        CHECK(warns_of(with_schedule("@daily", key + std::string("\n")),
                       std::string(key).substr(0, std::string(key).find(' '))));
    CHECK(warns_of(with_schedule("@daily", "retries = 2\nretry_backoff = 2.0\n"), "retry_backoff"));
    CHECK(warns_of(with_schedule("@daily", "retries = 2\nretry_delay = '5m'\nretry_max_delay = '1h'\n"),
                   "retry_max_delay"));
    CHECK(warnings_of(with_schedule(
              "@daily", "retries = 2\nretry_delay = '5m'\nretry_backoff = 2.0\nretry_max_delay = '1h'\n")) == "");
    CHECK(warnings_of(with_schedule("@daily", "retry_lost = true\nretry_delay = '5m'\n")) == "");
    CHECK(warns_of(with_schedule("@daily", "kill_after = '5s'\n"), "kill_after"));
    CHECK(warnings_of(with_schedule("@daily", "kill_after = '5s'\ntimeout = '5m'\n")) == "");
    CHECK(warnings_of(with_schedule("@daily", "kill_after = '5s'\noverlap = 'kill'\n")) == "");
}

TEST_CASE("notifications of events that cannot happen") {
    const auto notify = [](const std::string& rules, const std::string& keys = "") {
        return with_schedule("@daily", "notify = { " + rules + " }\n" + keys);
    };
    CHECK(warns_of(notify("late = ['slack:ops']"), "late"));
    CHECK(warns_of(notify("retry = ['slack:ops']"), "retry"));
    CHECK(warns_of(notify("repeat = '4h'"), "repeat"));
    CHECK(warnings_of(notify("late = ['slack:ops'], repeat = '4h'", "deadline = '+2h'\n")) == "");
    CHECK(warnings_of(notify("retry = ['slack:ops'], failure = ['slack:ops'], repeat = '4h'", "retries = 2\n")) == "");
}

TEST_CASE("keys of a command in a message job, and claims without a capacity") {
    const std::string message = targets + "[job.b]\nschedule = '@daily'\nslack = { to = 'ops', text = 'x' }\n";
    for (const char* key : {"kill_after = '5s'", "success_exit_codes = [1]", "skip_exit_codes = [9]", "umask = '022'",
                            "nice = 5", "stdin = 'x'", "shell = '/bin/bash'", "cwd = '/x'", "env = { A = 'x' }",
                            "env_file = '/x'", "secret_env = { A = '/x' }"}) {
        INFO(key);
        CHECK(warns_of(message + key + "\n", std::string(key).substr(0, std::string(key).find(' '))));
    }
    CHECK(warnings_of(message + "cwd = '/x'\nwait = [{ command = 'test -s x' }]\ntimeout = '5m'\nretries = 2\n") == "");
    CHECK(warns_of(with_schedule("@daily", "memory = '1G'\n"), "memory"));
    CHECK(warns_of(with_schedule("@daily", "cpus = 2\n"), "cpus"));
    CHECK(warnings_of("daemon.capacity = { memory = '64G', cpus = 4 }\n" +
                      with_schedule("@daily", "memory = '1G'\ncpus = 2\n")) == "");
}

TEST_CASE("a key from [defaults] or a group is not reported for each job") {
    const std::string above =
        "trigger = 'all_done'\nretry_delay = '5m'\nkill_after = '5s'\ngrace = '5m'\ncatch_up = 'all'\njitter = '1m'\n"
        "dst_gap = 'skip'\nmemory = '1G'\nnotify = { late = ['slack:ops'] }\noverlap = 'queue'\n";
    CHECK(warnings_of(dependent("") + "[defaults]\n" + above) == "");
    CHECK(warnings_of(dependent("group = 'g'\n") + "[group.g]\n" + above) == "");
    // A key from [defaults] or a group gives a job's own key its effect.
    CHECK(warnings_of(dependent("retry_delay = '5m'\n") + "[defaults]\nretries = 2\n") == "");
    CHECK(warnings_of(dependent("enabled = false\ngrace = '5m'\n")) == "");
}

TEST_CASE("keys of [crontab] without crontabs") {
    CHECK(warnings_of(targets + "[crontab]\nnotify = { failure = ['slack:ops'] }\nnames = 'cronie'\n") ==
          "jobs.toml:8:10: warning: `notify` of [crontab] has no effect without `files`, `dirs` or `spool`; remove it\n"
          "jobs.toml:9:9: warning: `names` of [crontab] has no effect without `dirs`; remove it\n");
    CHECK(warnings_of(targets + "[crontab]\ndirs = ['/x']\nnotify = { failure = ['slack:ops'] }\nnames = 'cronie'\n") ==
          "");
}

TEST_CASE("a step that starts again in each period") {
    const auto said = [](const char* cron) { return uneven_step(cron).value_or(""); };
    CHECK(
        said("*/59 * * * *") ==
        "the minute field */59 fires at 0 and 59 and starts again with each hour; for a steady period write schedule = "
        "\"@every 59m\"; write 0-59/59 if this is intended");
    CHECK(said("*/7 * * * *").find("fires at 0, 7, 14 ... 56 and") != std::string::npos);
    CHECK(said("*/90 * * * *").find("fires at 0 only") != std::string::npos);
    CHECK(said("*/25 * * * * *").find("\"@every 25s\"") != std::string::npos);
    CHECK(said("0 */5 * * *").find("\"@every 5h\"") != std::string::npos);
    CHECK(said("0 9 */2 * *").find("when = \"every(2, day, 2026-01-01)\"") != std::string::npos);
    CHECK(said("0 9 1 */5 *").find("when = \"every(5, month, 2026-01-01)\"") != std::string::npos);
    CHECK(said("0 9 * * */2").find("fires at sun, tue, thu and sat") != std::string::npos);
    for (const char* even : {"*/15 * * * *", "0 */6 * * *", "0 0 1 */3 *", "0-59/7 * * * *", "* * * * *", "@daily",
                             "*/1 * * * *", "0,59 * * * *", "*/60 * * * *", "*/10 * * * * *"}) {
        INFO(even);
        CHECK(said(even) == "");
    }
    CHECK(warnings_of(with_schedule("*/59 * * * *", ""))
              .find("jobs.toml:8:12: warning: job \"b\": the minute field */59") == 0);
}

TEST_CASE("a cron schedule of a job with a calendar fires also on days without a session") {
    const auto warned = [](const std::string& keys) {
        return warnings_of("[job.a]\ncalendar = 'XNYS'\ncommand = 'x'\n" + keys);
    };
    CHECK(warned("schedule = '0 18 * * mon-fri'\n") ==
          "jobs.toml:1:1: warning: job \"a\" fires on 10 days of the next year on which XNYS has no session, first on "
          "2026-11-26; write when = \"session\", or when = \"true\" if this is intended\n");
    CHECK(warned("schedule = ['@close', '0 18 26 11 *']\n").find("fires on 1 day of the next year") !=
          std::string::npos);
    CHECK(warned("schedule = '0 18 * * *'\n").find("first on 2026-11-21") != std::string::npos);
    CHECK(warned("schedule = '0 18 * * *'\nwhen = 'session'\n") == "");
    CHECK(warned("schedule = '0 18 * * *'\nwhen = 'true'\n") == "");
    CHECK(warned("schedule = '0 18 * * *'\nroll = 'nearest'\n") == "");
    CHECK(warned("schedule = '@close'\n") == "");
    CHECK(warned("schedule = '@every 1h'\n") == "");
    CHECK(warned("schedule = '0 18 25 11 *'\n") == "");  // a session, this year
    CHECK(warnings_of("[job.a]\nschedule = '0 18 * * *'\ncommand = 'x'\n") == "");
}

TEST_CASE("the example of each key is valid for the key") {
    int count = 0;
    for (const auto& key : job_keys()) {
        if (!key.read) continue;
        const std::string name(key.name);
        std::string job = "[job.a]\n" + std::string(key.example) + "\n";
        if (name != "schedule") job += "schedule = '0 9 * * *'\n";
        if (name != "command" && name != "slack" && name != "http") job += "command = 'x'\n";
        if (name != "calendar") job += "calendar = 'XNYS'\n";
        const std::string rest =
            "[slack.ops]\nwebhook_env = 'X'\n[pool.db]\nslots = 1\n[group.etl]\nnice = 1\n"
            "[job.prices]\nschedule = '@daily'\ncommand = 'x'\n[job.risk]\nschedule = '@daily'\ncommand = 'x'\n";
        INFO(job);
        CHECK(errors_of(read(job + rest)) == "");
        ++count;
    }
    CHECK(count > 50);
}

TEST_CASE("keys that do not fit the job's command, schedule or zone") {
    const auto with = [](const std::string& keys) { return targets + "[job.b]\n" + keys; };
    const std::string daily = "schedule = '@daily'\n", list = "command = ['x']\n";
    const std::string http = "http = { url = 'http://127.0.0.1/x' }\n", slack = "slack = { to = 'ops', text = 'x' }\n";
    CHECK(warns_of(with(daily + list + "shell = '/bin/bash'\n"), "shell"));
    CHECK(warns_of(with(daily + http + "shell = '/bin/bash'\n"), "shell"));
    CHECK(warns_of(with(daily + http + "umask = '022'\n"), "umask"));
    CHECK(warnings_of(with(daily + list + "shell = '/bin/bash'\nwait = [{ command = 'y' }]\n")) == "");
    CHECK(warnings_of(with(daily + "command = 'x'\nshell = '/bin/bash'\numask = '022'\n")) == "");
    CHECK(warns_of(with(daily + slack + "notify = { output = ['slack:ops'] }\n"), "output"));
    CHECK(warns_of(with("schedule = '@reboot'\n" + list + "latest_only = true\n"), "latest_only"));
    for (const char* zone : {"UTC", "Etc/UTC"})
        CHECK(
            warns_of(with("schedule = '30 2 * * *'\ndst_gap = 'skip'\ntimezone = '" + std::string(zone) + "'\n" + list),
                     "dst_gap"));
    CHECK(warnings_of(with("schedule = '30 2 * * *'\ndst_gap = 'skip'\ntimezone = 'Europe/London'\n" + list)) == "");
    CHECK(warns_of(with(daily + list + "wait = [{ file = '/x', poll = '5m', timeout = '1m' }]\n"), "poll"));
    CHECK(warnings_of(with(daily + list + "wait = [{ file = '/x', poll = '1m', timeout = '5m' }]\n")) == "");
    CHECK(warns_of(with(daily + list + "priority = 5\n"), "priority"));
    CHECK(warnings_of(with(daily + list + "priority = 5\npool = 'p'\n[pool.p]\nslots = 2\n")) == "");
    CHECK(warnings_of("daemon.capacity = { memory = '8G' }\n" + with(daily + list + "memory = '5'\n"))
              .find("`memory` is 5 bytes; write a unit") != std::string::npos);
}

TEST_CASE("a pool or a group without a job") {
    CHECK(warnings_of(targets + "[pool.p]\nslots = 2\n[group.g]\nretries = 1\n") ==
          "jobs.toml:7:1: warning: [pool.p] has no effect: no job has pool = \"p\"\n"
          "jobs.toml:9:1: warning: [group.g] has no effect: no job has group = \"g\"\n");
    CHECK(warnings_of(targets + "group = 'g'\npool = 'p'\n[pool.p]\nslots = 2\n[group.g]\n") == "");
}

TEST_CASE("a wait_until that is before every fire has no effect; one that is after some fires has") {
    const auto waits = [](const std::string& until) {
        return warnings_of(with_schedule("0 9,17 * * *", "wait_until = '" + until + "'\n"));
    };
    CHECK(waits("08:00").find("job \"b\": `wait_until` \"08:00\" has no effect: it is never after the fire") !=
          std::string::npos);
    for (const char* until : {"09:30", "08:00+1d", "+2h"}) CHECK(waits(until) == "");
}

TEST_CASE("a format without a %, a zone without summer time") {
    CHECK(
        warnings_of(with_schedule("@daily", "cwd = '/x/{{date:YYYY-MM-DD}}'\n"))
            .find("jobs.toml:10:7: warning: job \"b\": the format of {{date:YYYY-MM-DD}} has no %, and gives the same "
                  "text every day; write letters of strftime, such as %Y%m%d") != std::string::npos);
    for (const char* good : {"{{date:%Y}}", "{{date}}", "{{date: }}", "{{{{date:Y}}"})
        CHECK(warnings_of(with_schedule("@daily", "cwd = '/x/" + std::string(good) + "'\n")) == "");
    CHECK(warnings_of(with_schedule("@daily", "timezone = 'EST'\n")) ==
          "jobs.toml:10:12: warning: timezone \"EST\" has one offset all year, without daylight saving time; write "
          "\"America/New_York\" for the local time of a place\n");
    CHECK(warnings_of("defaults.timezone = 'MST'\n" + with_schedule("@daily", "")).find("jobs.toml:1:21: ") == 0);
    CHECK(warnings_of(with_schedule("@daily", "timezone = 'EST5EDT'\n")) == "");
}
