// why_reasons.h — the sentences of `why`; explain/why.cpp puts them together.
#pragma once

#include <string>
#include <vector>

#include "engine/upstream.h"
#include "explain/why.h"

namespace mc {

using WhyReasons = std::vector<WhyReason>;

// Whether an attempt of the run has started; after a rerun or a clear, only later attempts count.
bool has_begun(const Run& run);
// "2026-11-20T16:15:00-05:00 (America/New_York)"
std::string zoned_text(Instant t, const Zone& zone);
// "`@close+15m`"; "risk, after other jobs,"
std::string schedule_words(const Job& job);

// ", rolled from 2027-05-01" if the job's roll has moved the fire to another date; else "".
std::string rolled_text(const Job& job, const Fire& fire);

// Each tell_ function adds reasons.
//
// Whether the date is a session of that calendar; nothing if `name` is "".
void tell_calendar(WhyReasons& reasons, const CalendarName& name, Date date, const Plan& plan);
// Each predicate of `when` with its answer.
void tell_when(WhyReasons& reasons, const Job& job, const Asked& asked, const Plan& plan);
// That `when` as a whole is false, if it is.
void tell_when_false(WhyReasons& reasons, const Job& job, const Asked& asked, const Plan& plan);
// have_decided: the run has started, so that the present states of upstream jobs do not matter any more.
enum class Gates { decide, have_decided };
// Each upstream job with its state (`holds` if the trigger would be met with that job as the only one), then the
// trigger, then depends_on_past.
void tell_gates(WhyReasons& reasons, const Job& job, const Fire& fire, const History& history, Gates gates);
// Whether the run is a row of the ledger, or as it will be made.
enum class Known { row, planned };
// Each sensor: what would end the wait for it, or the result of the wait.
void tell_sensors(WhyReasons& reasons, const Job& job, const Run& run, Known known, const Plan& plan);
// wait_until, not_after and deadline of a run that has not ended.
void tell_limits(WhyReasons& reasons, const Job& job, const Run& run, Known known, Instant now);
// The same for a run that has ended; `planned`: the run as it was made.
void tell_limits_kept(WhyReasons& reasons, const Job& job, const Run& row, const Run& planned);
// The limits that a future run shares with other runs: overlap, pool, claims.
void tell_admission(WhyReasons& reasons, const Job& job, const Plan& plan);
// The job's hold and ice, if they are still in force at the fire.
void tell_word(WhyReasons& reasons, const Job& job, const JobRecord& record, const Fire& fire);

// The state and facts of the row.
WhyReason of_row(const Run& run, const Zone& zone);
// Why a past fire has no row.
WhyReason of_no_row(const std::optional<JobRecord>& record, const Fire& fire, const Job& job);
// Why the job has no fire for the date; for a job without a schedule, why its upstream jobs have none.
WhyReasons of_no_fire(const Job& job, Date date, const Plan& plan);

}  // namespace mc
