// Changes of single days: what an operator may write, the file that they make, and the sessions that result.
#include "desk/calendar_overrides.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "calendar/day_rule.h"
#include "support/context.h"
#include "unit/os/temporary.h"

using namespace mc;
using namespace mc::app;
using os::test::TemporaryDirectory;
using os::test::write_text;

namespace {

const CalendarName new_york("XNYS"), tokyo("XTKS");

Date day(const char* text) { return parse_date(text).value(); }

CalendarOverride change(const CalendarName& calendar, const char* date, const char* what, const char* time = "") {
    CalendarOverride made = parse_override(calendar, day(date), what, time).value();
    made.declared = day("2026-11-02");
    return made;
}

const CalendarSet& plain() { return *mc::test::read_context().calendars; }

CalendarSet with(const CalendarName& calendar, const std::string& text) {
    CalendarSet set = plain();
    if (!text.empty()) set.add_override(override_source(calendar, text, "test.toml"));
    return set;
}

// "09:00-11:30 12:30-15:00" in the exchange's time zone; "closed".
std::string hours(const CalendarSet& set, const CalendarName& calendar, const char* date) {
    const CalendarPtr found = set.find(calendar).value();
    const Session* session = found->session(day(date)).value();
    if (session == nullptr) return "closed";
    const auto time = [&](Instant t) { return day_time_text(found->zone()->to_wall(t) - WallTime{session->date}); };
    std::string text = time(session->open) + "-";
    for (const Span& span : session->breaks) text += time(span.from) + " " + time(span.to) + "-";
    return text + time(session->close);
}

std::string hours_after(const CalendarOverride& override) {
    const auto text = with_override("", plain(), override);
    return text ? hours(with(override.calendar, *text), override.calendar, to_string(override.date).c_str())
                : text.error().sentence();
}

std::string refusal(const std::string& before, const CalendarOverride& override) {
    const auto text = with_override(before, plain(), override);
    if (text) return "";
    CHECK(text.error().kind == Error::Kind::refused);
    return text.error().sentence();
}

}  // namespace

TEST_CASE("the words of a change, and what to write instead of others") {
    const auto text = [](const char* what, const char* time) {
        const auto parsed = parse_override(new_york, day("2026-11-24"), what, time);
        if (parsed) return to_text(*parsed);
        CHECK(parsed.error().kind == Error::Kind::usage);
        CHECK(parsed.error().hint == "write closed, open, open 11:00, close 13:00 or clear");
        return parsed.error().what;
    };
    CHECK(text("closed", "") == "XNYS 2026-11-24 is closed");
    CHECK(text("open", "") == "XNYS 2026-11-24 is open");
    CHECK(text("open", "11:00") == "XNYS 2026-11-24 opens at 11:00");
    CHECK(text("close", "13:00") == "XNYS 2026-11-24 closes at 13:00");
    CHECK(text("clear", "") == "XNYS 2026-11-24 has no override any more");
    CHECK(text("shut", "") == "`shut` is not a change of a session");
    CHECK(text("close", "") == "`close` needs a time");
    CHECK(text("close", "soon") == "`close soon` is not a change of a session");
    CHECK(text("closed", "13:00") == "`closed 13:00` is not a change of a session");
    CHECK(text("clear", "13:00") == "`clear 13:00` is not a change of a session");
}

TEST_CASE("a change of a day changes that day's session alone") {
    CHECK(hours(plain(), new_york, "2026-11-24") == "09:30-16:00");
    CHECK(hours_after(change(new_york, "2026-11-24", "closed")) == "closed");
    CHECK(hours_after(change(new_york, "2026-11-24", "close", "13:00")) == "09:30-13:00");
    CHECK(hours_after(change(new_york, "2026-11-24", "open", "11:00")) == "11:00-16:00");
    CHECK(hours_after(change(new_york, "2026-11-21", "open")) == "09:30-16:00");           // a Saturday
    CHECK(hours_after(change(new_york, "2026-11-21", "open", "11:00")) == "11:00-16:00");  // with the regular close
    const auto text = with_override("", plain(), change(new_york, "2026-11-24", "closed")).value();
    CHECK(hours(with(new_york, text), new_york, "2026-11-23") == "09:30-16:00");
    CHECK(hours(with(new_york, text), new_york, "2026-11-25") == "09:30-16:00");
}

TEST_CASE("a changed day is unscheduled, and has its reason and the date on which it was declared") {
    CalendarOverride storm = change(new_york, "2026-11-24", "closed");
    for (const char* reason : {"", "a storm"}) {
        storm.reason = reason;
        const CalendarSet set = with(new_york, with_override("", plain(), storm).value());
        const DayFacts facts = set.find(new_york).value()->facts(day("2026-11-24")).value();
        CHECK(facts.unscheduled);
        CHECK(facts.declared == day("2026-11-02"));
        CHECK(facts.reason == (*reason == '\0' ? "changed by an operator" : reason));
    }
}

TEST_CASE("breaks are cut to the new hours, and no session begins or ends in one") {
    REQUIRE(hours(plain(), tokyo, "2026-11-24") == "09:00-11:30 12:30-15:30");
    const auto close = [](const char* time) { return hours_after(change(tokyo, "2026-11-24", "close", time)); };
    const auto open = [](const char* time) { return hours_after(change(tokyo, "2026-11-24", "open", time)); };
    CHECK(close("14:00") == "09:00-11:30 12:30-14:00");
    CHECK(close("12:31") == "09:00-11:30 12:30-12:31");
    CHECK(close("12:30") == "09:00-11:30");
    CHECK(close("12:00") == "09:00-11:30");
    CHECK(close("11:30") == "09:00-11:30");
    CHECK(close("11:29") == "09:00-11:29");
    CHECK(open("10:00") == "10:00-11:30 12:30-15:30");
    CHECK(open("11:30") == "12:30-15:30");
    CHECK(open("12:00") == "12:30-15:30");
    CHECK(open("12:30") == "12:30-15:30");
    CHECK(open("13:00") == "13:00-15:30");
}

TEST_CASE("the text of a change says when a break moved it") {
    const auto text = [](const CalendarOverride& override) {
        return to_text(override, with(override.calendar, with_override("", plain(), override).value()));
    };
    CHECK(text(change(tokyo, "2026-11-24", "close", "14:00")) == "XTKS 2026-11-24 closes at 14:00");
    CHECK(text(change(tokyo, "2026-11-24", "close", "12:00")) ==
          "XTKS 2026-11-24 closes at 11:30 (12:00 is in its break)");
    CHECK(text(change(tokyo, "2026-11-24", "open", "12:00")) ==
          "XTKS 2026-11-24 opens at 12:30 (12:00 is in its break)");
    CHECK(text(change(tokyo, "2026-11-24", "closed")) == "XTKS 2026-11-24 is closed");
}

TEST_CASE("a change that changes nothing, or makes no valid session, is refused") {
    CHECK(refusal("", change(new_york, "2026-11-21", "closed")) == "XNYS 2026-11-21 is already closed");
    CHECK(refusal("", change(new_york, "2026-11-24", "open")) == "XNYS 2026-11-24 is already a session");
    CHECK(refusal("", change(new_york, "2026-11-21", "close", "13:00")) ==
          "XNYS 2026-11-21 is not a session; open it first");
    CHECK(refusal("", change(new_york, "2026-11-24", "clear")) == "XNYS 2026-11-24 has no override");
    CHECK_FALSE(refusal("", change(new_york, "2026-11-24", "close", "09:00")).empty());
    CHECK_FALSE(refusal("", change(new_york, "2026-11-24", "open", "16:00")).empty());
    CHECK(refusal("closed = [", change(new_york, "2026-11-24", "closed")) ==
          "the file with the overrides of XNYS is damaged; fix or delete it; it is in `calendars` in the state "
          "directory");
    CHECK_FALSE(with_override("", plain(), change(CalendarName("XNOT"), "2026-11-24", "closed")));
    CHECK_FALSE(with_override("", plain(), change(new_york, "2090-11-24", "closed")));
}

TEST_CASE("a later change of a day replaces the earlier one, and clear removes it") {
    const std::string closed = with_override("", plain(), change(new_york, "2026-11-24", "closed")).value();
    CHECK(refusal(closed, change(new_york, "2026-11-24", "open")) ==
          "XNYS 2026-11-24 is already a session; `clear` removes its override");
    const std::string late = with_override(closed, plain(), change(new_york, "2026-11-24", "open", "11:00")).value();
    CHECK(hours(with(new_york, late), new_york, "2026-11-24") == "11:00-16:00");
    // The new close applies to the hours of the earlier change.
    const std::string both = with_override(late, plain(), change(new_york, "2026-11-24", "close", "13:00")).value();
    CHECK(hours(with(new_york, both), new_york, "2026-11-24") == "11:00-13:00");
    const std::string again = with_override(both, plain(), change(new_york, "2026-11-24", "closed")).value();
    CHECK(hours(with(new_york, again), new_york, "2026-11-24") == "closed");
    CHECK(with_override(again, plain(), change(new_york, "2026-11-24", "clear")).value().empty());

    const std::string two = with_override(late, plain(), change(new_york, "2026-11-25", "closed")).value();
    CHECK(hours(with(new_york, two), new_york, "2026-11-24") == "11:00-16:00");
    CHECK(hours(with(new_york, two), new_york, "2026-11-25") == "closed");
    for (const auto& [cleared, left] : {std::pair{"2026-11-24", "2026-11-25"}, {"2026-11-25", "2026-11-24"}}) {
        const std::string one = with_override(two, plain(), change(new_york, cleared, "clear")).value();
        CHECK(one.starts_with("# Changes made by `marketcron calendar override`"));
        CHECK(hours(with(new_york, one), new_york, cleared) == "09:30-16:00");
        CHECK(hours(with(new_york, one), new_york, left) == hours(with(new_york, two), new_york, left));
    }
}

TEST_CASE("each changed calendar has a file in the state directory, which goes with its last day") {
    const TemporaryDirectory state;
    Errors problems;
    ReadContext context = mc::test::read_context();
    CHECK(read_overrides(state.path(), "")->empty());
    CHECK_FALSE(add_overrides(context, state.path(), "", problems));
    const CalendarName always("24/7");
    CHECK(read_override(state.path(), always).value().empty());
    REQUIRE(write_override(state.path(), always, "name = \"24/7\"\nextends = \"24/7\"\n"));
    CHECK(std::filesystem::exists(state / "calendars/24-7.toml"));
    const std::string text = with_override("", plain(), change(new_york, "2026-11-24", "closed")).value();
    REQUIRE(write_override(state.path(), new_york, text));
    CHECK(std::filesystem::exists(state / "calendars/xnys.toml"));
    CHECK(read_override(state.path(), new_york).value() == text);
    CHECK(read_overrides(state.path(), "")->size() == 2);
    CHECK(add_overrides(context, state.path(), "", problems));
    CHECK(hours(*context.calendars, new_york, "2026-11-24") == "closed");
    CHECK(problems.empty());
    REQUIRE(write_override(state.path(), new_york, ""));
    CHECK_FALSE(std::filesystem::exists(state / "calendars/xnys.toml"));
    CHECK(read_overrides(state.path(), "")->size() == 1);
    write_text(state / "calendars/xnys.toml", "name = [");
    CHECK_FALSE(add_overrides(context, state.path(), "", problems));
    CHECK(problems.size() == 1);
}
