// Crontab lines that the tables of tests/conformance/crontab do not contain.
#include "crontab/crontab.h"

#include <catch2/catch.hpp>

#include "crontab/mail_setting.h"
#include "crontab/percent.h"
#include "crontab/setting.h"

using namespace mc;

namespace {

const CrontabOwner ann{false, "ann"}, system_table{true, ""};

Crontab read(const std::string& text, const CrontabOwner& owner = ann) { return parse_crontab(text, owner, "table"); }

std::string problem(const std::string& text, const CrontabOwner& owner = ann) {
    const Crontab table = read(text, owner);
    CHECK(table.entries.empty());
    REQUIRE(table.problems.size() == 1);
    return table.problems[0].what;
}

using Setting = std::pair<std::string, std::string>;

}  // namespace

TEST_CASE("lines that set a variable, and lines that do not") {
    CHECK(parse_setting("A=b") == Setting{"A", "b"});
    CHECK(parse_setting("A = b c \r") == Setting{"A", "b c"});
    CHECK(parse_setting("\"A B\" = ' c '  ") == Setting{"A B", " c "});
    CHECK(parse_setting("A=$HOME/x # y") == Setting{"A", "$HOME/x # y"});
    CHECK(parse_setting("A=") == Setting{"A", ""});
    CHECK(parse_setting("A=b'c'") == Setting{"A", "b'c'"});
    CHECK_FALSE(parse_setting("A b = c"));
    CHECK_FALSE(parse_setting("A='b' c"));
    CHECK_FALSE(parse_setting("A=\"b"));
    CHECK_FALSE(parse_setting("'A = b"));
    CHECK_FALSE(parse_setting(""));
}

TEST_CASE("only the bad line is left out, and its error says what to write") {
    const Crontab table = read("0 1 * * * a\n0 25 * * * b\n0 2 * * * c\n");
    REQUIRE(table.entries.size() == 2);
    CHECK(table.entries[1].command == "c");
    REQUIRE(table.problems.size() == 1);
    CHECK(table.problems[0].line == 2);
    CHECK(table.problems[0].what.find("25 is outside 0-23") != std::string::npos);
}

TEST_CASE("errors in a line") {
    CHECK(problem("0 1 * * *\n") == "the command is missing");
    CHECK(problem("0 1 * * * root\n", system_table) == "the command after the user root is missing");
    CHECK(problem("@daily\n", system_table) == "the user and the command are missing");
    CHECK(problem("0 1 * * * * x\n").starts_with("a sixth field `*`"));
    CHECK(problem("0 1 * * * -x y\n").starts_with("unknown option -x before the command"));
    CHECK(problem("0 1 * * * -n\n") == "the command after -n is missing");
    CHECK(problem("-0 1 * * * x\n").starts_with("only root's crontab and system crontabs may have a `-`"));
    CHECK(problem("@sometimes x\n").find("@sometimes") != std::string::npos);
    CHECK(problem("\r\n") != "");
    CHECK(problem("0 1 * * 1\r\n") != "");
    CHECK(problem(std::string("0 1 * * * a\0b\n", 14)) == "the line contains a NUL");
    CHECK(problem("0 1 * * * x").starts_with("the last line does not end with a newline"));
}

TEST_CASE("another cron's syntax is reported as `check` does: with the equivalent here") {
    CHECK(problem("0 9 * * MON#1 x\n") ==
          "'0 9 * * MON#1': 'MON#1' is the first mon of the month in other crons; in marketcron.toml write schedule = "
          "\"0 9 * "
          "* *\" with when = \"nth_weekday(1, mon)\"");
    CHECK(problem("0 9 L * * x\n").find("in marketcron.toml write schedule = \"0 9 * * *\" with when = \"day(-1)\"") !=
          std::string::npos);
    CHECK(problem("0 9 ? * MON-FRI x\n").ends_with("; write 0 9 * * mon-fri"));
    CHECK(problem("0 22-2 * * * x\n").ends_with("; write 0 22-23,0-2 * * *"));
    CHECK(problem("H/15 * * * * x\n").find("-59/15 * * * *") != std::string::npos);
    CHECK(problem("0 9 * * 9 x\n").find("9 is outside 0-7") != std::string::npos);
}

TEST_CASE("a carriage return at the end belongs to the command, as in cron") {
    CHECK(read("0 1 * * * x\r\n").entries.at(0).command == "x\r");
}

TEST_CASE("a comment needs no newline at the end; a line may be long") {
    const std::string command(100'000, 'x');
    const Crontab table = read("0 1 * * * " + command + "\n# end");
    CHECK(table.problems.empty());
    CHECK(table.entries.at(0).command == command);
}

TEST_CASE("a setting applies to the lines below it") {
    const Crontab table = read("MAILTO=a\n0 1 * * * x\nMAILTO=\"\"\n0 2 * * * y\n");
    CHECK(table.entries.at(0).setting("MAILTO") == "a");
    CHECK(table.entries.at(1).setting("MAILTO") == "");
    CHECK_FALSE(table.entries.at(1).setting("SHELL"));
}

TEST_CASE("RANDOM_DELAY is in minutes; if it is invalid the job runs without a delay") {
    const Crontab table = read("RANDOM_DELAY=45\n@daily x\nRANDOM_DELAY=1h\n@daily y\nRANDOM_DELAY=1441\n@daily z\n");
    CHECK(table.entries.at(0).random_delay == Seconds{2700});
    CHECK(table.entries.at(1).random_delay == Seconds{0});
    CHECK(table.entries.at(1).remark.starts_with("RANDOM_DELAY=1h is not a number of minutes"));
    CHECK(table.entries.at(2).random_delay == Seconds{0});
}

TEST_CASE("percent signs in a command's input") {
    CHECK(split_at_percent("cat%a\\\\%b").stdin_text == "a\\%b\n");
    CHECK(split_at_percent("cat%a%").stdin_text == "a\n");
    CHECK(split_at_percent("cat%%").stdin_text == "\n");
    CHECK_FALSE(split_at_percent("cat").stdin_text);
}

TEST_CASE("a setting for mail may use one variable, and blanks in it do not count") {
    const auto mailto = [](const std::string& settings) {
        return mail_setting(read(settings + "\n0 1 * * * x\n").entries.at(0), "MAILTO");
    };
    CHECK_FALSE(mailto("X=ops"));
    CHECK(mailto("MAILTO=") == "");
    CHECK(mailto("MAILTO=a@x.com,\tb , c") == "a@x.com,b,c");
    CHECK(mailto("X=ops\nMAILTO=$X") == "ops");
    CHECK(mailto("X=ops\nMAILTO=$X@x.com") == "ops@x.com");
    CHECK(mailto("X=ops\nMAILTO=a.${X}b@x.com") == "a.opsb@x.com");
    CHECK(mailto("aA_zZ09=ops\nMAILTO=$aA_zZ09-x") == "ops-x");
    CHECK(mailto("MAILTO=a$Y") == "a");
    for (const char* kept : {"a$", "$-x", "${", "${}", "${X", "${X-y}"})
        CHECK(mailto("X=ops\nMAILTO=" + std::string(kept)) == kept);
}

TEST_CASE("a million settings may be copied to lines, and not one more") {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "V" + std::to_string(i) + "=x\n";
    for (int i = 0; i < 1001; ++i) text += "0 1 * * * a\n";
    const Crontab table = read(text);
    CHECK(table.entries.size() == 1000);
    REQUIRE(table.problems.size() == 1);
    CHECK(table.problems[0].line == 2001);
    CHECK(table.problems[0].what == "too many settings above too many lines; split the file");
}
