#include "desk/first_fires.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/job_parts.h"
#include "engine/forecast.h"

namespace mc::app {

namespace {

constexpr Seconds look_ahead{40LL * 366 * 86400};

// The calendars on which the job's fires depend; for a job without a schedule also those of its upstream jobs.
std::set<CalendarName> calendars_behind(const Job& job, const Plan& plan) {
    std::set<CalendarName> names = calendars_named(job.schedule);
    if (!job.has_schedule() && job.after)
        for (const Upstream& upstream : job.after->upstreams)
            if (!upstream.previous) names.merge(calendars_behind(plan.jobs.at(upstream.job), plan));
    return names;
}

// The one of them that ends first: "XNYS covers dates up to 2050-12-31".
std::string horizon_text(const Job& job, const Plan& plan, Date horizon) {
    std::string first = "the calendar";
    std::optional<Date> end;
    for (const CalendarName& name : calendars_behind(job, plan)) {
        const auto calendar = plan.calendars->find(name);
        if (!calendar || (end && *end <= (*calendar)->coverage().to)) continue;
        end = (*calendar)->coverage().to;
        first = name;
    }
    return fmt::format("{} covers dates up to {}", first, to_string(job.has_schedule() || !end ? horizon : *end));
}

// A job, and its fires at its next instant.
struct Cursor {
    const Job* job;
    std::vector<Fire> fires;
    bool is_first_alone = false;  // the instant may have more fires
    std::optional<Date> horizon = {};
};

class Cursors {
   public:
    Cursors(const Plan& plan, const Ledger& ledger) : plan_(plan), ledger_(ledger) {}
    std::vector<std::string> horizons;

    Result<void> advance(Cursor& cursor, Instant after) {
        auto fires = next_to_come(*cursor.job, plan_, ledger_, after, look_ahead, &cursor.horizon);
        if (!fires) return tl::unexpected(fires.error());
        cursor.fires = std::move(*fires);
        cursor.is_first_alone = false;
        std::erase_if(cursor.fires, [](const Fire& fire) { return fire.calendar_ended; });
        if (cursor.fires.empty() && cursor.horizon)
            horizons.push_back(horizon_text(*cursor.job, plan_, *cursor.horizon));
        return {};
    }

    Result<void> add(const Job& job, Instant from, const KnownFire& known) {
        Cursor& cursor = all_.emplace_back(Cursor{&job, {}});
        if (!known || !job.has_schedule()) return advance(cursor, from);
        const auto fire = known(job);
        if (!fire) return tl::unexpected(fire.error());
        if (!*fire || (*fire)->calendar_ended) return {};
        cursor.fires = {**fire};
        cursor.is_first_alone = true;
        return {};
    }

    // Null if there are no more fires.
    Result<Cursor*> first() {
        for (;;) {
            Cursor* first = nullptr;
            for (Cursor& cursor : all_)
                if (!cursor.fires.empty() && (!first || cursor.fires.front().due < first->fires.front().due))
                    first = &cursor;
            if (!first || !first->is_first_alone) return first;
            if (auto done = advance(*first, first->fires.front().due - Seconds{1}); !done)
                return tl::unexpected(done.error());
        }
    }

   private:
    const Plan& plan_;
    const Ledger& ledger_;
    std::vector<Cursor> all_;
};

}  // namespace

Result<FirstFires> first_fires(const std::vector<const Job*>& jobs, const Plan& plan, const Ledger& ledger,
                               Instant from, std::size_t n, const KnownFire& known) {
    FirstFires found;
    Cursors cursors(plan, ledger);
    for (const Job* job : jobs)
        if (auto done = cursors.add(*job, from, known); !done) return tl::unexpected(done.error());
    while (found.fires.size() < n) {
        const auto first = cursors.first();
        if (!first) return tl::unexpected(first.error());
        if (!*first) break;
        Cursor& cursor = **first;
        const Instant due = cursor.fires.front().due;
        for (const Fire& fire : cursor.fires)
            if (found.fires.size() < n) found.fires.emplace_back(fire, cursor.job);
        if (auto done = cursors.advance(cursor, due); !done) return tl::unexpected(done.error());
    }
    found.horizons = std::move(cursors.horizons);
    return found;
}

}  // namespace mc::app
