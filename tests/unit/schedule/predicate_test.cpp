#include "unit/schedule/worlds.h"

using namespace mc;
using namespace mc::test;

namespace {

const CalendarSet& set() {
    static const CalendarSet all = markets();
    return all;
}

Result<bool> asked(const std::string& text, const std::string& date, const std::string& own = "XNYS") {
    const auto predicate = Predicate::parse(text);
    INFO(text);
    if (!predicate) FAIL(predicate.error().text());
    return predicate->holds({day(date), day("2026-11-27"), std::nullopt}, set(), CalendarName(own));
}

// "yes", "no" or "unknown".
std::string answer(const std::string& text, const std::string& date, const std::string& own = "XNYS") {
    const auto holds = asked(text, date, own);
    return !holds ? "unknown" : *holds ? "yes" : "no";
}

std::string refusal(const std::string& text) {
    const auto predicate = Predicate::parse(text);
    INFO(text);
    REQUIRE_FALSE(predicate);
    return std::to_string(predicate.error().spot.column) + ": " + predicate.error().what + "; " +
           predicate.error().hint;
}

std::string why(const std::string& text, const std::string& date) {
    const auto answers = Predicate::parse(text)->explain({day(date), day(date), at("2026-11-27T19:00:00Z")}, set(),
                                                         CalendarName("XNYS"));
    REQUIRE(answers);
    std::string all;
    for (const auto& one : *answers)
        all += (all.empty() ? "" : " | ") + one.check + (one.holds ? " yes: " : " no: ") + one.text;
    return all;
}

}  // namespace

TEST_CASE("every predicate, on dates for which it is true and for which it is false") {
    struct Row {
        const char *question, *yes, *no;
    };
    for (const auto& [question, yes, no] : {
             Row{"session", "2026-11-27", "2026-11-26"},
             Row{"holiday", "2026-11-26", "2026-11-28"},
             Row{"holiday", "2025-01-09", "2026-11-27"},
             Row{"unscheduled", "2025-01-09", "2026-11-26"},
             Row{"early_close", "2026-11-27", "2026-11-25"},
             Row{"first_session(week)", "2026-11-23", "2026-11-24"},
             Row{"first_session(week)", "2026-01-20", "2026-01-19"},
             Row{"last_session(week)", "2026-11-27", "2026-11-25"},
             Row{"last_session(week)", "2026-04-02", "2026-04-01"},
             Row{"last_session(month)", "2026-05-29", "2026-05-31"},
             Row{"first_session(month)", "2026-11-02", "2026-11-01"},
             Row{"last_session(quarter)", "2026-09-30", "2026-08-31"},
             Row{"first_session(year)", "2026-01-02", "2026-01-05"},
             Row{"last_session(year)", "2026-12-31", "2026-12-30"},
             Row{"nth_session(3, month)", "2026-11-04", "2026-11-03"},
             Row{"nth_session(-2, month)", "2026-11-27", "2026-11-30"},
             Row{"nth_session(-1, week)", "2026-11-27", "2026-11-26"},
             Row{"before_holiday", "2026-11-25", "2026-11-24"},
             Row{"before_holiday", "2026-01-16", "2026-01-20"},
             Row{"before_holiday", "2026-01-16", "2025-01-08"},
             Row{"after_holiday", "2026-11-27", "2026-11-30"},
             Row{"monthly_expiry", "2026-11-20", "2026-11-13"},
             Row{"monthly_expiry", "2019-04-18", "2019-04-19"},
             Row{"monthly_expiry", "2014-04-17", "2014-04-16"},
             Row{"quarterly_expiry", "2026-12-18", "2026-11-20"},
             Row{"weekday(mon, wed..fri)", "2026-11-25", "2026-11-24"},
             Row{"weekday(fri..mon)", "2026-11-22", "2026-11-24"},
             Row{"weekday(sat..sun)", "2026-11-22", "2026-11-23"},
             Row{"day(1, 15..20)", "2026-11-15", "2026-11-14"},
             Row{"day(-1)", "2026-02-28", "2024-02-28"},
             Row{"day(-3..-1)", "2026-11-28", "2026-11-27"},
             Row{"day(25..-1)", "2026-11-30", "2026-11-24"},
             Row{"month(jan, mar..may)", "2026-04-01", "2026-02-01"},
             Row{"month(nov..feb)", "2026-01-01", "2026-10-31"},
             Row{"nth_weekday(3, fri)", "2026-11-20", "2026-11-13"},
             Row{"nth_weekday(-1, mon)", "2026-11-30", "2026-11-23"},
             Row{"nth_weekday(5, mon)", "2026-11-30", "2026-11-23"},
             Row{"date(2026-12-24, 2026-12-31)", "2026-12-31", "2025-12-31"},
             Row{"year(2026)", "2026-12-31", "2027-01-01"},
             Row{"year(2024, 2026..2028)", "2028-02-29", "2025-06-01"},
             Row{"every(2, week, 2026-01-05)", "2026-01-25", "2026-01-26"},
             Row{"every(2, week, 2026-01-05)", "2026-01-19", "2026-01-12"},
             Row{"every(2, week, 2026-01-05)", "2026-01-11", "2025-12-22"},
             Row{"every(3, day, 2026-01-05)", "2026-01-08", "2026-01-07"},
             Row{"every(1, day, 2026-01-05)", "2026-01-05", "2026-01-04"},
             Row{"every(2, month, 2026-01-15)", "2026-03-01", "2026-02-28"},
             Row{"every(3, month, 2025-11-30)", "2026-02-01", "2026-01-31"},
             Row{"every(2, session, 2026-11-25)", "2026-11-25", "2026-11-27"},
             Row{"every(2, session, 2026-11-25)", "2026-11-30", "2026-11-26"},
             Row{"every(2, session, 2026-11-26)", "2026-11-27", "2026-11-30"},
             Row{"LSE.every(2, session, 2026-11-25)", "2026-11-27", "2026-11-26"},
             Row{"every(2, session, 2026-11-25)", "2026-12-02", "2026-11-24"},
             Row{"true and session", "2026-11-27", "2026-11-26"},
             Row{"true", "2026-11-26", "none"},
             Row{"not true or weekday(mon)", "2026-11-23", "2026-11-24"},
             Row{"XLON.session", "2026-11-26", "2026-12-25"},
             Row{"lse.early_close", "2026-12-24", "2026-12-23"},
             Row{"run.early_close and session", "2026-11-25", "2026-11-26"},
             Row{"run.XNYS.session and date(2026-11-26)", "2026-11-26", "2026-11-25"},
         }) {
        INFO(question);
        CHECK(answer(question, yes) == "yes");
        if (no != std::string("none")) CHECK(answer(question, no) == "no");
    }
}

TEST_CASE("a planned holiday counts for the sessions next to it, an unplanned closure does not") {
    CHECK(answer("after_holiday", "2025-01-10") == "no");
    CHECK(answer("unscheduled and holiday", "2025-01-09") == "yes");
}

TEST_CASE("not binds tighter than and, and tighter than or") {
    CHECK(answer("weekday(mon) or weekday(tue) and day(1)", "2026-11-23") == "yes");
    CHECK(answer("(weekday(mon) or weekday(tue)) and day(1)", "2026-11-23") == "no");
    CHECK(answer("not weekday(mon) or day(23)", "2026-11-23") == "yes");
    CHECK(answer("not (weekday(mon) or day(23))", "2026-11-23") == "no");
    CHECK(answer("not not weekday(mon)", "2026-11-23") == "yes");
    CHECK(answer("weekday(mon)\n  and\tday( 23 ,24 )", "2026-11-23") == "yes");
}

TEST_CASE("beyond coverage the result is unknown, unless the known part decides") {
    CHECK(answer("session", "2027-01-04", "SHORT") == "unknown");
    CHECK(answer("session and weekday(sat)", "2027-01-04", "SHORT") == "no");
    CHECK(answer("session or weekday(mon)", "2027-01-04", "SHORT") == "yes");
    CHECK(answer("not session and weekday(mon)", "2027-01-04", "SHORT") == "unknown");
    CHECK(answer("last_session(year)", "2026-12-31", "SHORT") == "yes");
    CHECK(answer("last_session(week)", "2026-12-31", "SHORT") == "unknown");
    CHECK(answer("first_session(year)", "2026-01-01", "SHORT") == "yes");
    CHECK(answer("market_open", "2026-11-27") == "unknown");
    CHECK(asked("session", "2027-01-04", "SHORT").error().what.find("SHORT") != std::string::npos);
}

TEST_CASE("market_open uses the instant, and is false during breaks") {
    const auto open = Predicate::parse("LUNCH.market_open");
    const auto at_time = [&](const char* text) {
        return *open->holds({day("2026-11-20"), day("2026-11-20"), at(text)}, set(), CalendarName());
    };
    CHECK(at_time("2026-11-20T00:00:00Z"));
    CHECK_FALSE(at_time("2026-11-20T01:15:00Z"));
    CHECK(at_time("2026-11-20T01:30:00Z"));
    CHECK_FALSE(at_time("2026-11-20T06:00:00Z"));
}

TEST_CASE("a predicate reports what it needs") {
    CHECK(Predicate::parse("XLON.session and LUNCH.session or XLON.holiday")->calendars() ==
          std::vector{CalendarName("XLON"), CalendarName("LUNCH")});
    CHECK_FALSE(Predicate::parse("XLON.session and weekday(mon)")->needs_calendar());
    CHECK(Predicate::parse("weekday(mon) and not session")->needs_calendar());
    CHECK(Predicate::parse("day(1) or market_open")->asks_instant());
    CHECK(Predicate::parse("run.session")->asks_run());
    CHECK(Predicate::parse(" session ")->text() == "session");
}

TEST_CASE("an error has its place and says what to write") {
    CHECK(refusal("sesion") == "1: unknown predicate \"sesion\"; did you mean session?");
    CHECK(refusal("session and weekday(mon, wedn)") == "26: 'wedn' is not a weekday; write wed");
    CHECK(refusal("last_session(mnth)").find("14: 'mnth' is not a period; did you mean month?") == 0);
    CHECK(refusal("session weekday(mon)") ==
          "9: 'weekday' follows without 'and' or 'or'; join predicates with 'and' or 'or'");
    CHECK(refusal("(session").find("1: this '(' is not closed") == 0);
    CHECK(refusal("session)").find("8: a ')' without its '('") == 0);
    CHECK(refusal("XNYS.weekday(mon)").find("'weekday' depends on the date, not on a calendar") != std::string::npos);
    CHECK(refusal("session(1)").find("does not take 1 argument; write session") != std::string::npos);
    for (const auto* text : {"",
                             "not",
                             "session and",
                             "and",
                             "or session",
                             "weekday()",
                             "weekday",
                             "weekday(mon",
                             "day(0)",
                             "day(32)",
                             "day(20..15)",
                             "month(13)",
                             "nth_weekday(0, fri)",
                             "nth_weekday(6, fri)",
                             "nth_weekday(1, fri..sun)",
                             "nth_session(month)",
                             "date(2026-02-30)",
                             "date(2026-12-31..2026-12-01)",
                             "()",
                             "weekday(mon,)",
                             "run.",
                             "XNYS."})
        refusal(text);
    CHECK_FALSE(Predicate::parse(std::string(5000, '(')));
    std::string negations;
    for (int n = 0; n < 5000; ++n) negations += "not ";
    CHECK_FALSE(Predicate::parse(negations + "session"));
}

TEST_CASE("why shows the fact behind each result") {
    CHECK(why("session", "2026-11-26") == "session no: 2026-11-26 is not a session of XNYS: Thanksgiving Day");
    CHECK(why("session and not weekday(wed)", "2026-11-25") ==
          "session yes: 2026-11-25 is a session of XNYS | not weekday(wed) no: 2026-11-25 is a Wednesday, one of "
          "weekday(wed)");
    CHECK(why("session", "2026-11-28") ==
          "session no: 2026-11-28 is not a session of XNYS: Saturday is not a trading day of its week");
    CHECK(why("nth_session( -2,month )", "2026-11-30") ==
          "nth_session(-2, month) no: 2026-11-30 is not the 2nd to last session of its month on XNYS");
    CHECK(why("early_close", "2026-11-25") == "early_close no: XNYS closes at 16:00 on 2026-11-25, the regular close");
    CHECK(why("market_open", "2026-11-27") ==
          "market_open no: XNYS is closed at 2026-11-27T14:00:00-05:00: it closed at 13:00, an early close");
    CHECK(why("run.monthly_expiry", "2026-11-20") ==
          "run.monthly_expiry yes: 2026-11-20 is the monthly expiry of XNYS; the third Friday is 2026-11-20");
}

TEST_CASE("why shows the counted dates, for yes and for no") {
    CHECK(why("every(2, week, 2026-01-05)", "2026-01-19") ==
          "every(2, week, 2026-01-05) yes: 2026-01-19 is in a counted week: every 2nd one from 2026-01-05 on");
    CHECK(why("every(2, week, 2026-01-05)", "2026-01-12") ==
          "every(2, week, 2026-01-05) no: 2026-01-12 is not in a counted week: every 2nd one from 2026-01-05 on");
    CHECK(why("every(3, month, 2026-02-01)", "2026-01-31") ==
          "every(3, month, 2026-02-01) no: 2026-01-31 is before 2026-02-01, the start of every(3, month, 2026-02-01)");
    CHECK(why("every(2, session, 2026-11-25)", "2026-11-26") ==
          "every(2, session, 2026-11-25) no: 2026-11-26 is not a session of XNYS: Thanksgiving Day");
    CHECK(why("every(2, session, 2026-11-25)", "2026-11-30").find("yes: 2026-11-30 is in a counted session") !=
          std::string::npos);
    CHECK(
        why("year(2026) and year(2027)", "2026-11-27") ==
        "year(2026) yes: 2026-11-27 is a Friday, one of year(2026) | year(2027) no: 2026-11-27 is a Friday, not one of "
        "year(2027)");
    CHECK(why("true and not true", "2026-11-27") ==
          "true yes: true holds on every date | not true no: true holds on every date");
}

TEST_CASE("a counted session is unknown beyond coverage, and needs a calendar") {
    CHECK(answer("every(2, session, 2026-11-25)", "2027-01-04", "SHORT") == "unknown");
    CHECK(Predicate::parse("every(2, session, 2026-11-25)")->needs_calendar());
    CHECK_FALSE(Predicate::parse("every(2, week, 2026-11-25) and year(2026) and true")->needs_calendar());
    CHECK(Predicate::parse("XLON.every(2, session, 2026-11-25)")->calendars() == std::vector{CalendarName("XLON")});
}

TEST_CASE("invalid counts") {
    CHECK(refusal("every(2, weeks, 2026-01-05)") == "10: 'weeks' is not a period; did you mean week?");
    CHECK(refusal("every(0, week, 2026-01-05)") == "7: '0' is not a number of periods; write 1 to 1000");
    CHECK(refusal("every(-1, week, 2026-01-05)") == "7: '-1' is not a number of periods; write 1 to 1000");
    CHECK(refusal("every(2, week)").find("write every(2, week, 2026-01-05)") != std::string::npos);
    CHECK(refusal("every(2, week, 05.01.2026)").find("'05.01.2026' is not a date") != std::string::npos);
    CHECK(refusal("XNYS.every(2, week, 2026-01-05)").find("depends on the date, not on a calendar") !=
          std::string::npos);
    CHECK(refusal("year(26)").find("'26' is not a year from 1970 to 2199") != std::string::npos);
    CHECK(refusal("year(2028..2026)").find("write 2026..2028") != std::string::npos);
    CHECK(refusal("true(1)").find("'true' does not take 1 argument") != std::string::npos);
    CHECK(refusal("first_session(day)").find("'day' is not a period") != std::string::npos);
}

TEST_CASE("crontab syntax in a predicate") {
    CHECK(refusal("weekday(monday)") == "9: 'monday' is not a weekday; write mon");
    CHECK(refusal("weekday(mon-fri)") == "9: 'mon-fri' is not a weekday; write mon..fri");
    CHECK(refusal("weekday(Thursday-Sunday)") == "9: 'Thursday-Sunday' is not a weekday; write thu..sun");
    CHECK(refusal("month(september)") == "7: 'september' is not a month; write sep");
}

TEST_CASE("a character that is not ASCII is shown complete, with its name and what to write") {
    CHECK(refusal("weekday(mon\xe2\x80\xa6"
                  "fri)") ==
          "12: the predicate contains '\xe2\x80\xa6' (U+2026, an ellipsis); write \"weekday(mon..fri)\"");
    CHECK(refusal("session\xc2\xa0"
                  "and weekday(mon)") ==
          "8: the predicate contains '\xc2\xa0' (U+00A0, a no-break space); write \"session and weekday(mon)\"");
    CHECK(refusal("day(\xe2\x88\x92"
                  "1)")
              .find("write \"day(-1)\"") != std::string::npos);
    CHECK(refusal("s\xc3\xa9"
                  "ssion")
              .find("'\xc3\xa9' (U+00E9)") != std::string::npos);
    CHECK(refusal("day(\xff)").find("the byte 0xff, which is not UTF-8") != std::string::npos);
    CHECK(refusal("\x01").find("U+0001, a control character") != std::string::npos);
    // A dash between two names or dates is `..`, before a number it is a minus.
    const std::string dash = "\xe2\x80\x93";
    CHECK(refusal("weekday(mon" + dash + "fri)").ends_with("; write \"weekday(mon..fri)\""));
    CHECK(refusal("date(2026-12-01" + dash + "2026-12-24)").find("write \"date(2026-12-01-") == std::string::npos);
    CHECK(refusal("day(" + dash + "1)").ends_with("; write \"day(-1)\""));
    CHECK(refusal("weekdy(mon" + dash + "fri)").ends_with("; use only ASCII letters, digits and signs"));
}

TEST_CASE("for before_holiday and after_holiday why shows which side of the session was checked") {
    CHECK(why("before_holiday", "2026-11-25") ==
          "before_holiday yes: a planned holiday of XNYS is between 2026-11-25 and the session after it");
    CHECK(why("before_holiday", "2026-11-24") ==
          "before_holiday no: no planned holiday of XNYS is between 2026-11-24 and the session after it");
    CHECK(why("after_holiday", "2026-11-27") ==
          "after_holiday yes: a planned holiday of XNYS is between 2026-11-27 and the session before it");
    CHECK(why("after_holiday", "2026-11-30") ==
          "after_holiday no: no planned holiday of XNYS is between 2026-11-30 and the session before it");
    CHECK(why("before_holiday", "2026-11-26").starts_with("before_holiday no: 2026-11-26 is not a session of XNYS"));
}
