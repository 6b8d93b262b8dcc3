// newest_before.h — finds a job's runs before or after a logical date, in a table that has an index by (date, job) and
// one by (job, fire), but none by (job, date).
//
// Nearly all runs have a date at most ten days from their fire; the others have a separate index, run_far_date. Every
// answer is exact, for any number of rows and any distance between a date and its fire.
#pragma once

#include <optional>
#include <string_view>

#include "engine/run.h"
#include "store/sqlite.h"

namespace mc::store {

// As Ledger::newest_before(). Cost: a search of an index for each date between the job's newest fire before that date
// and the next one.
Result<std::optional<RunId>> newest_before(Database& database, const JobName& job, Date date, Instant fire_before);

// As Ledger::upstream_failed_after(), unsorted, in two parts; ?1 is the job, ?2 the date.
inline constexpr std::string_view near_upstream_failed_after =
    "INDEXED BY run_by_job_state WHERE job = ?1 AND fire > (?2 - 10) * 86400 AND logical_date > ?2 "
    "AND abs(logical_date - fire / 86400) <= 10 AND state = 'upstream_failed' "
    "AND state NOT IN ('success', 'scheduled', 'waiting', 'queued', 'running', 'retrying')";
inline constexpr std::string_view far_upstream_failed_after =
    "INDEXED BY run_far_date WHERE logical_date > ?2 AND abs(logical_date - fire / 86400) > 10 "
    "AND job = ?1 AND state = 'upstream_failed'";

}  // namespace mc::store
