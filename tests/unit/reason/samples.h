// samples.h — one of each kind of facts of a reason, no member at its default.
#pragma once

#include <vector>

#include "reason/data.h"

namespace mc::test {

inline Instant at(std::string_view text) { return parse_instant(text).value(); }
inline Date day(std::string_view text) { return parse_date(text).value(); }

inline UpstreamStatus failed_look() {
    UpstreamStatus look;
    look.standing = UpstreamStatus::Standing::failed;
    look.job = JobName("prices");
    look.date = day("2026-11-20");
    look.run = 17;
    look.state = State::failed;
    look.reason = Reason::exit_code;
    return look;
}

inline UpstreamStatus coming_look() {
    UpstreamStatus look;
    look.standing = UpstreamStatus::Standing::pending;
    look.basis = UpstreamStatus::Basis::fire_to_come;
    look.job = JobName("positions");
    look.date = day("2026-11-20");
    look.due = at("2026-11-20T21:15:00Z");
    return look;
}

inline std::vector<ReasonData> samples() {
    const Instant then = at("2026-11-20T21:00:00Z");
    return {EarlierRun{17},
            OverlappedRun{17},
            EarlierClaim{18},
            BeingCleared{3},
            Superseded{then},
            NewerDate{day("2026-11-26")},
            KilledFor{17},
            BackfillWidth{4, 2},
            PoolFull{"db", 4},
            PoolReserved{"db", 4},
            MemoryClaimed{8'000'000'000, 60'000'000'000, 64'000'000'000},
            CpusClaimed{2.5, 15, 16},
            StartRefused{"cannot make a process: Resource temporarily unavailable"},
            WaitUntil{then},
            StartLimit{then},
            Deadline{then},
            TimedOut{Seconds{7200}},
            NoSession{day("2026-11-26"), CalendarName("XNYS")},
            PredicateFalse{"first_session_of_month"},
            SensorPending{"file /data/x", Seconds{30}, then, "no such file", {1, 3}},
            SensorTimedOut{"file /data/x", Seconds{3600}, "no such file", then},
            UpstreamsPending{coming_look(), 3},
            UpstreamsEnded{Trigger::one_success, {failed_look(), failed_look()}},
            UpstreamAlone{failed_look()},
            OwnPast{failed_look()},
            HeldBy{"root", then},
            IcedBy{"root", then},
            MarkedBy{"root", "checked by hand", State::timed_out},
            StoppedBy{"root"},
            OtherCronRuns{"cron.service"}};
}

}  // namespace mc::test
