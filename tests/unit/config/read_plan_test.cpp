#include <catch2/catch.hpp>
#include <chrono>

#include "world.h"

using namespace mc;
using namespace mc::test;

namespace {

Plan good(std::string text, const Files& files = {}) {
    ResultAll<Plan> plan = read(std::move(text), files);
    INFO(errors_of(plan));
    REQUIRE(plan);
    return *std::move(plan);
}

std::string shell_text(const Job& job) { return std::get<ShellCommand>(job.action).text.text(); }

}  // namespace

TEST_CASE("absent keys hold the documented defaults") {
    const Job job = good("[job.a]\nschedule = '0 6 * * *'\ncommand = 'true'\n").jobs.at(JobName("a"));
    CHECK(job.enabled);
    CHECK(job.catch_up == CatchUp::none);
    CHECK(job.catch_up_within == date::days{7});
    CHECK(job.grace == Seconds{60});
    CHECK(job.shell == "/bin/sh");
    CHECK(job.kill_after == Seconds{10});
    CHECK(job.overlap == Overlap::skip);
    CHECK(job.success_exit_codes == std::vector<int>{0});
    CHECK(job.schedule.run_for.kind == RunFor::Kind::date);
    CHECK(job.schedule.zone->name() == "Europe/Berlin");  // the host's
}

TEST_CASE("the nearest value wins, tables merge by key, lists replace") {
    const Plan plan = good(R"(
        [defaults]
        calendar = "NYSE"
        retries = 1
        timeout = "1h"
        tags = ["all"]
        env = { A = "default", B = "default", C = "default" }
        notify = { failure = ["slack:ops"], late = ["slack:ops"] }
        slack = { to = "ops" }
        [group.etl]
        retries = 2
        tags = ["etl", "nightly"]
        env = { B = "group", C = "group" }
        [slack.ops]
        webhook_env = "OPS"
        [slack.desk]
        webhook_env = "DESK"
        [job.near]
        group = "etl"
        schedule = "@close"
        command = "near"
        retries = 3
        env = { C = "job" }
        notify = { failure = "slack:desk", missed = [] }
        [job.far]
        schedule = "0 6 * * *"
        command = "far"
        calendar = "none"
        timezone = "Asia/Tokyo"
        [job.quiet]
        schedule = "@close"
        notify = { failure = [] }
        slack = { text = "closed" }
    )");
    const Job& near = plan.jobs.at(JobName("near"));
    CHECK(near.retries == 3);
    CHECK(*near.timeout == std::chrono::hours{1});
    CHECK(near.tags == std::vector<std::string>{"etl", "nightly"});
    CHECK(near.env.at("A").text() + near.env.at("B").text() + near.env.at("C").text() == "defaultgroupjob");
    CHECK(near.rules().failure == std::vector{Target("slack", "desk")});
    CHECK(near.rules().late == std::vector{Target("slack", "ops")});
    CHECK(near.schedule.calendar == "XNYS");
    CHECK(near.schedule.zone->name() == "America/New_York");
    CHECK(near.schedule.run_for.kind == RunFor::Kind::session);
    CHECK(shell_text(near) == "near");

    const Job& far = plan.jobs.at(JobName("far"));
    CHECK(far.retries == 1);
    CHECK(far.tags == std::vector<std::string>{"all"});
    CHECK(far.schedule.calendar.empty());
    CHECK(far.schedule.zone->name() == "Asia/Tokyo");
    CHECK(far.schedule.run_for.kind == RunFor::Kind::date);

    const Job& quiet = plan.jobs.at(JobName("quiet"));
    CHECK(quiet.rules().failure.empty());
    CHECK(std::get<SlackPost>(quiet.action).to == "ops");
    CHECK(std::get<SlackPost>(quiet.action).text.text() == "closed");
}

TEST_CASE("a timezone of a group or [defaults] still overrides the calendar's") {
    const Plan plan =
        good("[defaults]\ntimezone = 'UTC'\n[job.a]\ncalendar = 'XTKS'\nschedule = '@open'\ncommand = 'x'\n");
    CHECK(plan.jobs.at(JobName("a")).schedule.zone->name() == "UTC");
}

TEST_CASE("[defaults] may set a group") {
    const Plan plan =
        good("[defaults]\ngroup = 'g'\n[group.g]\nretries = 7\n[job.a]\nschedule = '0 6 * * *'\ncommand = 'x'\n");
    CHECK(plan.jobs.at(JobName("a")).retries == 7);
    CHECK(plan.jobs.at(JobName("a")).group == "g");
}

TEST_CASE("every key of a job is read") {
    const Plan plan = good(R"(
        [pool.db]
        slots = 4
        [daemon]
        state = "state"
        socket = "/run/x/control"
        capacity = { memory = "64G", cpus = 16 }
        keep_runs = "7y"
        keep_output = "90d"
        max_output = "1M"
        [job.all]
        description = "d"
        owner = "o"
        runbook = "https://wiki.example.com"
        enabled = false
        calendar = "XNYS"
        schedule = ["@close+15m", "0 6 15 * *"]
        when = "session"
        run_for = "session-2"
        roll = "modified_following"
        jitter = "5m"
        dst_gap = "skip"
        dst_overlap = "both"
        catch_up = "all"
        catch_up_within = "2d"
        grace = "2m"
        latest_only = true
        wait_until = "09:00"
        not_after = "+2h"
        deadline = "@close+6h"
        command = ["/bin/prog", "{{session}}", ""]
        shell = "/bin/bash"
        user = "etl"
        cwd = "work"
        env_file = "../etl.env"
        secret_env = { TOKEN = "secrets/token" }
        umask = 0o027
        stdin = "yes"
        nice = -5
        retries = 2
        retry_delay = "5m"
        retry_backoff = 2
        retry_max_delay = "1h"
        timeout = "2h"
        kill_after = "30s"
        success_exit_codes = [0, 1]
        skip_exit_codes = [99]
        retry_lost = true
        overlap = "queue"
        pool = "db"
        priority = -3
        memory = "8G"
        cpus = 0.5
    )");
    const Job& job = plan.jobs.at(JobName("all"));
    CHECK_FALSE(job.enabled);
    CHECK(job.schedule.schedules.size() == 2);
    CHECK(job.schedule.run_for == RunFor{RunFor::Kind::session_offset, -2});
    CHECK(job.schedule.roll == Roll::modified_following);
    CHECK(job.schedule.jitter == Seconds{300});
    CHECK(*job.schedule.dst_gap == GapRule::skip);
    CHECK(*job.schedule.dst_overlap == OverlapRule::both);
    CHECK(job.catch_up == CatchUp::all);
    CHECK(job.latest_only);
    CHECK(job.not_after->text == "+2h");
    CHECK(std::get<ExecCommand>(job.action).argv.size() == 3);
    CHECK(job.cwd->text() == "/home/desk/work");
    CHECK(job.env_file == "/home/etl.env");
    CHECK(job.secret_env.at("TOKEN") == "/home/desk/secrets/token");
    CHECK(*job.umask == 027);
    CHECK(job.stdin_text->text() == "yes");
    CHECK(job.retry_backoff == 2.0);
    CHECK(job.success_exit_codes == std::vector<int>{0, 1});
    CHECK(job.overlap == Overlap::queue);
    CHECK(job.pool == "db");
    CHECK(job.priority == -3);
    CHECK(*job.memory == 8ULL << 30);
    CHECK(*job.cpus == 0.5);
    CHECK(plan.pools.at("db") == 4);
    CHECK(plan.daemon.state == "/home/desk/state");
    CHECK(plan.daemon.socket == "/run/x/control");
    CHECK(*plan.daemon.capacity_memory == 64ULL << 30);
    CHECK(plan.daemon.keep_runs == date::days{7 * 365});
    CHECK(plan.daemon.max_output == 1U << 20);
}

TEST_CASE("a plan without jobs is a warning") {
    const Plan plan = good("# nothing yet\n");
    REQUIRE(plan.warnings.size() == 1);
    CHECK(plan.warnings[0].text() == "jobs.toml: warning: the configuration has no job");
}

TEST_CASE("included files are part of the plan") {
    const Plan plan =
        good("include = ['conf.d/*.toml']\n[job.a]\nschedule = '0 6 * * *'\ncommand = 'a'\n",
             {{"conf.d/1.toml", "[defaults]\nretries = 4\n[job.b]\nschedule = '0 7 * * *'\ncommand = 'b'\n"},
              {"conf.d/2.toml", "include = ['conf.d/1.toml', 'more/*.toml']\n"}});
    CHECK(plan.jobs.size() == 2);
    CHECK(plan.jobs.at(JobName("a")).retries == 4);
    CHECK(plan.jobs.at(JobName("b")).spot == Spot{"conf.d/1.toml", 3, 1});
    CHECK(plan.files == std::vector<std::string>{"jobs.toml", "conf.d/1.toml", "conf.d/2.toml"});
    CHECK(plan.generation.size() == 16);
    CHECK(plan.generation != good("[job.a]\nschedule = '0 6 * * *'\ncommand = 'a'\n").generation);
}

TEST_CASE("your own calendar: with its own rules, or with changed dates") {
    const Plan plan = good(R"(
        [calendar.SHOP]
        timezone = "Europe/London"
        [[calendar.SHOP.week]]
        days = "mon-sat"
        [[calendar.SHOP.hours]]
        open = "09:00"
        close = "17:30"
        [[calendar.SHOP.holiday]]
        name = "Christmas"
        on = "dec 25"
        [calendar.XNYS]
        extends = "XNYS"
        closed = [2026-11-23]
        open = { 2026-11-26 = "We work" }
        [calendar.LATE]
        extends = "XNYS"
        late_open = { 2026-11-24 = "11:00" }
        early_close = { 2026-11-24 = "15:00" }
        [job.a]
        calendar = "shop"
        schedule = "@open"
        command = "true"
    )");
    const auto session = [&](const char* name, int day) {
        return *(*plan.calendars->find(name))->session(make_date(2026, 11, static_cast<unsigned>(day)));
    };
    CHECK(plan.jobs.at(JobName("a")).schedule.zone->name() == "Europe/London");
    CHECK(to_string(session("SHOP", 28)->open) == "2026-11-28T09:00:00Z");
    CHECK(session("SHOP", 29) == nullptr);
    CHECK(session("NYSE", 23) == nullptr);  // a calendar that takes another's name also has its aliases
    CHECK(to_string(session("XNYS", 26)->close) == "2026-11-26T21:00:00Z");
    CHECK(session("LATE", 23) == nullptr);
    CHECK(to_string(session("LATE", 24)->open) == "2026-11-24T16:00:00Z");
    CHECK(to_string(session("LATE", 24)->close) == "2026-11-24T20:00:00Z");
    CHECK((*calendars()->find("XNYS"))->session(make_date(2026, 11, 23)).value() != nullptr);
}

TEST_CASE("your own calendar may have changed days, and changing one end of a session keeps the other") {
    const Plan plan = good(R"(
        [calendar.SHOP]
        timezone = "Europe/London"
        closed = [2026-11-24]
        open = { 2026-11-28 = "Fair" }
        early_close = { 2026-11-25 = "12:00", 2026-11-28 = "13:00" }
        [[calendar.SHOP.hours]]
        open = "09:00"
        close = "17:30"
        [calendar.LATE]
        extends = "XNYS"
        late_open = { 2026-11-27 = "11:00" }
        [job.a]
        calendar = "SHOP"
        schedule = "@open"
        command = "true"
    )");
    const auto session = [&](const char* name, int day) {
        return *(*plan.calendars->find(name))->session(make_date(2026, 11, static_cast<unsigned>(day)));
    };
    CHECK(session("SHOP", 24) == nullptr);
    CHECK(to_string(session("SHOP", 25)->close) == "2026-11-25T12:00:00Z");
    CHECK(to_string(session("SHOP", 28)->close) == "2026-11-28T13:00:00Z");
    CHECK(to_string(session("LATE", 27)->open) == "2026-11-27T16:00:00Z");
    CHECK(to_string(session("LATE", 27)->close) == "2026-11-27T18:00:00Z");  // the day after Thanksgiving
    const auto stored = read_schedule(schedule_text(plan.jobs.at(JobName("a")), plan), context());
    REQUIRE(stored);
    CHECK((*stored->calendars->find("SHOP"))->session(make_date(2026, 11, 24)).value() == nullptr);
}

TEST_CASE("no text of a plan contains a secret") {
    const std::string secret = "https://hooks.slack.com/services/T0/B0/SECRET";
    const Plan plan = good("[slack.ops]\nwebhook = '" + secret +
                           "'\n[job.a]\nschedule = '0 6 * * *'\nslack = { to = 'ops', text = 'x' }\n");
    CHECK(plan.channels.at(Target("slack", "ops"))->secret.value == secret);
    CHECK(schedule_text(plan.jobs.at(JobName("a")), plan).find("SECRET") == std::string::npos);
    for (const char* broken :
         {"webhook = https://h/SECRET", "webhook = \"https://h/SECRET", "webhook = [\"SECRET\"]", "webhook = 'SECRET'",
          "webhook = 'https://h/SECRET' x", "webhook = 'https://h/SECRET'\nwebhook = 'https://h/SECRET'",
          "webhook_file = ''\nwebhook = { url = 'SECRET' }", "webhok = 'SECRET'"}) {
        const std::string errors = errors_of(read(std::string("[slack.ops]\n") + broken + "\n"));
        INFO(errors);
        CHECK(errors != "");
        CHECK(errors.find("SECRET") == std::string::npos);
    }
}

TEST_CASE("ten thousand jobs are read quickly") {
    std::string text = "[defaults]\ncalendar = 'XNYS'\nretries = 1\nenv = { DATA = '/data/{{session}}' }\n";
    for (int i = 0; i < 10'000; ++i)
        text += fmt::format(
            "[job.job{0}]\nschedule = '{1} 6 * * *'\nwhen = 'session'\ncommand = '/opt/run {0} {{{{session}}}}'\n", i,
            i % 60);
    const auto begin = std::chrono::steady_clock::now();
    const ResultAll<Plan> plan = read(text);
    const auto took = std::chrono::steady_clock::now() - begin;
    REQUIRE(plan);
    CHECK(plan->jobs.size() == 10'000);
    WARN(fmt::format("10,000 jobs were read in {} ms",
                     std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
    CHECK(took < std::chrono::seconds{10});  // a limit for debug builds on a busy machine; ./dev bench measures it
}
