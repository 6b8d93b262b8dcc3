// why_reasons.h — the sentences that `why` is made of; explain/why.cpp puts them together.
#pragma once

#include <string>
#include <vector>

#include "engine/upstream.h"
#include "explain/why.h"

namespace mc {

using WhyReasons = std::vector<WhyReason>;

// Whether an attempt of the run has begun, since a rerun or a clear where there was one.
bool has_begun(const Run& run);
// "2026-11-20T16:15:00-05:00 (America/New_York)"
std::string zoned_text(Instant t, const Zone& zone);
// "`@close+15m`"; "risk, after other jobs,"
std::string schedule_words(const Job& job);

// ", rolled from 2027-05-01": where the job's roll has moved the fire to another date.
std::string rolled_text(const Job& job, const Fire& fire);

// What the calendar says of the date, where the job has one.
void tell_calendar(WhyReasons& reasons, const std::string& name, Date date, const Plan& plan);
// Each question of `when` with its answer.
void tell_when(WhyReasons& reasons, const Job& job, const Asked& asked, const Plan& plan);
// Where `when` as a whole is false.
void tell_when_false(WhyReasons& reasons, const Job& job, const Asked& asked, const Plan& plan);
// Whether what the jobs before are now decides anything: of a run that has begun it does not.
enum class Gates { decide, have_decided };
// Each job before it with what it is now, holding where the trigger rule would start for it alone; the rule; and its
// own past.
void tell_gates(WhyReasons& reasons, const Job& job, const Fire& fire, const History& history, Gates gates);
// Whether the run is a row of the ledger, or as it will be made.
enum class Known { row, planned };
// Each sensor: what would end the wait for it, or what came of it.
void tell_sensors(WhyReasons& reasons, const Job& job, const Run& run, Known known, const Plan& plan);
// wait_until, not_after and deadline of a run that has not ended.
void tell_limits(WhyReasons& reasons, const Job& job, const Run& run, Known known, Instant now);
// The same of one that has ended; `planned`: the run as it was made.
void tell_limits_kept(WhyReasons& reasons, const Job& job, const Run& row, const Run& planned);
// What a run that is to come shares with others: overlap, pool, claims.
void tell_admission(WhyReasons& reasons, const Job& job, const Plan& plan);
// What a person has said of the job, where it still holds at the fire.
void tell_word(WhyReasons& reasons, const Job& job, const JobRecord& record, const Fire& fire);

// What its row says.
WhyReason of_row(const Run& run, const Zone& zone);
// Why a fire that is past has no row.
WhyReason of_no_row(const std::optional<JobRecord>& record, const Fire& fire, const Job& job);
// Why the job has no fire for the date: of one without a schedule, why none of those before it has one.
WhyReasons of_no_fire(const Job& job, Date date, const Plan& plan);

}  // namespace mc
