// data.h — the facts of a reason: why a run waits, or ended without its work.
//
// Sentences (reason/words.h) and JSON (reason/json.h) are both made from these facts. There is one struct for each
// kind. Its `form` names the kind and the members, in the order of the members, for the database and JSON. A member
// without a name does not compile (reason/json.cpp).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "config/job.h"
#include "reason/names.h"
#include "reason/upstream_status.h"

namespace mc {

template <std::size_t Count>
struct Form {
    template <class... Names>
    constexpr Form(std::string_view of_kind, Names... of_members) : kind(of_kind), names{of_members...} {}
    std::string_view kind;
    std::array<std::string_view, Count> names;
};
template <class... Names>
Form(std::string_view, Names...) -> Form<sizeof...(Names)>;

// ---- other runs

struct EarlierRun {  // of the same job; it is still active
    static constexpr Form form{"earlier_run", "run"};
    RunId run = 0;
    bool operator==(const EarlierRun&) const = default;
};

struct OverlappedRun {  // of the same job; it was active when this run was due
    static constexpr Form form{"overlapped_run", "run"};
    RunId run = 0;
    bool operator==(const OverlappedRun&) const = default;
};

struct EarlierClaim {  // a run that waits for memory or cpus; later runs with a claim do not overtake it
    static constexpr Form form{"earlier_claim", "run"};
    RunId run = 0;
    bool operator==(const EarlierClaim&) const = default;
};

struct BeingCleared {
    static constexpr Form form{"being_cleared", "clear"};
    std::int64_t clear = 0;
    bool operator==(const BeingCleared&) const = default;
};

struct Superseded {
    static constexpr Form form{"superseded", "fire"};
    Instant fire;  // of the run that replaces this one
    bool operator==(const Superseded&) const = default;
};

struct NewerDate {  // latest_only
    static constexpr Form form{"newer_date", "date"};
    Date date;  // the newest logical date that is due
    bool operator==(const NewerDate&) const = default;
};

struct KilledFor {  // overlap = "kill"
    static constexpr Form form{"killed_for", "run"};
    RunId run = 0;  // the job's run that was due
    bool operator==(const KilledFor&) const = default;
};

// ---- shared limits

struct BackfillWidth {
    static constexpr Form form{"backfill_width", "backfill", "width"};
    std::int64_t backfill = 0;
    int width = 1;  // the largest number of its runs at the same time
    bool operator==(const BackfillWidth&) const = default;
};

struct PoolFull {
    static constexpr Form form{"pool_full", "pool", "slots"};
    std::string pool;
    int slots = 1;
    bool operator==(const PoolFull&) const = default;
};

struct PoolReserved {  // its last slot is not for backfills
    static constexpr Form form{"pool_reserved", "pool", "slots"};
    std::string pool;
    int slots = 2;
    bool operator==(const PoolReserved&) const = default;
};

struct MemoryClaimed {
    static constexpr Form form{"memory_claimed", "asked_bytes", "claimed_bytes", "capacity_bytes"};
    std::uint64_t asked_bytes = 0, claimed_bytes = 0, capacity_bytes = 0;
    bool operator==(const MemoryClaimed&) const = default;
};

struct CpusClaimed {
    static constexpr Form form{"cpus_claimed", "asked", "claimed", "capacity"};
    double asked = 0, claimed = 0, capacity = 0;
    bool operator==(const CpusClaimed&) const = default;
};

struct StartRefused {  // by the machine, for now
    static constexpr Form form{"start_refused", "trouble"};
    std::string trouble;
    bool operator==(const StartRefused&) const = default;
};

// ---- times

struct WaitUntil {
    static constexpr Form form{"wait_until", "until"};
    Instant until;
    bool operator==(const WaitUntil&) const = default;
};

struct StartLimit {  // its not_after has passed
    static constexpr Form form{"not_after", "until"};
    Instant until;
    bool operator==(const StartLimit&) const = default;
};

struct Deadline {
    static constexpr Form form{"deadline", "until"};
    Instant until;
    bool operator==(const Deadline&) const = default;
};

struct TimedOut {
    static constexpr Form form{"timed_out", "timeout_seconds"};
    Seconds timeout{0};
    bool operator==(const TimedOut&) const = default;
};

struct NoSession {
    static constexpr Form form{"no_session", "date", "calendar"};
    Date date;
    CalendarName calendar;  // "": the run has no session
    bool operator==(const NoSession&) const = default;
};

struct PredicateFalse {
    static constexpr Form form{"when_false", "when"};
    std::string when;
    bool operator==(const PredicateFalse&) const = default;
};

// ---- sensors

struct SensorPending {
    static constexpr Form form{"sensor_pending", "sensor", "poll_seconds", "until", "answer", "pending"};
    std::string sensor;  // the first sensor that has not passed: "file /data/2026-11-20/_SUCCESS"
    Seconds poll{0};
    std::optional<Instant> until;  // its timeout
    std::string answer;            // of the last check; "" before the first answer, or if the answer has no text
    std::vector<int> pending;      // indices, in the job's list, of all sensors that have not passed
    bool operator==(const SensorPending&) const = default;
};

struct SensorTimedOut {
    static constexpr Form form{"sensor_timed_out", "sensor", "waited_seconds", "answer", "unanswered_since"};
    std::string sensor;
    Seconds waited{0};
    std::string answer;                       // of the last check
    std::optional<Instant> unanswered_since;  // when the check started that has no answer
    bool operator==(const SensorTimedOut&) const = default;
};

// ---- other jobs

struct UpstreamsPending {
    static constexpr Form form{"upstreams_pending", "first", "pending"};
    UpstreamStatus first;
    std::int64_t pending = 1;  // how many, including the first
    bool operator==(const UpstreamsPending&) const = default;
};

struct UpstreamsEnded {  // the upstream runs because of which the run does not start
    static constexpr Form form{"upstreams_ended", "trigger", "upstreams"};
    Trigger trigger = Trigger::all_success;
    std::vector<UpstreamStatus> upstreams;
    bool operator==(const UpstreamsEnded&) const = default;
};

struct UpstreamAlone {  // one upstream job, for `why`
    static constexpr Form form{"upstream", "upstream"};
    UpstreamStatus upstream;
    bool operator==(const UpstreamAlone&) const = default;
};

struct OwnPast {  // depends_on_past: the job's earlier run failed
    static constexpr Form form{"own_past", "past"};
    UpstreamStatus past;
    bool operator==(const OwnPast&) const = default;
};

// ---- operators, and other programs

struct HeldBy {
    static constexpr Form form{"held", "by", "since"};
    std::string by;
    Instant since;
    bool operator==(const HeldBy&) const = default;
};

struct IcedBy {
    static constexpr Form form{"iced", "by", "since"};
    std::string by;
    Instant since;
    bool operator==(const IcedBy&) const = default;
};

struct MarkedBy {
    static constexpr Form form{"marked", "by", "comment", "was"};
    std::string by, comment;
    State was = State::failed;
    bool operator==(const MarkedBy&) const = default;
};

struct StoppedBy {  // by `stop` or `clear`
    static constexpr Form form{"stopped", "by"};
    std::string by;
    bool operator==(const StoppedBy&) const = default;
};

struct OtherCronRuns {
    static constexpr Form form{"other_cron", "program"};
    std::string program;
    bool operator==(const OtherCronRuns&) const = default;
};

using ReasonData =
    std::variant<EarlierRun, OverlappedRun, EarlierClaim, BeingCleared, Superseded, NewerDate, KilledFor, BackfillWidth,
                 PoolFull, PoolReserved, MemoryClaimed, CpusClaimed, StartRefused, WaitUntil, StartLimit, Deadline,
                 TimedOut, NoSession, PredicateFalse, SensorPending, SensorTimedOut, UpstreamsPending, UpstreamsEnded,
                 UpstreamAlone, OwnPast, HeldBy, IcedBy, MarkedBy, StoppedBy, OtherCronRuns>;

}  // namespace mc
