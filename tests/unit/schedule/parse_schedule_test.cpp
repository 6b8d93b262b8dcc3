#include <catch2/catch.hpp>

#include "schedule/limit.h"
#include "schedule/schedule.h"

using namespace mc;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

template <class T>
T read(const std::string& text) {
    auto schedule = parse_schedule(text, "job");
    if (!schedule) FAIL(schedule.error().text());
    REQUIRE(std::holds_alternative<T>(*schedule));
    return std::get<T>(*schedule);
}

std::string refusal(const std::string& text) {
    const auto schedule = parse_schedule(text, "job");
    INFO(text);
    REQUIRE_FALSE(schedule);
    CHECK(schedule.error().kind == Error::Kind::config);
    CHECK_FALSE(schedule.error().hint.empty());
    return schedule.error().text();
}

}  // namespace

TEST_CASE("session events, with offset and calendar") {
    const auto close = read<EventSchedule>("@close+15m");
    CHECK(close.event == SessionEvent::close);
    CHECK(close.offset == minutes{15});
    CHECK(close.calendar.empty());
    const auto open = read<EventSchedule>(" @XLON.open-1h30m ");
    CHECK(open.event == SessionEvent::open);
    CHECK(open.offset == -minutes{90});
    CHECK(open.calendar == "XLON");
    CHECK(read<EventSchedule>("@break_start").event == SessionEvent::break_start);
    CHECK(read<EventSchedule>("@break_end+0s").event == SessionEvent::break_end);
    CHECK(read<EventSchedule>("@pre").event == SessionEvent::pre);
    CHECK(read<EventSchedule>("@24/7.post").calendar == "24/7");
    CHECK(read<EventSchedule>("@us-bonds.close-5m").calendar == "us-bonds");
}

TEST_CASE("times on sessions, periods and windows") {
    const auto morning = read<SessionTime>("@session 06:00+1d");
    CHECK(morning.time_of_day == hours{6});
    CHECK(morning.days == 1);
    CHECK(read<SessionTime>("@session 18:30-2d").days == -2);
    CHECK(read<SessionTime>("@XTKS.session 9:05").calendar == "XTKS");
    CHECK(read<Every>("@every 90s").period == Seconds{90});
    const auto window = read<EveryInSession>("@every 5m from @open+5m to @XLON.close-5m");
    CHECK(window.period == minutes{5});
    CHECK(window.from.offset == minutes{5});
    CHECK(window.to.calendar == "XLON");
    read<Reboot>("@reboot");
    read<CronExpr>("@midnight");
    read<CronExpr>("30 16 * * mon-fri");
}

TEST_CASE("the error of an invalid schedule says what to write") {
    CHECK(refusal("@clsoe+15m").find("did you mean @close?") != std::string::npos);
    CHECK(refusal("@Daily").find("did you mean @daily?") != std::string::npos);
    CHECK(refusal("@close+15").find("invalid offset '+15'") != std::string::npos);
    CHECK(refusal("@close + 15m").find("without blanks") != std::string::npos);
    CHECK(refusal("@session").find("@session 09:30") != std::string::npos);
    CHECK(refusal("@session 25:00").find("25:00") != std::string::npos);
    for (const auto* text : {"", "@", "@every", "@every 0s", "@every soon", "@every 5m from @open",
                             "@every 5m to @open from @close", "@XLON.daily", "@.close", "@reboot+5m", "@session 9",
                             "@session 09:30+d", "@session 09:3", "@open+", "@XLON."})
        refusal(text);
}

TEST_CASE("a limit is a time, a duration or an event") {
    const auto time = parse_limit("06:30+1d");
    REQUIRE(time);
    CHECK(std::get<LimitTime>(time->rule).time_of_day == hours{6} + minutes{30});
    CHECK(std::get<LimitTime>(time->rule).days == 1);
    CHECK(time->text == "06:30+1d");
    CHECK(std::get<LimitAfter>(parse_limit("+2h")->rule).length == hours{2});
    CHECK(std::get<EventSchedule>(parse_limit("@XLON.close")->rule).calendar == "XLON");
    for (const auto* text : {"", "2h", "+", "+0x", "24:00", "@closing", "tomorrow", "-1h"}) {
        const auto bad = parse_limit(text);
        INFO(text);
        REQUIRE_FALSE(bad);
        CHECK(bad.error().kind == Error::Kind::config);
    }
}
