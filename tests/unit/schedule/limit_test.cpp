#include "schedule/limit.h"

#include "unit/schedule/worlds.h"

using namespace mc;
using namespace mc::test;

namespace {

// The limit's instant for a run of XNYS that fires at `due`, in New York, or "none".
std::string limit(const std::string& text, const std::string& due, LimitOf of, std::optional<Date> session) {
    const auto set = markets();
    const auto schedule = job({"0 6 * * *"});
    Fire fire;
    fire.due = at(due);
    fire.session = session;
    const auto resolved = resolve_limit(*parse_limit(text), fire, of, schedule, set);
    return resolved ? date::format("%F %H:%M", schedule.zone->to_wall(*resolved)) : "none";
}

constexpr LimitOf own = LimitOf::own_session, next = LimitOf::jobs_calendar;

}  // namespace

TEST_CASE("a bare time is on the fire's local date, a duration counts from the fire") {
    CHECK(limit("21:30", "2026-11-28T02:00:00Z", next, {}) == "2026-11-27 21:30");
    CHECK(limit("06:30+1d", "2026-11-28T02:00:00Z", next, {}) == "2026-11-28 06:30");
    CHECK(limit("+2h", "2026-11-28T02:00:00Z", next, {}) == "2026-11-27 23:00");
    CHECK(limit("02:30", "2026-03-08T06:00:00Z", next, {}) == "2026-03-08 03:00");
}

TEST_CASE("an event belongs to the run's session, or is the first after the fire") {
    const auto friday = day("2026-11-27");
    CHECK(limit("@open-10m", "2026-11-27T11:00:00Z", own, friday) == "2026-11-27 09:20");
    CHECK(limit("@close", "2026-11-27T20:00:00Z", own, friday) == "2026-11-27 13:00");
    CHECK(limit("@close", "2026-11-27T20:00:00Z", next, friday) == "2026-11-30 16:00");
    CHECK(limit("@close", "2026-11-27T18:00:00Z", next, friday) == "2026-11-30 16:00");
    CHECK(limit("@close+2d", "2026-11-27T17:00:00Z", next, friday) == "2026-11-27 16:00");
    CHECK(limit("@XLON.close", "2026-11-27T11:00:00Z", next, friday) == "2026-11-27 11:30");
    CHECK(limit("@open", "2026-11-28T11:00:00Z", own, {}) == "none");
    CHECK(limit("@SHORT.open", "2027-01-05T11:00:00Z", next, {}) == "none");
    CHECK(limit("@SHORT.pre", "2026-01-05T11:00:00Z", next, {}) == "none");
}
