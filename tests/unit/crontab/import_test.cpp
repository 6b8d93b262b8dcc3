// A crontab as a file that a person would have written.
#include "crontab/import.h"

#include <catch2/catch.hpp>

#include "crontab/job_name.h"
#include "crontab/lift.h"

using namespace mc;

namespace {

std::string imported(const std::string& text) {
    const std::string file = import_crontabs({{"table", parse_crontab(text, {false, ""}, "table")}});
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
    CHECK(all.silent);
    CHECK(lift_wrappers("nice ./x").nice == 10);
    CHECK(lift_wrappers("nice -15 ./x").nice == 15);
    for (const std::string kept :
         {"cd /data && ./a; ./b", "cd /data && ./a || ./b", "cd $HOME && ./a", "cd data && ./a", "flock /tmp/l ./a",
          "flock -n /tmp/l -c './a'", "flock -n /tmp/l ./a && ./b", "timeout 1.5h ./a", "timeout -s KILL 5 ./a",
          "nice -n 5 ./a | ./b", "./a &>/dev/null", "./a; ./b >/dev/null 2>&1", "./a `b` >/dev/null 2>&1"})
        CHECK(lift_wrappers(kept).command == kept);
}

TEST_CASE("a table becomes a file") {
    CHECK(imported("# about\n\n# the load\n0 3 * * * flock -n /l /opt/load\nCRON_TZ=Asia/Tokyo\nRANDOM_DELAY=5\n"
                   "@daily /opt/load%a{{b\n# end\n") ==
          "\n# about\n\n# the load\n[job.load]\nschedule = \"0 3 * * *\"\ncommand = \"/opt/load\"\noverlap = \"skip\"\n"
          "\n[job.load-2]\nschedule = \"@daily\"\ntimezone = \"Asia/Tokyo\"\njitter = \"5m\"\ncommand = \"/opt/load\"\n"
          "stdin = \"a{{{{b\\n\"\n\n# end\n");
}

TEST_CASE("what cannot be said the same way is remarked") {
    const std::string shared = imported("0 3 * * * flock -n /l ./a\n0 4 * * * flock -n /l ./b\n");
    CHECK(contains(shared, "# other lines wait for /l too"));
    CHECK(contains(shared, "command = \"flock -n /l ./a\""));
    CHECK(contains(imported("MAILTO=ops\n0 3 * * * ./a\n"), "# cron mailed what it printed to ops"));
    CHECK(contains(imported("0=x\n0 3 * * * ./a\n"), "# the setting 0=x has no name that an environment can have"));
    CHECK(contains(imported("0 3 * * * is_trading_day && ./a\n"), "when = \"session\" says the same"));
    CHECK(contains(imported("0 25 * * * ./a\n"), "# line 1 is left out, as by cron: "));
    CHECK(contains(imported("RANDOM_DELAY=x\n0 3 * * * ./a\n"), "# RANDOM_DELAY=x is no number of minutes"));
}

TEST_CASE("texts as TOML") {
    CHECK(toml_text("a b") == "\"a b\"");
    CHECK(toml_text("a \"b\" \\") == "'a \"b\" \\'");
    CHECK(toml_text("a'b\"c\\d\n\t\x01") == "\"a'b\\\"c\\\\d\\n\\t\\u0001\"");
}
