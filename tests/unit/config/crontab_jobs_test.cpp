// The jobs of crontabs in a plan.
#include "config/crontab_jobs.h"

#include <catch2/catch.hpp>

#include "unit/config/world.h"

using namespace mc;

namespace {

CrontabFile system_table(const std::string& text) { return {"/etc/crontab", {true, ""}, text, ""}; }

Plan plan_of(const std::vector<CrontabFile>& files) {
    const ReadContext context = test::context();
    Plan plan = read_plan({"/desk.toml", "[crontab]\nfiles = [\"/etc/crontab\"]\n"}, context).value();
    add_crontab_jobs(plan, files, context.host_zone);
    return plan;
}

const Job& job_at(const Plan& plan, const std::string& title) {
    const Job* job = plan.find_job(title);
    REQUIRE(job != nullptr);
    return *job;
}

std::string filled(const Template& text, const Job& job) {
    RunFacts facts;
    facts.job = job.name;
    facts.zone = job.schedule.zone;
    return text.fill(facts, *test::context().calendars).value();
}

}  // namespace

TEST_CASE("a crontab's job runs as under cron") {
    const Plan plan =
        plan_of({system_table("SHELL=/bin/bash\nHOME=/data\nX={{y}}\nCRON_TZ=Asia/Tokyo\nRANDOM_DELAY=3\nUSER=no\n"
                              "30 4 * * 1-5 www-data load {{z}}%in\n")});
    const Job& job = job_at(plan, "/etc/crontab:7");
    CHECK(job.user == "www-data");
    CHECK(job.shell == "/bin/bash");
    CHECK(job.overlap == Overlap::allow);
    CHECK(job.catch_up == CatchUp::none);
    CHECK(job.schedule.zone->name() == "Asia/Tokyo");
    CHECK(job.schedule.jitter == Seconds{180});
    CHECK(filled(std::get<ShellCommand>(job.action).text, job) == "load {{z}}");
    CHECK(filled(*job.stdin_text, job) == "in\n");
    CHECK(filled(*job.cwd, job) == "/data");
    CHECK(filled(job.env.at("X"), job) == "{{y}}");
    CHECK(filled(job.env.at("PATH"), job) == "/usr/bin:/bin:/usr/sbin:/sbin");
    CHECK(job.env.count("USER") == 0);
}

TEST_CASE("a job stays the same when other lines are added or removed; equal lines are numbered") {
    const Plan before = plan_of({system_table("0 1 * * * root a\n0 1 * * * root a\n")});
    const Plan after = plan_of({system_table("# more\n0 2 * * * root b\n0 1 * * * root a\n0 1 * * * root a\n")});
    CHECK(job_at(before, "/etc/crontab:1").name == job_at(after, "/etc/crontab:3").name);
    CHECK(job_at(before, "/etc/crontab:2").name == job_at(after, "/etc/crontab:4").name);
    CHECK(job_at(before, "/etc/crontab:1").name != job_at(before, "/etc/crontab:2").name);
    CHECK(after.jobs.size() == 3);
    CHECK(before.generation != after.generation);
    CrontabFile elsewhere = system_table("0 1 * * * root a\n");
    elsewhere.path = "/etc/cron.d/x";
    CHECK(job_at(plan_of({elsewhere}), "/etc/cron.d/x:1").name != job_at(before, "/etc/crontab:1").name);
    CHECK(before.title(job_at(before, "/etc/crontab:1").name) == "/etc/crontab:1");
    CHECK(before.title(JobName("gone")) == "gone");
}

TEST_CASE("its schedule can be stored and read again, also a drawn one") {
    const Plan plan = plan_of({system_table("~ 3 * * * root a\n@reboot root b\n")});
    for (const auto& [name, job] : plan.jobs) {
        const auto stored = read_schedule(schedule_text(job, plan), test::context());
        REQUIRE(stored);
        CHECK(stored->schedule.schedules.size() == 1);
        const Instant now = parse_instant("2026-11-20T00:00:00Z").value();
        CHECK(next_fires(stored->schedule, *stored->calendars, now, now + Seconds{3 * 86400}).value() ==
              next_fires(job.schedule, *plan.calendars, now, now + Seconds{3 * 86400}).value());
    }
}

TEST_CASE("bad lines, unknown zones and ignored files are warnings, and the other jobs run") {
    CrontabFile ignored = system_table("0 1 * * * root x\n");
    ignored.path = "/etc/cron.d/x";
    ignored.ignored = "users other than its owner can write it";
    const Plan plan =
        plan_of({system_table("MAILTO=<ops>\n0 1 * * * root a\n0 25 * * * root b\nCRON_TZ=Mars/Base\n0 2 * * * root c\n"
                              "RANDOM_DELAY=x\nCRON_TZ=\n0 3 * * * root d\n"),
                 ignored});
    CHECK(plan.jobs.size() == 2);
    std::vector<std::string> texts;
    for (const Warning& warning : plan.warnings) texts.push_back(warning.text());
    REQUIRE(texts.size() == 5);
    CHECK(texts[0].starts_with("/etc/crontab:3:1: warning: "));
    CHECK(texts[1].starts_with("/etc/crontab:2:1: warning: MAILTO=<ops> is not a mail address"));
    CHECK(texts[2].starts_with("/etc/crontab:5:1: warning: "));
    CHECK(texts[2].find("Mars/Base") != std::string::npos);
    CHECK(texts[3].starts_with("/etc/crontab:8:1: warning: RANDOM_DELAY=x"));
    CHECK(texts[4] == "/etc/cron.d/x: warning: ignored: users other than its owner can write it");
}

TEST_CASE("an invalid MAILFROM is reported once") {
    const Plan plan =
        plan_of({system_table("MAILTO=ops\nMAILFROM=Ops<o@x.com>\n0 4 * * * root e\n0 5 * * * root f\n")});
    REQUIRE(plan.warnings.size() == 1);
    CHECK(
        plan.warnings[0].text().starts_with("/etc/crontab:3:1: warning: MAILFROM=Ops<o@x.com> is not a mail address"));
    CHECK(job_at(plan, "/etc/crontab:3").cron_mail->from.empty());
}

TEST_CASE("the addressees of a line's output, and its sender") {
    const Plan plan = plan_of({system_table(
        "0 1 * * * ann a\nMAILTO=\n0 1 * * * ann b\nMAILTO=x@example.com, y\nMAILFROM=$LOGNAME@example.com\n"
        "CONTENT_TYPE=text/html\nCONTENT_TRANSFER_ENCODING=base64\n0 1 * * * ann -n echo 50\\%\n"
        "MAILTO=${TEAM}@example.com\n0 1 * * * ann d\nTEAM=desk\n0 1 * * * ann e\nMAILTO=-f\n0 1 * * * ann f\n")});
    using Targets = std::vector<std::string>;
    const auto output = [&](const char* place) {
        const std::vector<Target>& found = job_at(plan, place).rules().output;
        return Targets(found.begin(), found.end());
    };
    CHECK(output("/etc/crontab:1") == Targets{"mail:ann"});
    CHECK(output("/etc/crontab:3").empty());
    CHECK(output("/etc/crontab:8") == Targets{"mail:x@example.com", "mail:y"});
    CHECK(*job_at(plan, "/etc/crontab:8").cron_mail ==
          CronMail{"ann", "echo 50%", "ann@example.com", "text/html", "base64", true});
    CHECK(output("/etc/crontab:10").empty());  // "@example.com"
    CHECK(output("/etc/crontab:12") == Targets{"mail:desk@example.com"});
    CHECK(output("/etc/crontab:14").empty());
}

TEST_CASE("a line of an unknown user is left out, and the plan changes when the user appears") {
    CrontabFile table = system_table("0 1 * * * ann x\n0 2 * * * root y\n");
    const Plan known = plan_of({table});
    table.unknown_users = {"ann"};
    const Plan unknown = plan_of({table});
    CHECK(known.jobs.size() == 2);
    CHECK(unknown.jobs.size() == 1);
    REQUIRE(unknown.warnings.size() == 1);
    CHECK(unknown.warnings[0].text() ==
          "/etc/crontab:1:1: warning: left out: user ann not found; its jobs run once the user exists");
    CHECK(known.generation != unknown.generation);
}
