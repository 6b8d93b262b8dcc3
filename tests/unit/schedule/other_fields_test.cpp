#include "schedule/other_fields.h"

#include <catch2/catch.hpp>

#include "schedule/other_crons.h"

using namespace mc;

namespace {

enum Field { minute = 1, hour, day, month, weekday };

std::string cron_of(Field field, std::string_view text, WeekdayCount count = WeekdayCount::from_zero) {
    const auto read = read_other_field(cron_fields[field], text, count, "job");
    return read ? read->cron : "none";
}

std::string asked_of(Field field, std::string_view text, WeekdayCount count = WeekdayCount::from_zero) {
    const auto read = read_other_field(cron_fields[field], text, count, "job");
    if (!read) return "none";
    std::string all;
    for (const std::string& one : read->asked) all += (all.empty() ? "" : "; ") + one;
    return all;
}

std::string written(std::string_view text) {
    const auto said = said_here(text, "job");
    return said ? said->schedule + (said->when.empty() ? "" : " | " + said->when) : "none";
}

}  // namespace

TEST_CASE("years of another cron") {
    CHECK(read_years("*") == "");
    CHECK(read_years("?") == "");
    CHECK(read_years("2027") == "2027");
    CHECK(read_years("1970,2099") == "1970, 2099");
    CHECK(read_years("2026-2028,2030") == "2026..2028, 2030");
    CHECK(read_years("2027-2027") == "2027");
    CHECK(read_years("2026-2030/2") == "2026, 2028, 2030");
    CHECK(read_years("2093/3") == "2093, 2096, 2099");
    CHECK(read_years("2097/1") == "2097..2099");
    CHECK(read_years("*/60") == "1970, 2030, 2090");
    for (const char* bad : {"", "x", "1969", "2100", "2028-2026", "2026-", "-2026", "2026-2027-2028", "2026-2100",
                            "1969-2026", "2026/0", "2026/x", "2026/1/1", "2026,", "*/0", "L", "02027"}) {
        INFO(bad);
        CHECK_FALSE(read_years(bad));
    }
}

TEST_CASE("a value that Jenkins draws is drawn here too, from the same range") {
    CHECK(cron_of(minute, "H") == "~");
    CHECK(cron_of(minute, "r") == "~");
    CHECK(cron_of(minute, "H(0-29)") == "0~29");
    CHECK(cron_of(minute, "H(30-59)") == "30~59");
    CHECK(cron_of(minute, "H(7-7)") == "7~7");
    CHECK(cron_of(day, "H(1-28)") == "1~28");
    for (const char* bad :
         {"H(5-3)", "H(0-60)", "H(5)", "H(0-1-2)", "H(0-29", "H(-)", "H(a-b)", "H()", "H/0", "H/x", "Hx"}) {
        INFO(bad);
        CHECK(cron_of(minute, bad) == "none");
    }
    CHECK(cron_of(day, "H(0-5)") == "none");
    const auto begin_of = [](const std::string& cron) { return std::stoi(cron.substr(0, cron.find('-'))); };
    const std::string all = cron_of(minute, "H/15"), part = cron_of(minute, "H(30-59)/10");
    CHECK(all.ends_with("-59/15"));
    CHECK(begin_of(all) < 15);
    CHECK(part.ends_with("-59/10"));
    CHECK(begin_of(part) >= 30);
    CHECK(begin_of(part) < 40);
    CHECK(cron_of(minute, "H(8-9)/10").ends_with("-9/10"));
}

TEST_CASE("numbers, ranges and steps, also backwards") {
    CHECK(cron_of(hour, "9-17") == "9-17");
    CHECK(cron_of(hour, "22-2") == "22-23,0-2");
    CHECK(cron_of(hour, "22-2/2") == "22,0,2");
    CHECK(cron_of(hour, "5/6") == "5-23/6");
    CHECK(cron_of(hour, "*/6") == "*/6");
    CHECK(cron_of(day, "28-3") == "28-31,1-3");
    CHECK(cron_of(month, "nov-feb") == "nov-dec,jan-feb");
    CHECK(cron_of(weekday, "fri-sun") == "fri-sun");
    CHECK(cron_of(weekday, "fri-mon") == "fri-sat,sun-mon");
    CHECK(cron_of(weekday, "0-6") == "sun-sat");
    CHECK(cron_of(weekday, "2-6", WeekdayCount::from_one) == "mon-fri");
    CHECK(cron_of(weekday, "1,7", WeekdayCount::from_one) == "sun,sat");
    CHECK(cron_of(weekday, "0", WeekdayCount::from_one) == "none");
    CHECK(cron_of(weekday, "8") == "none");
    for (const char* bad : {"", ",", "1,", "24", "1-2-3", "-1", "1-", "1/2/3", "1/0", "1/x", "?/2", "x", "12345"}) {
        INFO(bad);
        CHECK(cron_of(hour, bad) == "none");
    }
}

TEST_CASE("Quartz's days of the month as predicates") {
    CHECK(asked_of(day, "L") == "day(-1)");
    CHECK(asked_of(day, "1,L") == "day(1, -1)");
    CHECK(asked_of(day, "L-3") == "day(-4)");
    CHECK(asked_of(day, "l-30") == "day(-31)");
    CHECK(asked_of(day, "LW") == "day(-1) and weekday(mon..fri) or day(-3..-2) and weekday(fri)");
    CHECK(asked_of(day, "1W") == "day(1) and weekday(mon..fri) or day(2..3) and weekday(mon)");
    CHECK(asked_of(day, "15w") ==
          "day(15) and weekday(mon..fri) or day(14) and weekday(fri) or day(16) and weekday(mon)");
    for (const char* bad : {"L-0", "L-31", "L-x", "0W", "32W", "W", "xW", "LL"}) {
        INFO(bad);
        CHECK(asked_of(day, bad) == "none");
    }
}

TEST_CASE("Quartz's weekdays of a month as predicates") {
    CHECK(asked_of(weekday, "5L") == "nth_weekday(-1, fri)");
    CHECK(asked_of(weekday, "L5") == "nth_weekday(-1, fri)");
    CHECK(asked_of(weekday, "friL") == "nth_weekday(-1, fri)");
    CHECK(asked_of(weekday, "6L", WeekdayCount::from_one) == "nth_weekday(-1, fri)");
    CHECK(asked_of(weekday, "mon#1") == "nth_weekday(1, mon)");
    CHECK(asked_of(weekday, "2#5") == "nth_weekday(5, tue)");
    CHECK(asked_of(weekday, "2#2", WeekdayCount::from_one) == "nth_weekday(2, mon)");
    CHECK(asked_of(weekday, "tue#L") == "nth_weekday(-1, tue)");
    CHECK(asked_of(weekday, "L", WeekdayCount::from_one) == "weekday(sat)");
    for (const char* bad : {"L", "2#0", "2#6", "2#", "#2", "9L", "xL", "x#1", "2#x"}) {
        INFO(bad);
        CHECK(asked_of(weekday, bad) == "none");
    }
}

TEST_CASE("in which order another cron's fields are, with a year and with seconds") {
    CHECK(written("0 9 * * 1 2027") == "0 9 * * mon | year(2027)");
    CHECK(written("0 9 ? * mon *") == "0 9 * * mon");  // the fifth field of AWS is a weekday, the sixth a year
    CHECK(written("0 9 1 * ? *") == "0 9 1 * *");
    CHECK(written("0 0 9 ? * 2") == "0 9 * * mon");  // Quartz: seconds first, and 2 is Monday
    CHECK(written("0 0 9 ? * 2 2027") == "0 9 * * mon | year(2027)");
    CHECK(written("0 9 ? *") == "none");
    CHECK(written("0 0 9 ? * 2 2027 x") == "none");
}

TEST_CASE("alternatives are in brackets if another condition follows") {
    CHECK(written("0 9 1W * *") == "0 9 * * * | day(1) and weekday(mon..fri) or day(2..3) and weekday(mon)");
    CHECK(written("0 9 1W * * 2027") ==
          "0 9 * * * | (day(1) and weekday(mon..fri) or day(2..3) and weekday(mon)) and year(2027)");
    CHECK(written("0 9 L * * 2027") == "0 9 * * * | day(-1) and year(2027)");
}
