// The output of import is read without an error: for every sample, and for crontabs made of everything a line can have.
#include <catch2/catch.hpp>
#include <random>

#include "crontab/anacrontab.h"
#include "crontab/import.h"
#include "crontab/timer_unit.h"
#include "world.h"

using namespace mc;
using namespace mc::test;

namespace {

using Words = std::vector<std::string>;

class Draw {
   public:
    explicit Draw(unsigned seed) : random_(seed) {}
    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
    const std::string& of(const Words& words) { return words[below(words.size())]; }

   private:
    std::mt19937 random_;
};

const Words settings{"SHELL=/bin/bash",
                     "SHELL=",
                     "SHELL=\xff",
                     "SHELL=relative",
                     "HOME=/data",
                     "HOME=x",
                     "HOME=/\xff",
                     "PATH=/a:/b",
                     "MAILTO=",
                     "MAILTO=ops",
                     "MAILTO=a@x.com,b@y.com",
                     "MAILTO=a@x.com, b@y.com ,",
                     "MAILTO=<x>",
                     "MAILTO=$A",
                     "MAILTO=,",
                     "MAILFROM=x",
                     "CRON_TZ=UTC",
                     "CRON_TZ=Asia/Tokyo",
                     "CRON_TZ=Mars/Base",
                     "CRON_TZ=",
                     "RANDOM_DELAY=5",
                     "RANDOM_DELAY=99999",
                     "RANDOM_DELAY=-1",
                     "A=b",
                     "A='{{x}}'",
                     "A=\"quoted\"",
                     "A=\\",
                     "A='''",
                     "MARKETCRON_X=1",
                     "1=2",
                     "A B=c",
                     "START_HOURS_RANGE=3-22",
                     "START_HOURS_RANGE=22-3",
                     "START_HOURS_RANGE=x",
                     "PREFERRED_HOUR=99"};
const Words schedules{"* * * * *",  "*/59 * * * *", "0 0 31 2 *",   "@daily",          "@reboot",
                      "@hourly",    "~ 1~3 * * *",  "0 22-2 * * *", "0 0 * * sat-sun", "0 0 L * *",
                      "60 * * * *", "0 0 1 1",      "-5 0 * * *",   "-@daily",         "0 0 \xe2\x80\x93 * *"};
const Words users{"root", "etl", "nobody\xff", "a b", "{{job}}"};
const Words commands{"/opt/load.sh",
                     "if [ -x /a ]; then /a; fi",
                     "fi",
                     "1",
                     "2>&1",
                     "elif",
                     ":",
                     "",
                     " ",
                     "%in",
                     "x%a%b\\%c",
                     "flock -n /l ./a",
                     "flock -n /l ./a && ./b",
                     "timeout 9999d ./x",
                     "timeout -k 99999999999 1 ./x",
                     "nice -n 19 ./x",
                     "nice -n 99 ./x",
                     "cd /data && ./x",
                     "cd /{{session}} && ./x",
                     "echo {{session}} {{{{",
                     "echo 'a\"b\\c'",
                     "echo '''",
                     "x \x01\x7f y",
                     "x \xff",
                     "sudo -u etl /opt/x",
                     "python3 -m a.b",
                     "-n ./quiet",
                     "is_trading_day && ./x",
                     std::string(500, 'n'),
                     "./x >/dev/null 2>&1",
                     "\xd0\xb6\xd0\xb6",
                     "./-",
                     "./__",
                     "$X",
                     "`x`",
                     "$(x"};
const Words spans{"1", "5min", "1h 30min", "999999999w", "1000000000 weeks 1000000000 weeks",
                  "x", "",     "-1",       "0",          "90s"};
const Words days{"",         "Mon", "Mon-Fri", "Sat-Sun", "Mon,Wed-Fri", "Mon..Sun",
                 "Fri..Mon", "Foo", "Monday",  "Sun,Mon", "Mon,"};
const Words dates{"",       "*-*-*",  "*-*-1..7", "*-*~1",   "*-*~07/1", "*-02~03", "2026-01-01", "2026..2030-*-1,15",
                  "*-13-1", "*-*-32", "06-01",    "*-*-*/2", "*-1/3-1",  "*-*~0",   "99999-1-1",  "*-*-5..2"};
const Words times{"",         "00:00", "9:05",  "*:0/15",  "25:00", "12:60",
                  "22..2:00", "1:2:3", "*:*:*", "9:0:0.5", "0/5:0", "*:*/7"};
const Words zones{"", "UTC", "Europe/London", "Mars/Base", "CET"};

std::string crontab(Draw& draw, bool system) {
    std::string text;
    for (std::size_t n = draw.below(12) + 1; n > 0; --n) {
        if (draw.below(3) == 0) text += draw.of(settings) + "\n";
        if (draw.below(4) == 0) text += "# a comment \xff\n\n";
        text += draw.of(schedules) + " " + (system ? draw.of(users) + " " : "") + draw.of(commands) + "\n";
    }
    return text;
}

std::string anacrontab(Draw& draw) {
    std::string text;
    const Words periods{"1", "7", "2", "31", "400", "@daily", "@weekly", "@monthly", "@yearly", "0", "x"};
    const Words delays{"0", "5", "1440", "2000", "x"};
    for (std::size_t n = draw.below(8) + 1; n > 0; --n) {
        if (draw.below(2) == 0) text += draw.of(settings) + "\n";
        text += draw.of(periods) + " " + draw.of(delays) + " " +
                draw.of({"a", "cron.daily", "fi", "1", "---", std::string(200, 'i')}) + " " + draw.of(commands) + "\n";
    }
    return text;
}

std::string timer(Draw& draw) {
    std::string text = "[Unit]\nDescription=" + draw.of({"", "Load", "x \xff", "a\x01"}) + "\n[Timer]\n";
    for (std::size_t n = draw.below(8) + 1; n > 0; --n) {
        const auto kind = draw.below(8);
        if (kind == 0) text += "OnCalendar=\n";
        else if (kind == 1)
            text += draw.of({"OnBootSec=", "OnUnitActiveSec=", "OnActiveSec=", "RandomizedDelaySec="}) +
                    draw.of(spans) + "\n";
        else if (kind == 2)
            text += draw.of({"Persistent=true", "Unit=a b;c.service", "Unit=a\\x2db.service", "Unit=\xff",
                             "Unit={{job}}"}) +
                    "\n";
        else
            text += "OnCalendar=" + draw.of(days) + " " + draw.of(dates) + " " + draw.of(times) + " " + draw.of(zones) +
                    "\n";
    }
    return text;
}

// The errors of import's output; "" for a good file. Without jobs the output is a good file, too.
std::string complaint(const std::vector<NamedCrontab>& tables) {
    const std::string file = import_crontabs(tables, find_zone);
    INFO(file);
    const auto plan = read(file);
    return plan ? "" : errors_of(plan) + file;
}

}  // namespace

TEST_CASE("every sample is imported as a good file") {
    int count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(MARKETCRON_ROOT) / "tests/conformance/crontab")) {
        if (entry.path().extension() != ".crontab") continue;
        ++count;
        for (const bool system : {false, true}) {
            const std::string path = entry.path().filename();
            CHECK(complaint({{path, parse_crontab(file_text(entry.path()), {system, "root"}, path)}}) == "");
        }
    }
    CHECK(count >= 9);
}

TEST_CASE("import writes a good file for any crontab, anacrontab or timer") {
    for (unsigned seed = 0; seed < 1500; ++seed) {
        Draw draw(seed);
        std::vector<NamedCrontab> tables;
        for (std::size_t n = draw.below(3) + 1; n > 0; --n) {
            const auto kind = draw.below(4);
            if (kind == 0) tables.push_back({"anacrontab", parse_anacrontab(anacrontab(draw))});
            else if (kind == 1)
                tables.push_back(
                    {"x.timer", parse_timer_unit({{"", timer(draw)}, {"a.conf", timer(draw)}},
                                                 draw.of({"x.timer", "a@b.timer", "\xff.timer", ".timer"}))});
            else
                tables.push_back({draw.of({"table", "/etc/cron.d/x", "\xff/1", "fi"}),
                                  parse_crontab(crontab(draw, kind == 2), {kind == 2, "root"}, "table")});
        }
        INFO(seed);
        REQUIRE(complaint(tables) == "");
    }
}
