#include "sim/incidents.h"

#include "sim/story.h"

namespace mc::sim {

namespace {

JobName draw_job_name(Random& random, const Scene& scene) {
    auto job = scene.plan->jobs.begin();
    std::advance(job, random.below(static_cast<std::int64_t>(scene.plan->jobs.size())));
    return job->first;
}

// Often a run that has not ended.
RunId draw_run(Random& random, const Scene& scene) {
    const auto& open = scene.engine.unfinished();
    if (!open.empty() && random.one_in(2))
        return std::next(open.begin(), random.below(static_cast<std::int64_t>(open.size())))->first;
    return scene.last_run == 0 ? 0 : 1 + random.below(scene.last_run);
}

// The date of a drawn run, or else today's.
Date draw_date(Random& random, const Scene& scene) {
    const auto run = scene.ledger.by_id(draw_run(random, scene)).value();
    return run ? run->logical_date : Date{date::floor<date::days>(scene.now).time_since_epoch()};
}

std::optional<Instant> draw_until(Random& random, const Scene& scene) {
    const Seconds length{60 + random.below(6 * 3600)};
    return random.one_in(2) ? std::optional(scene.now + length) : std::nullopt;
}

StartAsked draw_start_of_date(Random& random, const Scene& scene) {
    StartAsked asked{draw_job_name(random, scene), draw_date(random, scene), false, "sim"};
    asked.gates = random.one_in(2);
    asked.force = random.one_in(3);
    if (random.one_in(2)) asked.only.memory = draw_memory(random);
    return asked;
}

BackfillAsked draw_backfill(Random& random, const Scene& scene) {
    const Date from = draw_date(random, scene), to = from + date::days{random.below(3)};
    const auto rerun = random.one_in(2) ? BackfillAsked::Rerun::failed : BackfillAsked::Rerun::none;
    const auto upstreams = random.one_in(2) ? BackfillAsked::Upstreams::run : BackfillAsked::Upstreams::assumed;
    return {{draw_job_name(random, scene)}, from, to, rerun, 1, "sim", upstreams};
}

Event draw_clear(Random& random, const Scene& scene) {
    const auto run = scene.ledger.by_id(draw_run(random, scene)).value();
    if (!run) return Woke{};
    return ClearAsked{{run->job}, run->logical_date, run->logical_date, random.one_in(2), "sim"};
}

Event draw_word_on_alert(Random& random, const Scene& scene) {
    const auto& open = scene.engine.alerts();
    if (open.empty()) return Woke{};
    const auto alert = std::next(open.begin(), random.below(static_cast<std::int64_t>(open.size())));
    return AlertAsked{alert->second.run, random.one_in(2), "chance", "sim"};
}

}  // namespace

Event draw_request(Random& random, const Scene& scene) {
    switch (random.below(12)) {
        case 0: return StopAsked{draw_run(random, scene), "sim"};
        case 1: return StartAsked{draw_job_name(random, scene), {}, random.one_in(3), "sim"};
        case 2: return HoldAsked{draw_job_name(random, scene), draw_until(random, scene), "sim"};
        case 3: return ReleaseAsked{draw_job_name(random, scene), "sim"};
        case 4: return IceAsked{draw_job_name(random, scene), draw_until(random, scene), "sim"};
        case 5: return RerunAsked{draw_run(random, scene), random.one_in(2), "sim"};
        case 6: {
            const State verdict = random.one_in(2) ? State::success : State::failed;
            return MarkAsked{draw_run(random, scene), verdict, "chance", "sim"};
        }
        case 7: return draw_clear(random, scene);
        case 8: return draw_start_of_date(random, scene);
        case 9: return draw_backfill(random, scene);
        case 10: return draw_word_on_alert(random, scene);
        default: return PlanLoaded{scene.plan};
    }
}

}  // namespace mc::sim
