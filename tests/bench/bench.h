// bench.h — the benchmarks, a function for each group of rows. They only measure.
#pragma once

#include <string>

#include "bench/table.h"

namespace mc::bench {

// In this process: the next fire of a cron expression.
Rows cron_rows();
// In this process: whether a date is a session, when the market opens next.
Rows calendar_rows();
// In separate processes: all calendars; the first answer of one; that of a joint one.
Rows all_calendar_rows();
void read_all_calendars();  // runs in all_calendars' child process: prints milliseconds, megabytes, a checksum
// The program as called from a crontab. `program`: the path of marketcron.
Rows command_rows(const std::string& program);
// A daemon with one job: how late its first process starts.
Rows latency_rows(const std::string& program);
// A thousand jobs at one instant.
Rows burst_rows(const std::string& program);
// A daemon with ten thousand jobs: starting, and idle.
Rows crowd_rows(const std::string& program);
// In this process: the engine's decisions after the end of a job that ten thousand runs depend on.
Rows consequence_rows();
// A year of a desk with two hundred jobs, simulated; a diff of millions of fires.
Rows simulate_rows(const std::string& program);
// `why` and `runs` on a ledger of ten million runs: needs some minutes and gigabytes.
Rows ledger_rows(const std::string& program);
// A backfill of a job that does nothing, over ten years.
Rows backfill_rows(const std::string& program);

}  // namespace mc::bench
