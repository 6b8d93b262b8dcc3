// next_cron compared with an oracle that only reads the clock: it visits every minute of a few days around a
// change of the clock, and checks its wall time and whether that was shown before.
#include <catch2/catch.hpp>
#include <set>

#include "base/hash.h"
#include "schedule/cron.h"
#include "unit/schedule/worlds.h"

using namespace mc;
using test::at;

namespace {

constexpr std::chrono::minutes minute{1};

// A stream of numbers from a fixed seed.
class Draw {
   public:
    explicit Draw(std::uint64_t seed) : state_(seed) {}
    unsigned below(unsigned bound) { return static_cast<unsigned>(stable_hash("draw", ++state_) % bound); }
    bool one_in(unsigned n) { return below(n) == 0; }

   private:
    std::uint64_t state_;
};

std::string element(Draw& draw, unsigned low, unsigned high) {
    const auto first = low + draw.below(high - low + 1);
    const auto last = first + draw.below(high - first + 1);
    auto one = std::to_string(first);
    auto range = one + "-" + std::to_string(last);
    switch (draw.below(4)) {
        case 0: return one;
        case 1: return range;
        case 2: return range + "/" + std::to_string(1 + draw.below(7));
        default: return one + "," + std::to_string(last);
    }
}

std::string field(Draw& draw, unsigned low, unsigned high, unsigned star) {
    if (draw.one_in(star)) return draw.one_in(2) ? "*" : "*/" + std::to_string(1 + draw.below(5));
    return element(draw, low, high);
}

std::string expression(Draw& draw) {
    return field(draw, 0, 59, 3) + " " + field(draw, 0, 23, 3) + " " + (draw.one_in(3) ? field(draw, 1, 31, 4) : "*") +
           " * " + (draw.one_in(3) ? field(draw, 0, 6, 4) : "*");
}

bool time_matches(const CronExpr& expr, WallTime wall) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(wall - date_of(wall)).count();
    return (expr.minutes >> (minutes % 60) & 1) != 0 && (expr.hours >> (minutes / 60) & 1) != 0;
}

bool matches(const CronExpr& expr, WallTime wall) { return expr.matches(date_of(wall)) && time_matches(expr, wall); }

// All fires in (from, to], minute by minute: as a daemon that remembers every minute would fire.
// `horizon` is how far back a wall time counts as shown before, and how long a gap is caught up.
std::set<Instant> oracle(const CronExpr& expr, const Zone& zone, Instant from, Instant to) {
    constexpr auto longest = std::chrono::hours{3};
    std::set<Instant> fires;
    auto shown = zone.to_wall(from - longest * 2);  // the latest wall time that the clock has shown
    for (auto t = from - longest * 2 + minute; t <= to; t += minute) {
        const auto wall = zone.to_wall(t);
        const auto step = wall - zone.to_wall(t - minute) - minute;
        const bool daylight_saving = step < longest && step > -longest;
        if (!daylight_saving) shown = wall - minute;
        const bool again = wall <= shown;
        bool due = matches(expr, wall) && !(expr.fixed && again);
        if (expr.fixed && daylight_saving)
            for (auto skipped = shown + minute; skipped < wall; skipped += minute) due = due || matches(expr, skipped);
        if (due && t > from) fires.insert(t);
        shown = std::max(shown, wall);
    }
    return fires;
}

std::set<Instant> found(const CronExpr& expr, const Zone& zone, Instant from, Instant to) {
    std::set<Instant> fires;
    for (auto next = next_cron(expr, zone, from); next && *next <= to; next = next_cron(expr, zone, *next))
        fires.insert(*next);
    return fires;
}

struct Change {
    const char* zone;
    const char* day;
};
constexpr Change changes[] = {
    {"America/New_York", "2026-03-08T00:00:00Z"},    {"America/New_York", "2026-11-01T00:00:00Z"},
    {"Europe/London", "2026-03-29T00:00:00Z"},       {"Europe/London", "2026-10-25T00:00:00Z"},
    {"Australia/Lord_Howe", "2026-04-04T00:00:00Z"}, {"Australia/Lord_Howe", "2026-10-03T00:00:00Z"},
    {"Pacific/Apia", "2011-12-30T00:00:00Z"},        {"Pacific/Apia", "2011-09-24T00:00:00Z"},
    {"Antarctica/Troll", "2026-03-29T00:00:00Z"},    {"Antarctica/Troll", "2026-10-25T00:00:00Z"},
    {"Africa/Casablanca", "2026-02-15T00:00:00Z"},   {"Africa/Casablanca", "2026-03-22T00:00:00Z"},
    {"America/Sao_Paulo", "2018-11-04T00:00:00Z"},   {"America/Sao_Paulo", "2018-02-17T12:00:00Z"},
    {"Asia/Beirut", "2026-03-28T12:00:00Z"},         {"Asia/Beirut", "2026-10-24T12:00:00Z"},
    {"America/St_Johns", "2010-11-07T00:00:00Z"},    {"America/St_Johns", "1988-04-03T00:00:00Z"},
    {"America/Havana", "2026-11-01T00:00:00Z"},      {"Pacific/Chatham", "2026-04-04T12:00:00Z"},
    {"Asia/Kathmandu", "1985-12-31T12:00:00Z"},      {"UTC", "2028-02-28T12:00:00Z"},
};

}  // namespace

TEST_CASE("next_cron agrees with an oracle that watches the clock minute by minute") {
    Draw draw{2026};
    for (const auto& change : changes) {
        const auto zone = test::zone_named(change.zone);
        const auto middle = at(change.day);
        for (int n = 0; n < 60; ++n) {
            const auto text = expression(draw);
            INFO(text << " in " << change.zone << " about " << change.day);
            const auto expr = parse_cron(text, "");
            REQUIRE(expr);
            const auto from = middle - std::chrono::hours{30} + minute * draw.below(40 * 60);
            const auto to = middle + std::chrono::hours{40};
            const auto wanted = oracle(*expr, *zone, from, to);
            CHECK(found(*expr, *zone, from, to) == wanted);
        }
    }
}
