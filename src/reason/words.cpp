#include "reason/words.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/result.h"
#include "config/size.h"
#include "config/trigger_names.h"

namespace mc {

namespace {

using Standing = UpstreamStatus::Standing;
using Basis = UpstreamStatus::Basis;

std::string title(const JobName& job, const Plan* plan) { return plan ? plan->title(job) : job.text(); }

// One sentence for each kind.
struct Sentence {
    const Wording& wording;

    std::string at(Instant t) const { return wording.zone ? local_text(t, *wording.zone) : to_string(t); }

    std::string operator()(const EarlierRun&) const { return "an earlier run of the job is still active"; }
    std::string operator()(const OverlappedRun& it) const {
        return fmt::format("run {} of the job was still active", it.run);
    }
    std::string operator()(const EarlierClaim& it) const {
        return fmt::format("run {} waits for memory or cpus and starts first", it.run);
    }
    std::string operator()(const BeingCleared&) const {
        return "is being cleared: it waits until the stopped runs have ended";
    }
    std::string operator()(const Superseded& it) const {
        return fmt::format("replaced by the fire at {}", at(it.fire));
    }
    std::string operator()(const NewerDate& it) const { return to_string(it.date) + " is newer"; }
    std::string operator()(const KilledFor& it) const { return fmt::format("run {} of the job was due", it.run); }

    std::string operator()(const BackfillWidth& it) const {
        return it.width == 1 ? "the backfill allows 1 run at a time"
                             : fmt::format("the backfill allows {} runs at a time", it.width);
    }
    std::string operator()(const PoolFull& it) const {
        return it.slots == 1 ? fmt::format("the only slot of pool {} is taken", it.pool)
                             : fmt::format("all {} slots of pool {} are taken", it.slots, it.pool);
    }
    std::string operator()(const PoolReserved& it) const {
        return fmt::format("the last of the {} slots of pool {} is reserved for runs outside backfills", it.slots,
                           it.pool);
    }
    std::string operator()(const MemoryClaimed& it) const {
        return fmt::format("it asks for {} of memory; {} of {} are claimed", rounded_size_text(it.asked_bytes),
                           rounded_size_text(it.claimed_bytes), rounded_size_text(it.capacity_bytes));
    }
    std::string operator()(const CpusClaimed& it) const {
        return fmt::format("it asks for {} cpu{}; {} of {} are claimed", it.asked, it.asked == 1 ? "" : "s", it.claimed,
                           it.capacity);
    }
    std::string operator()(const StartRefused& it) const { return it.trouble; }

    std::string operator()(const WaitUntil& it) const { return "wait_until " + at(it.until); }
    std::string operator()(const StartLimit& it) const { return "not started by " + at(it.until); }
    std::string operator()(const Deadline& it) const { return "must end by " + at(it.until); }
    std::string operator()(const TimedOut& it) const { return "it ran longer than " + duration_text(it.timeout); }
    std::string operator()(const NoSession& it) const {
        const std::string date = to_string(it.date);
        return it.calendar.empty() ? date + " has no session" : date + " is not a session of " + it.calendar.text();
    }
    std::string operator()(const PredicateFalse& it) const { return it.when; }

    std::string operator()(const SensorPending& it) const {
        std::string text = fmt::format("waits for {}, checked every {}", it.sensor, duration_text(it.poll));
        if (it.until) text += ", until " + at(*it.until);
        if (!it.answer.empty()) text += ": " + it.answer;
        if (it.pending.size() > 1) text += fmt::format("; and for {} more", it.pending.size() - 1);
        return text;
    }
    std::string operator()(const SensorTimedOut& it) const {
        std::string text = waited_text(it);
        if (it.unanswered_since)
            text += fmt::format(": the check started at {} has no answer", at(*it.unanswered_since));
        else if (!it.answer.empty()) text += ": " + it.answer;
        return text;
    }

    std::string operator()(const UpstreamsPending& it) const {
        const std::string text =
            fmt::format("waits for {} {}", title(it.first.job, wording.plan), to_string(it.first.date));
        return it.pending > 1 ? fmt::format("{} and {} more", text, it.pending - 1) : text;
    }
    std::string operator()(const UpstreamsEnded& it) const {
        std::string text;
        for (const UpstreamStatus& look : it.upstreams)
            text += (text.empty() ? "" : "; ") + text_of(look, wording.plan);
        if (it.trigger == Trigger::all_success) return text;
        return fmt::format("trigger {}{}{}", to_text(it.trigger), text.empty() ? "" : ": ", text);
    }
    std::string operator()(const UpstreamAlone& it) const { return text_of(it.upstream, wording.plan); }
    std::string operator()(const OwnPast& it) const {
        return fmt::format(
            "waits for its previous date (depends_on_past): {}; run `marketcron rerun {}`, or mark that run",
            text_of(it.past, wording.plan), it.past.run);
    }

    std::string operator()(const HeldBy& it) const {
        return fmt::format("held by {} since {}", it.by, to_string(it.since));
    }
    std::string operator()(const IcedBy& it) const {
        return fmt::format("iced by {} since {}", it.by, to_string(it.since));
    }
    std::string operator()(const MarkedBy& it) const {
        return fmt::format("by {}: {}; it was {}", it.by, it.comment, to_text(it.was));
    }
    std::string operator()(const StoppedBy& it) const { return "by " + it.by; }
    std::string operator()(const OtherCronRuns& it) const { return it.program + " runs the crontabs too"; }
};

std::string run_text(const UpstreamStatus& look, const std::string& name) {
    if (look.standing == Standing::pending && finished(look.state))
        return fmt::format("{}: run {} is being cleared", name, look.run);
    const std::string why = look.reason == Reason::none ? "" : fmt::format(" ({})", to_text(look.reason));
    return fmt::format("{}: run {} {}{}{}", name, look.run, finished(look.state) ? "" : "is ", to_text(look.state),
                       why);
}

}  // namespace

std::string sentence(const ReasonData& data, const Wording& wording) { return std::visit(Sentence{wording}, data); }

std::string_view to_text(Trigger trigger) {
    const auto same = [&](const auto& known) { return known.second == trigger; };
    const auto found = std::find_if(trigger_names.begin(), trigger_names.end(), same);
    check(found != trigger_names.end(), "every trigger has its name in the table");
    return found->first;
}

std::string waited_text(const SensorTimedOut& sensor) {
    return fmt::format("waited {} for {}", duration_text(sensor.waited), sensor.sensor);
}

std::string text_of(const UpstreamStatus& look, const Plan* plan) {
    const auto at = [&](Instant t) {
        const bool is_known = plan && plan->jobs.contains(look.job);
        return is_known ? local_text(t, *plan->jobs.at(look.job).schedule.zone) : to_string(t);
    };
    const std::string of = title(look.job, plan), name = fmt::format("{} {}", of, to_string(look.date));
    switch (look.basis) {
        case Basis::run: return run_text(look, name);
        case Basis::fire_to_come: return fmt::format("{} is due at {}", name, at(*look.due));
        case Basis::no_fire: return fmt::format("{}: it has no fire for that date, which counts as skipped", name);
        case Basis::no_run:
            return fmt::format("{}: its fire at {} has no run, which counts as skipped", name, at(*look.due));
        case Basis::none_known: return fmt::format("{} has no earlier run", of);
        case Basis::disabled: return fmt::format("{} is disabled, which counts as skipped", of);
        case Basis::iced: return fmt::format("{} is iced, which counts as success", of);
    }
    return {};
}

}  // namespace mc
