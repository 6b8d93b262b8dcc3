// A crontab as a file that a person would have written.
#include "crontab/import.h"

#include <catch2/catch.hpp>

#include "crontab/anacrontab.h"
#include "crontab/job_name.h"
#include "crontab/lift.h"
#include "crontab/timer_unit.h"
#include "support/zones.h"

using namespace mc;

namespace {

std::string imported(const std::string& text) {
    const std::string file = import_crontabs({{"table", parse_crontab(text, {false, ""}, "table")}}, test::zone);
    return file.substr(file.find("# ---- table\n") + 13);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a job has the name of its program") {
    CHECK(job_name_of("/usr/local/bin/backup.sh --full >/var/log/x 2>&1") == "backup");
    CHECK(job_name_of("test -x /opt/a || { cd / && run-parts --report /etc/cron.daily; }") == "cron-daily");
    CHECK(job_name_of("cd /opt/etl && ENV=/x python3 -u load_bars.py 1") == "load_bars");
    CHECK(job_name_of("is_trading_day && /opt/risk/report.sh") == "report");
    CHECK(job_name_of("sudo -n /opt/x") == "x");
    CHECK(job_name_of("[ -e /x ] && \"/opt/my load.sh\"") == "my");
    CHECK(job_name_of("{ }") == "job");
    CHECK(job_name_of("") == "job");
}

TEST_CASE("wrappers become keys, where the rest means the same without them") {
    const LiftedCommand all =
        lift_wrappers("cd /data && flock -n /tmp/l timeout -k 30 2h nice -n 5 ./load 'a;b' > /dev/null 2>&1");
    CHECK(all.command == "./load 'a;b'");
    CHECK(all.cwd == "/data");
    CHECK(all.lock == "/tmp/l");
    CHECK(all.timeout == "2h");
    CHECK(all.kill_after == "30s");
    CHECK(all.nice == 5);
    CHECK(lift_wrappers("nice ./x").nice == 10);
    CHECK(lift_wrappers("./a 1>/dev/null 2>&1").command == "./a");
    CHECK(lift_wrappers("./a >>/dev/null 2>&1").command == "./a");
    CHECK(lift_wrappers("nice -15 ./x").nice == 15);
    for (const std::string kept : {"cd /data && ./a; ./b",
                                   "cd /data && ./a || ./b",
                                   "cd $HOME && ./a",
                                   "cd data && ./a",
                                   "flock /tmp/l ./a",
                                   "flock -n /tmp/l -c './a'",
                                   "flock -n /tmp/l ./a && ./b",
                                   "timeout 1.5h ./a",
                                   "timeout -s KILL 5 ./a",
                                   "nice -n 5 ./a | ./b",
                                   "./a &>/dev/null",
                                   "timeout 10 ./a &> /tmp/log",
                                   "flock -n /l ./a &>/dev/null",
                                   "./a 2>/dev/null 2>/dev/null",
                                   "./a 2> /dev/null 2> /dev/null",
                                   "./a &>/dev/null 2>&1",
                                   "./a>/dev/null 2>&1",
                                   "timeout 999999999d ./a",
                                   "./a; ./b >/dev/null 2>&1",
                                   "./a `b` >/dev/null 2>&1"})
        CHECK(lift_wrappers(kept).command == kept);
}

TEST_CASE("a table becomes a file") {
    CHECK(imported("# about\n\n# the load\n0 3 * * * flock -n /l /opt/load\nCRON_TZ=Asia/Tokyo\nRANDOM_DELAY=5\n"
                   "@daily /opt/load%a{{b\n# end\n") ==
          "\n# about\n\n# the load\n# /l is no longer locked: overlap says the same, unless others than cron lock it "
          "too\n[job.load]\nschedule = \"0 3 * * *\"\ncommand = \"/opt/load\"\noverlap = \"skip\"\n"
          "\n[job.load-2]\nschedule = \"@daily\"\ntimezone = \"Asia/Tokyo\"\njitter = \"5m\"\ncommand = \"/opt/load\"\n"
          "stdin = \"a{{{{b\\n\"\n\n# end\n");
}

TEST_CASE("what cannot be said the same way is remarked") {
    const std::string shared = imported("0 3 * * * flock -n /l ./a\n0 4 * * * flock -n /l ./b\n");
    CHECK(contains(shared, "# other lines wait for /l too"));
    CHECK(contains(shared, "command = \"flock -n /l ./a\""));
    CHECK(contains(imported("MAILTO=<ops>\n0 3 * * * ./a\n"), "# MAILTO=<ops> is no mail address"));
    CHECK(contains(imported("MAILTO=ops\n0 3 * * * -n ./a\n"), "# cron mailed a failure that printed something"));
    CHECK(contains(imported("MAILTO=ops\nMAILFROM=x\n0 3 * * * ./a\n"), "# MAILFROM=x is left out"));
    CHECK(contains(imported("0=x\n0 3 * * * ./a\n"), "# the setting 0=x is none that a file of ours can have"));
    CHECK(contains(imported("0 3 * * * is_trading_day && ./a\n"), "when = \"session\" says the same"));
    CHECK(contains(imported("CRON_TZ=Mars/Base\n0 3 * * * ./a\n"), "# line 2 is left out: "));
    CHECK(contains(imported("0 25 * * * ./a\n"), "# line 1 is left out: "));
    CHECK(contains(imported("RANDOM_DELAY=x\n0 3 * * * ./a\n"), "# RANDOM_DELAY=x is no number of minutes"));
}

TEST_CASE("a lock that any other line speaks of stays") {
    const std::string file = imported("0 3 * * * flock -n /tmp/q ./a\n0 4 * * * flock /tmp/q ./b\n");
    CHECK(contains(file, "command = \"flock -n /tmp/q ./a\""));
    CHECK_FALSE(contains(file, "overlap = \"skip\""));
    CHECK(contains(imported("0 3 * * * flock -n /tmp/q ./a\n"), "# /tmp/q is no longer locked"));
}

TEST_CASE("what TOML cannot hold is remarked, or left out by name") {
    const std::string file =
        imported("# \xfc\x01\r\n0 1 * * * ./a \xff\nX=\xff\nSHELL=\nHOME=rel\n0 2 * * * %in\n\r\n");
    CHECK(contains(file, "# ???\n"));
    CHECK(contains(file, "# line 2 is left out: it has bytes that are no UTF-8"));
    CHECK(contains(file, "command = \":\""));
    CHECK(contains(file, "# SHELL is empty"));
    CHECK(contains(file, "# HOME=rel is no absolute path"));
    CHECK(contains(file, "# the setting X=? is none"));
    CHECK_FALSE(contains(file, "\r"));
}

TEST_CASE("settings that many lines would copy are bounded") {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "V" + std::to_string(i) + "=x\n0 1 * * * a\n";
    const Crontab table = parse_crontab(text, {false, "ann"}, "table");
    CHECK(table.entries.size() < 1500);
    CHECK(table.problems.size() == 2000 - table.entries.size());
}

TEST_CASE("texts as TOML") {
    CHECK(toml_text("a b") == "\"a b\"");
    CHECK(toml_text("a \"b\" \\") == "'a \"b\" \\'");
    CHECK(toml_text("a'b\"c\\d\n\t\x01") == "\"a'b\\\"c\\\\d\\n\\t\\u0001\"");
}

TEST_CASE("what cron mailed is mailed, but not what a line threw away") {
    CHECK(contains(imported("MAILTO=ops\n0 3 * * * ./a\n"), "notify = { output = [\"mail:ops\"] }"));
    CHECK(contains(imported("MAILTO=ops\n0 3 * * * -n ./a\n"), "notify = { failure = [\"mail:ops\"] }"));
    CHECK_FALSE(contains(imported("MAILTO=ops\n0 3 * * * ./a >/dev/null 2>&1\n"), "notify ="));
    CHECK_FALSE(contains(imported("0 3 * * * ./a\n"), "notify ="));
}

TEST_CASE("an anacrontab: a day for each period, run once after it was missed") {
    const Crontab table = parse_anacrontab(
        "# daily things\nSHELL=/bin/sh\nMAILTO=root\nRANDOM_DELAY=45\nSTART_HOURS_RANGE=3-22\n"
        "1\t5\tcron.daily\tnice run-parts \\\n/etc/cron.daily\n@monthly 70 cron.monthly run-parts /etc/cron.monthly\n"
        "7 25 cron.weekly x\n0 5 y z\n1 -1 y z\n1 5 y\n@fortnightly 5 y z\n10 5 decade z\n2 0 other z\n");
    REQUIRE(table.entries.size() == 5);
    CHECK(table.entries[0].schedule == "5 3 * * *");
    CHECK(table.entries[0].command == "nice run-parts  /etc/cron.daily");
    CHECK(table.entries[0].comments == std::vector<std::string>{"daily things"});
    CHECK(table.entries[1].schedule == "10 4 1 * *");
    CHECK(table.entries[1].line == 8);
    CHECK(table.entries[2].schedule == "25 3 * * 0");
    CHECK(table.entries[4].schedule == "0 3 */2 * *");
    CHECK(table.problems.size() == 4);
    const std::string file = import_crontabs({{"anacrontab", table}}, test::zone);
    CHECK(contains(file,
                   "# daily things\n# anacron counts 1d from the last run; here the job has its day, and is run once "
                   "after it was missed\n[job.cron-daily]\nschedule = \"5 3 * * *\"\njitter = \"45m\"\n"
                   "command = \"run-parts  /etc/cron.daily\"\n"));
    CHECK(contains(file,
                   "notify = { output = [\"mail:root\"] }\ncatch_up = \"latest\"\ncatch_up_within = \"2d\"\n"
                   "overlap = \"skip\"\nnice = 10\n"));
    CHECK(contains(file, "line 10 is left out: `0` is no period"));
    CHECK_FALSE(contains(file, "START_HOURS_RANGE"));
}

TEST_CASE("without START_HOURS_RANGE anacron first looks at half past seven") {
    CHECK(parse_anacrontab("1 5 a x\n").entries.at(0).schedule == "35 7 * * *");
    CHECK(parse_anacrontab("START_HOURS_RANGE=25-3\n1 5 a x\n").entries.at(0).schedule == "35 7 * * *");
    CHECK(parse_anacrontab("@yearly 40 a x\n").entries.at(0).schedule == "10 8 1 1 *");
    CHECK(parse_anacrontab("1 5 a x\r\n").entries.size() == 1);
}

TEST_CASE("systemd's calendar events as cron expressions") {
    const auto [event, cron] = GENERATE(table<std::string, std::string>({
        {"daily", "0 0 * * *"},
        {"weekly", "0 0 * * mon"},
        {"*-*-* 07..23:30", "30 7-23 * * *"},
        {"Mon..Fri 09:05", "5 9 * * mon-fri"},
        {"Mon,Wed *-*-* 00:00:00", "0 0 * * mon,wed"},
        {"*:0/15", "0-59/15 * * * *"},
        {"*-*-1,15 4:00", "0 4 1,15 * *"},
        {"*-1/3-01 00:10:30", "30 10 0 1 1-12/3 *"},
        {"*-*-* *:*/5", "*/5 * * * *"},
        {"Sunday 3:10", "10 3 * * sun"},
        {"06-01", "0 0 1 6 *"},
    }));
    CHECK(cron_of_calendar_event(event).value() == cron);
}

TEST_CASE("what no expression says") {
    const std::string event = GENERATE("2026-*-* 00:00", "*-*~01 00:00", "Mon *-*-1..7 09:00", "Foo 09:00",
                                       "*-*-* 1:2:3:4", "*-*-* 09:00:00.5", "x");
    CAPTURE(event);
    CHECK_FALSE(cron_of_calendar_event(event));
}

TEST_CASE("a timer starts its service, and makes up for down time where it is persistent") {
    const std::string unit =
        "[Unit]\nDescription=Rotate logs\n[Timer]\n; twice\nOnCalendar=daily\nOnCalendar=Mon 12:00 Europe/London\n"
        "OnCalendar=2026-01-01\nOnBootSec=15min\nOnUnitActiveSec=1h 30min\nOnActiveSec=5\nRandomizedDelaySec=90s\n"
        "Persistent=true\n[Install]\nWantedBy=timers.target\n";
    const Crontab table = parse_timer_unit(unit, "logrotate.timer");
    REQUIRE(table.entries.size() == 4);
    CHECK(table.entries[1].env.at("CRON_TZ") == "Europe/London");
    CHECK(table.entries[2].schedule == "@reboot");
    CHECK(table.entries[3].schedule == "@every 1h30m");
    CHECK(table.problems.size() == 2);
    const std::string file = import_crontabs({{"logrotate.timer", table}}, test::zone);
    CHECK(contains(file,
                   "# Rotate logs\n# once this runs: systemctl disable --now logrotate.timer; what it prints stays in "
                   "the journal\n[job.logrotate]\nschedule = \"0 0 * * *\"\njitter = \"2m\"\n"
                   "command = \"systemctl start --wait logrotate.service\"\ncatch_up = \"latest\"\n"
                   "catch_up_within = \"366d\"\noverlap = \"skip\"\n"));
    CHECK(contains(file, "[job.logrotate-2]\nschedule = \"0 12 * * mon\"\ntimezone = \"Europe/London\"\n"));
}
