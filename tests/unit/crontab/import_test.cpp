// A crontab as the configuration file that a user would have written.
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
    CHECK(job_name_of("[ -e /x ] && \"/opt/my load.sh\"") == "my-load");
    CHECK(job_name_of("{ }") == "");
    CHECK(job_name_of("") == "");
}

TEST_CASE("a job is never named after a shell word, a wrapper or a number") {
    const auto [command, name] = GENERATE(table<std::string, std::string>({
        {"if [ -x /opt/backup.sh ]; then /opt/backup.sh; fi", "backup"},
        {"if test -e /a; then true; elif /opt/b/check; then /opt/c; else exit 1; fi", "check"},
        {"for f in a b c; do /opt/load $f; done", "load"},
        {"while read x; do /opt/load $x; done </data/list", "load"},
        {"cd /data >/dev/null 2>&1; ./load", "load"},
        {"cd /data 2>&1 && ./load", "load"},
        {"sudo -u etl /opt/etl/load.sh 1", "load"},
        {"sudo -u etl -g etl -- env A=b nice -n 5 timeout -k 5 1h /opt/etl/load.sh", "load"},
        {"flock -n /tmp/lock -c '/opt/etl/load.sh --all'", "load"},
        {"flock -w 5 /tmp/lock /opt/etl/load.sh", "load"},
        {"ionice -c 3 nice -10 /opt/etl/load.sh", "load"},
        {"bash -lc 'cd /opt/etl && ./load.sh'", "load"},
        {"su - etl -c \"/opt/etl/load.sh\"", "load"},
        {"sh /opt/etl/load.sh", "load"},
        {"/usr/bin/env python3 /opt/etl/load.py", "load"},
        {"python3 -m etl.load", "etl-load"},
        {"python3 -c 'import x'", "python3"},
        {"java -Xmx2g -cp a:b com.example.Load", "Load"},
        {"java -jar /opt/load.jar", "load"},
        {"X=$(date +\\%F) /opt/load $X", "load"},
        {"D=`date` ; /opt/load", "load"},
        {"$HOME/bin/load.sh", "load"},
        {"(cd /x && /opt/load) | logger", "load"},
        {"echo start | /opt/load", "load"},
        {"echo only", "echo"},
        {"command -v load >/dev/null && load", "load"},
        {"run-parts --report /etc/cron.daily", "cron-daily"},
        {"chrt -r 10 /opt/load", "load"},
        {"chrt -T 5 -P 9 -D 9 10 /opt/load", "load"},
        {"taskset -c 0,2 /opt/load", "load"},
        {"setlock -n /tmp/lock /opt/load", "load"},
        {"stdbuf -oL -e 0 /opt/load", "load"},
        {"runuser -u etl -- /opt/load", "load"},
        {"doas -u etl /opt/load", "load"},
        {"chpst -u etl /opt/load", "load"},
        {"exec -a x /opt/load", "load"},
        {"nohup setsid chronic cronic /opt/load &", "load"},
        {"time -f %e -o /tmp/time /opt/load", "load"},
        {"systemd-cat -t tag caffeinate -i /opt/load", "load"},
        {"run-one /opt/load", "load"},
        {"uv run /opt/load.py", "load"},
        {"uv -p 3.11 run load", "load"},
        {"poetry run load", "load"},
        {"python3 -W ignore -u /opt/load.py", "load"},
        {"perl -I /opt/lib -w /opt/load.pl", "load"},
        {"julia -L /opt/a.jl /opt/load.jl", "load"},
        {"lua -l x /opt/load.lua", "load"},
        {"Rscript --vanilla /opt/load.R", "load"},
        {"python3 -E /opt/load.py", "load"},
        {"node -r dotenv/config /opt/load.js", "load"},
        {"ruby -r json -E utf-8 /opt/load.rb", "load"},
        {"php -c /etc/php.ini /opt/load.php", "load"},
        {"perl -w -E 'say 1'", "perl"},
        {"ruby -e 'puts 1'", "ruby"},
        {"php -r 'echo 1;'", "php"},
        {"node -p 1", "node"},
        {"julia -e 'print(1)'", "julia"},
        {"lua -e 'print(1)'", "lua"},
        {"Rscript -e 'print(1)'", "Rscript"},
        {"1", ""},
        {"2>&1", ""},
        {"fi", ""},
        {"sudo", "sudo"},
    }));
    CAPTURE(command);
    CHECK(job_name_of(command) == name);
    CHECK(job_name_of(std::string(300, 'x')).size() <= 100);
}

TEST_CASE("if the program has no name, the file's name is used") {
    const auto table = parse_crontab("0 3 * * * :\n0 4 * * * :\n", {false, ""}, "table");
    CHECK(contains(import_crontabs({{"/etc/cron.d/night-load", table}}, test::zone), "[job.night-load]\n"));
    CHECK(contains(import_crontabs({{"/etc/cron.d/night-load", table}}, test::zone), "[job.night-load-2]\n"));
}

TEST_CASE("wrappers become keys if the rest means the same without them") {
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

TEST_CASE("each way to write an option of a wrapper, and its limits") {
    for (const char* option : {"-n", "--nonblock", "-xn", "-nx"})
        CHECK(lift_wrappers("flock " + std::string(option) + " /l ./a").lock == "/l");
    for (const char* option : {"-x", "-s", "-ns", "-w 5", "--wait 5"})
        CHECK(lift_wrappers("flock " + std::string(option) + " /l ./a").lock.empty());

    const auto limit = [](const std::string& written) { return lift_wrappers("timeout " + written + " ./a").timeout; };
    CHECK(limit("1") == "1s");
    CHECK(limit("5s") == "5s");
    CHECK(limit("5m") == "5m");
    CHECK(limit("5h") == "5h");
    CHECK(limit("10000d") == "10000d");
    for (const char* kept : {"0", "-1", "10001", "5w", "5ms", "x", "-k 0 5", "-k 5"}) CHECK(limit(kept).empty());

    const auto nice = [](const std::string& written) { return lift_wrappers("nice " + written + " ./a").nice; };
    CHECK(nice("-n -20") == -20);
    CHECK(nice("-n19") == 19);
    CHECK(nice("-0") == 0);
    CHECK(nice("--5") == -5);
    for (const char* kept : {"-n 20", "-n -21", "-n x", "-n 5x", "-n"}) CHECK_FALSE(nice(kept));
}

TEST_CASE("each way to discard the output") {
    for (const char* tail : {">/dev/null 2>&1", "> /dev/null 2>&1", "1>/dev/null 2>&1", ">>/dev/null 2>&1",
                             ">> /dev/null 2>&1", ">/dev/null 2>/dev/null", "> /dev/null 2> /dev/null"}) {
        INFO(tail);
        const LiftedCommand lifted = lift_wrappers("./a -x  " + std::string(tail));
        CHECK(lifted.silent);
        CHECK(lifted.command == "./a -x");
        CHECK_FALSE(lift_wrappers(tail).silent);
    }
    for (const char* tail : {"2>&1", ">/dev/null", "2>/dev/null", ">/tmp/x 2>&1", "2>&1 >/dev/null"})
        CHECK_FALSE(lift_wrappers("./a " + std::string(tail)).silent);
}

TEST_CASE("a crontab becomes a configuration file") {
    CHECK(
        imported("# about\n\n# the load\n0 3 * * * flock -n /l /opt/load\nCRON_TZ=Asia/Tokyo\nRANDOM_DELAY=5\n"
                 "@daily /opt/load%a{{b\n# end\n") ==
        "\n# about\n\n# the load\n# /l is no longer locked: overlap has the same effect, unless other programs lock it "
        "too\n[job.load]\nschedule = \"0 3 * * *\"\ncommand = \"/opt/load\"\noverlap = \"skip\"\n"
        "\n[job.load-2]\nschedule = \"@daily\"\ntimezone = \"Asia/Tokyo\"\njitter = \"5m\"\ncommand = \"/opt/load\"\n"
        "stdin = \"a{{{{b\\n\"\n\n# end\n");
}

TEST_CASE("what has no exact equivalent gets a remark") {
    const std::string shared = imported("0 3 * * * flock -n /l ./a\n0 4 * * * flock -n /l ./b\n");
    CHECK(contains(shared, "# other lines wait for /l too"));
    CHECK(contains(shared, "command = \"flock -n /l ./a\""));
    CHECK(contains(imported("MAILTO=<ops>\n0 3 * * * ./a\n"), "# MAILTO=<ops> is not a mail address"));
    CHECK(contains(imported("MAILTO=ops\n0 3 * * * -n ./a\n"), "# cron mailed a failure that printed something"));
    CHECK(contains(imported("MAILTO=ops\nMAILFROM=x\n0 3 * * * ./a\n"), "# MAILFROM=x is left out"));
    CHECK(contains(imported("0=x\n0 3 * * * ./a\n"), "# the setting 0=x cannot be in a configuration file"));
    CHECK(contains(imported("0 3 * * * is_trading_day && ./a\n"), "when = \"session\" do the same"));
    CHECK(contains(imported("CRON_TZ=Mars/Base\n0 3 * * * ./a\n"), "# line 2 is left out: "));
    CHECK(contains(imported("0 25 * * * ./a\n"), "# line 1 is left out: "));
    CHECK(contains(imported("RANDOM_DELAY=x\n0 3 * * * ./a\n"), "# RANDOM_DELAY=x is not a number of minutes"));
}

TEST_CASE("a lock that another line also uses stays") {
    const std::string file = imported("0 3 * * * flock -n /tmp/q ./a\n0 4 * * * flock /tmp/q ./b\n");
    CHECK(contains(file, "command = \"flock -n /tmp/q ./a\""));
    CHECK_FALSE(contains(file, "overlap = \"skip\""));
    CHECK(contains(imported("0 3 * * * flock -n /tmp/q ./a\n"), "# /tmp/q is no longer locked"));
}

TEST_CASE("what TOML cannot contain gets a remark, or is left out and named") {
    const std::string file =
        imported("# \xfc\x01\r\n0 1 * * * ./a \xff\nX=\xff\nSHELL=\nHOME=rel\n0 2 * * * %in\n\r\n");
    CHECK(contains(file, "# ???\n"));
    CHECK(contains(file, "# line 2 is left out: it has bytes that are not UTF-8"));
    CHECK(contains(file, "command = \":\""));
    CHECK(contains(file, "# SHELL is empty"));
    CHECK(contains(file, "# HOME=rel is not an absolute path"));
    CHECK(contains(file, "# the setting X=? cannot be in"));
    CHECK_FALSE(contains(file, "\r"));
}

TEST_CASE("settings that many lines would copy are limited") {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "V" + std::to_string(i) + "=x\n0 1 * * * a\n";
    const Crontab table = parse_crontab(text, {false, "ann"}, "table");
    CHECK(table.entries.size() < 1500);
    CHECK(table.problems.size() == 2000 - table.entries.size());
}

TEST_CASE("keys that are the same for all jobs are written once, in [defaults]") {
    const auto whole = [](const std::string& text) {
        return import_crontabs({{"table", parse_crontab(text, {true, ""}, "table")}}, test::zone);
    };
    const std::string same = whole("SHELL=/bin/bash\nMAILTO=ops\nCRON_TZ=UTC\n0 1 * * * etl ./a\n0 2 * * * etl ./b\n");
    CHECK(contains(same,
                   "[defaults]\noverlap = \"allow\"\ntimezone = \"UTC\"\nuser = \"etl\"\nshell = \"/bin/bash\"\n"
                   "notify = { output = [\"mail:ops\"] }\n"));
    CHECK(contains(same, "[job.a]\nschedule = \"0 1 * * *\"\ncommand = \"./a\"\n\n[job.b]\n"));
    const std::string different = whole("0 1 * * * etl ./a\n0 1 * * * root ./a\n");
    CHECK(contains(different, "schedule = \"0 1 * * *\"\ncommand = \"./a\"\nuser = \"etl\"\n"));
    CHECK(contains(whole("0 1 * * * etl ./a\n"), "command = \"./a\"\nuser = \"etl\"\n"));
}

TEST_CASE("keys that are the same for most jobs are in [defaults], and the other jobs override them") {
    const auto whole = [](const std::string& text) {
        return import_crontabs({{"table", parse_crontab(text, {true, ""}, "table")}}, test::zone);
    };
    const std::string lines = "MAILTO=ops\n0 1 * * * etl ./a\n0 2 * * * etl ./b\n0 3 * * * etl ./c\n";
    const std::string file = whole(lines + "0 4 * * * root -n ./d\nMAILTO=\n0 5 * * * etl ./e\n");
    CHECK(contains(file, "[defaults]\noverlap = \"allow\"\nuser = \"etl\"\nnotify = { output = [\"mail:ops\"] }\n"));
    CHECK(contains(file, "[job.c]\nschedule = \"0 3 * * *\"\ncommand = \"./c\"\n\n"));
    CHECK(contains(file, "command = \"./d\"\nuser = \"root\"\nnotify = { failure = [\"mail:ops\"], output = [] }\n"));
    CHECK(contains(file, "command = \"./e\"\nnotify = { output = [] }\n"));
    CHECK_FALSE(contains(whole("MAILTO=ops\n0 1 * * * etl ./a\n0 2 * * * etl ./b\nMAILTO=\n0 5 * * * etl ./e\n"),
                         "output = []"));
}

TEST_CASE("strings as TOML") {
    CHECK(toml_text("a b") == "\"a b\"");
    CHECK(toml_text("a \"b\" \\") == "'a \"b\" \\'");
    CHECK(toml_text("a'b\"c\\d\n\t\x01") == "\"a'b\\\"c\\\\d\\n\\t\\u0001\"");
}

TEST_CASE("output that cron mailed is mailed, but not output that a line discarded") {
    CHECK(contains(imported("MAILTO=ops\n0 3 * * * ./a\n"), "notify = { output = [\"mail:ops\"] }"));
    CHECK(contains(imported("MAILTO=ops\n0 3 * * * -n ./a\n"), "notify = { failure = [\"mail:ops\"] }"));
    CHECK_FALSE(contains(imported("MAILTO=ops\n0 3 * * * ./a >/dev/null 2>&1\n"), "notify ="));
    CHECK_FALSE(contains(imported("0 3 * * * ./a\n"), "notify ="));
    CHECK(contains(imported("MAILTO=a@x.com, b@y.com\n0 3 * * * ./a\n"),
                   "notify = { output = [\"mail:a@x.com\", \"mail:b@y.com\"] }"));
    CHECK(contains(imported("MAILTO=a@x.com,\n0 3 * * * ./a\n"), "# MAILTO=a@x.com, is not a mail address"));
}

TEST_CASE("an anacrontab: one day of each period, run once after it was missed") {
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
    CHECK(table.entries[4].schedule == "0 3 * * *");
    CHECK(table.entries[4].when == "every(2, day, 2026-01-01)");
    CHECK(table.problems.size() == 4);
    const std::string file = import_crontabs({{"anacrontab", table}}, test::zone);
    CHECK(contains(file,
                   "# daily things\n# anacron counts 1d from the last run; here the job has a fixed day, and a missed "
                   "run is caught up once\n[job.cron-daily]\nschedule = \"5 3 * * *\"\nnot_after = \"22:00\"\n"
                   "command = \"run-parts  /etc/cron.daily\"\ncatch_up_within = \"2d\"\nnice = 10\n"));
    CHECK(contains(file,
                   "[defaults]\njitter = \"45m\"\nnotify = { output = [\"mail:root\"] }\ncatch_up = \"latest\"\n"
                   "overlap = \"skip\"\n"));
    CHECK(contains(file, "; START_HOURS_RANGE=3-22: here a missed run is caught up at any hour\n[job.cron-monthly]"));
    CHECK(contains(file, "line 10 is left out: `0` is not a period"));
    CHECK_FALSE(contains(file, "START_HOURS_RANGE = "));
}

TEST_CASE("anacron's hours are kept, or get a remark") {
    const auto entry = [](const std::string& text) { return parse_anacrontab(text + "\n").entries.at(0); };
    CHECK(entry("START_HOURS_RANGE=3-5\n1 5 a x").not_after == "05:00");  // it starts nothing at 5
    CHECK(entry("START_HOURS_RANGE=3-5\n1 5 a x").schedule == "5 3 * * *");
    CHECK(entry("START_HOURS_RANGE=0-23\n1 5 a x").not_after == "23:00");
    CHECK(entry("START_HOURS_RANGE=0-24\n1 5 a x").not_after == "");
    CHECK(entry("1 5 a x").not_after == "");
    CHECK(entry("START_HOURS_RANGE=3-5\n1 300 a x").not_after == "");
    CHECK(contains(entry("START_HOURS_RANGE=3-5\n1 300 a x").remark, "its delay ends after START_HOURS_RANGE=3-5"));
    CHECK(contains(entry("START_HOURS_RANGE=3-5\n7 5 a x").remark, "START_HOURS_RANGE=3-5: here a missed run"));
    for (const char* none : {"5-3", "3-3"})  // anacron then starts nothing
        CHECK(
            contains(entry(std::string("START_HOURS_RANGE=") + none + "\n1 5 a x").remark, "is not a range of hours"));
    CHECK(entry("PREFERRED_HOUR=12\nSTART_HOURS_RANGE=3-22\n1 5 a x").schedule == "5 12 * * *");
    CHECK(entry("RANDOM_DELAY=30\n1 5 a x").random_delay == Seconds{1800});
}

TEST_CASE("without START_HOURS_RANGE anacron first checks at 07:30") {
    CHECK(parse_anacrontab("1 5 a x\n").entries.at(0).schedule == "35 7 * * *");
    CHECK(parse_anacrontab("START_HOURS_RANGE=25-3\n1 5 a x\n").entries.at(0).schedule == "35 7 * * *");
    CHECK(parse_anacrontab("@yearly 40 a x\n").entries.at(0).schedule == "10 8 1 1 *");
    CHECK(parse_anacrontab("1 5 a x\r\n").entries.size() == 1);
}

TEST_CASE("systemd's calendar events as cron expressions and as predicates") {
    const auto [event, cron, when] = GENERATE(table<std::string, std::string, std::string>({
        {"daily", "0 0 * * *", ""},
        {"weekly", "0 0 * * mon", ""},
        {"*-*-* 07..23:30", "30 7-23 * * *", ""},
        {"Mon..Fri 09:05", "5 9 * * mon-fri", ""},
        {"Mon-Fri 09:05", "5 9 * * mon-fri", ""},
        {"Sat-Sun *-*-* 09:05", "5 9 * * sat-sun", ""},
        {"Mon,Wed-Fri 09:05", "5 9 * * mon,wed-fri", ""},
        {"Monday-Wednesday,Sunday 09:05", "5 9 * * mon-wed,sun", ""},
        {"Mon,Wed *-*-* 00:00:00", "0 0 * * mon,wed", ""},
        {"*:0/15", "0-59/15 * * * *", ""},
        {"*-*-1,15 4:00", "0 4 1,15 * *", ""},
        {"*-1/3-01 00:10:30", "30 10 0 1 1-12/3 *", ""},
        {"*-*-* *:*/5", "*/5 * * * *", ""},
        {"Sunday 3:10", "10 3 * * sun", ""},
        {"06-01", "0 0 1 6 *", ""},
        {"2026-01-01", "0 0 1 1 *", "year(2026)"},
        {"2026..2028-*-1 9:00", "0 9 1 * *", "year(2026..2028)"},
        {"Sun *-*-1..7 02:00", "0 2 * * *", "nth_weekday(1, sun)"},
        {"*-*~1", "0 0 * * *", "day(-1)"},
        {"*-02~03 9:00", "0 9 * 2 *", "day(-3)"},
        {"*-*~07/1", "0 0 * * *", "day(-7..-1)"},
        {"Mon *-05~07/1", "0 0 * 5 *", "nth_weekday(-1, mon)"},
        {"Fri *-*-13 10:00", "0 10 13 * *", "weekday(fri)"},
        {"Mon..Wed,Fri *-*-1..10 10:00", "0 10 1-10 * *", "weekday(mon..wed, fri)"},
        {"Mon..Fri *-*~3 10:00", "0 10 * * *", "weekday(mon..fri) and day(-3)"},
        {"Sun 2026-*-8..14", "0 0 * * *", "year(2026) and nth_weekday(2, sun)"},
    }));
    CAPTURE(event);
    const auto read = read_calendar_event(event);
    REQUIRE(read);
    CHECK(read->schedule == cron);
    CHECK(read->when == when);
}

TEST_CASE("calendar events without an equivalent") {
    const std::string event =
        GENERATE("Foo 09:00", "*-*-* 1:2:3:4", "*-*-* 09:00:00.5", "x", "25:00", "*-13-01", "*-*-32", "Fri..Mon 09:00",
                 "*-*~0", "*-*~32", "*-*~x", "12:60", "22..2:00", "26-01-01", "2026/2-*-*", "Mon-Foo 9:00", "--", "~");
    CAPTURE(event);
    CHECK_FALSE(read_calendar_event(event));
}

TEST_CASE("the error for a calendar event names the part that has no equivalent") {
    const auto [event, error] = GENERATE(table<std::string, std::string>({
        {"Mon-Foo 9:00", "`Mon-Foo` is not a day of the week"},
        {"Foo-Mon 9:00", "`Foo-Mon` is not a day of the week"},
        {"Mon,Foo 9:00", "`Foo` is not a day of the week"},
        {"1:2:3:4", "`1:2:3:4` is not a time"},
        {"1/x:00", "`1/x` is not a time"},
        {"*/1/2:00", "`*/1/2` is not a time"},
        {"09:00:00.5", "cron cannot express the time `00.5`"},
        {"1..x:00", "cron cannot express the time `1..x`"},
        {"1-2-3-4", "`1-2-3-4` is not a date"},
        {"2026/2-*-*", "`when` cannot express the year `2026/2`"},
        {"26-01-01", "`when` cannot express the year `26`"},
        {"2026..x-01-01", "`when` cannot express the year `2026..x`"},
        {"*-*~x", "`when` cannot express the day `~x` from the end of a month"},
        {"*-*~1/2/3", "`when` cannot express the day `~1/2/3` from the end of a month"},
        {"*-*~0", "`~0` is not a day of a month"},
        {"*-*~32", "`~32` is not a day of a month"},
        {"*-*~7/0", "`~7/0` is not a day of a month"},
    }));
    CAPTURE(event);
    const auto read = read_calendar_event(event);
    REQUIRE_FALSE(read);
    CHECK(read.error() == error);
}

TEST_CASE("an empty time removes those above it; drop-ins are applied to the unit") {
    const std::string unit = "[Timer]\nOnCalendar=daily\nOnBootSec=5min\nPersistent=true\n";
    const auto schedules = [&](const std::vector<UnitFile>& more) {
        std::vector<UnitFile> files{{"", unit}};
        files.insert(files.end(), more.begin(), more.end());
        std::vector<std::string> all;
        for (const CrontabEntry& entry : parse_timer_unit(files, "x.timer").entries) all.push_back(entry.schedule);
        return all;
    };
    using List = std::vector<std::string>;
    CHECK(schedules({}) == List{"0 0 * * *", "@reboot"});
    CHECK(schedules({{"a.conf", "[Timer]\nOnCalendar=hourly\n"}}) == List{"0 0 * * *", "@reboot", "0 * * * *"});
    CHECK(schedules({{"a.conf", "[Timer]\nOnCalendar=\nOnCalendar=hourly\n"}}) == List{"0 * * * *"});
    CHECK(schedules({{"a.conf", "[Timer]\nOnCalendar=hourly\n"}, {"b.conf", "[Timer]\nOnUnitActiveSec=\n"}}).empty());
    CHECK(schedules({{"a.conf", "[Service]\nOnCalendar=\n"}}).size() == 2);
    const Crontab table = parse_timer_unit(
        {{"", unit}, {"10-desk.conf", "[Timer]\nOnCalendar=Foo 09:00\nUnit=my\\x2dload.service\nPersistent=no\n"}},
        "x.timer");
    CHECK(table.problems.at(0).line == 0);
    CHECK(table.problems.at(0).what.starts_with("drop-in 10-desk.conf, line 2: `Foo` is not a day of the week"));
    CHECK(table.entries.at(0).command == "systemctl start --wait 'my\\x2dload.service'");
    CHECK(table.entries.at(0).catch_up_days == 0);
}

TEST_CASE("systemd's words in any case, and zones without a slash") {
    const auto [written, cron, zone] = GENERATE(table<std::string, std::string, std::string>({
        {"Daily", "0 0 * * *", ""},
        {"HOURLY", "0 * * * *", ""},
        {"semi-annually", "0 0 1 1,7 *", ""},
        {"biannually", "0 0 1 1,7 *", ""},
        {"anually", "0 0 1 1 *", ""},
        {"Sun, 10:00", "0 10 * * sun", ""},
        {"*-*-* 02:30 CET", "30 2 * * *", "CET"},
        {"Mon 02:30 EST5EDT", "30 2 * * mon", "EST5EDT"},
        {"daily Japan", "0 0 * * *", "Japan"},
        {"02:30 UTC", "30 2 * * *", "UTC"},
        {"10:00 Mon", "0 10 * * mon", ""},
    }));
    CAPTURE(written);
    const Crontab timer = parse_timer_unit({{"", "[Timer]\nOnCalendar=" + written + "\n"}}, "x.timer");
    REQUIRE(timer.entries.size() == 1);
    CHECK(timer.entries[0].schedule == cron);
    CHECK(timer.entries[0].setting("CRON_TZ").value_or("") == zone);
}

TEST_CASE("random offsets and watched events of a timer that have no equivalent get a remark") {
    const auto remark = [](const std::string& lines) {
        return parse_timer_unit({{"", "[Timer]\nOnCalendar=daily\n" + lines}}, "x.timer").entries.at(0).remark;
    };
    CHECK(contains(remark("RandomizedOffsetSec=60min\n"), "RandomizedOffsetSec=60min is left out"));
    CHECK(contains(remark("RandomizedDelaySec=2h\nFixedRandomDelay=true\n"),
                   "FixedRandomDelay: the timer's delay is always the same"));
    CHECK(contains(remark("OnClockChange=yes\n"), "OnClockChange is left out"));
    const std::string none = remark("RandomizedOffsetSec=0\nOnClockChange=no\nFixedRandomDelay=yes\n");
    CHECK_FALSE(contains(none, "is left out"));
    CHECK_FALSE(contains(none, "FixedRandomDelay"));
}

TEST_CASE("each unit of a time span") {
    const auto [written, length] = GENERATE(table<std::string, std::string>({
        {"90", "1m30s"},
        {"5s", "5s"},
        {"5 sec", "5s"},
        {"1second", "1s"},
        {"5seconds", "5s"},
        {"5m", "5m"},
        {"5min", "5m"},
        {"1 minute", "1m"},
        {"5minutes", "5m"},
        {"5h", "5h"},
        {"5hr", "5h"},
        {"1hour", "1h"},
        {"5hours", "5h"},
        {"5d", "5d"},
        {"1day", "1d"},
        {"5 days", "5d"},
        {"1w", "7d"},
        {"1week", "7d"},
        {"2weeks", "14d"},
        {"1d12h 30min 5", "1d12h30m5s"},
        {"1min1min", "2m"},
        {"36525d", "36525d"},
        {"1000000000", "11574d1h46m40s"},
    }));
    CAPTURE(written);
    const Crontab timer = parse_timer_unit({{"", "[Timer]\nOnUnitActiveSec=" + written + "\n"}}, "x.timer");
    REQUIRE(timer.entries.size() == 1);
    CHECK(timer.entries[0].schedule == "@every " + length);
}

TEST_CASE("what is not a time span is left out and named") {
    const std::string written =
        GENERATE("0", "0s", "h", "1.5h", "-5", "5 months", "5H", "1000000001", "36525d 1s", "5 5x");
    CAPTURE(written);
    const Crontab timer = parse_timer_unit({{"", "[Timer]\nOnUnitActiveSec=" + written + "\n"}}, "x.timer");
    CHECK(timer.entries.empty());
    REQUIRE(timer.problems.size() == 1);
    CHECK(timer.problems[0].line == 2);
    CHECK(timer.problems[0].what == "`" + written + "` is not a time span");
}

TEST_CASE("a unit's lines may be continued, and a time span may be too long") {
    const Crontab table =
        parse_timer_unit({{"",
                           "[Timer]\nOnCalendar=Mon..Fri \\\n# between\n  09:00\nRandomizedDelaySec=1000000000 weeks\n"
                           "OnUnitActiveSec=999999999w 999999999w\nWakeSystem=true\n"}},
                         "x.timer");
    REQUIRE(table.entries.size() == 1);
    CHECK(table.entries[0].schedule == "0 9 * * mon-fri");
    CHECK(contains(table.entries[0].remark, "RandomizedDelaySec=1000000000 weeks is not a time span"));
    CHECK(contains(table.entries[0].remark, "the timer wakes the machine"));
    CHECK(table.problems.size() == 1);
}

TEST_CASE("a timer starts its service, and catches up after an outage if it is persistent") {
    const std::string unit =
        "[Unit]\nDescription=Rotate logs\n[Timer]\n; twice\nOnCalendar=daily\nOnCalendar=Mon 12:00 Europe/London\n"
        "OnCalendar=2026-01-01\nOnBootSec=15min\nOnUnitActiveSec=1h 30min\nOnActiveSec=5\nRandomizedDelaySec=90s\n"
        "Persistent=true\n[Install]\nWantedBy=timers.target\n";
    const Crontab table = parse_timer_unit({{"", unit}}, "logrotate.timer");
    REQUIRE(table.entries.size() == 5);
    CHECK(table.entries[1].env.at("CRON_TZ") == "Europe/London");
    CHECK(table.entries[2].when == "year(2026)");
    CHECK(table.entries[3].schedule == "@reboot");
    CHECK(table.entries[4].schedule == "@every 1h30m");
    CHECK(table.problems.size() == 1);
    const std::string file = import_crontabs({{"logrotate.timer", table}}, test::zone);
    CHECK(contains(
        file,
        "# Rotate logs\n# once this job is active, run systemctl disable --now logrotate.timer; its output stays in "
        "the journal\n[job.logrotate]\nschedule = \"0 0 * * *\"\njitter = \"1m30s\"\n"
        "command = \"systemctl start --wait logrotate.service\"\ncatch_up = \"latest\"\n"
        "catch_up_within = \"366d\"\n\n"));
    CHECK(contains(file, "[defaults]\noverlap = \"skip\"\n"));
    CHECK(contains(file, "[job.logrotate-2]\nschedule = \"0 12 * * mon\"\ntimezone = \"Europe/London\"\n"));
}
