// bench.h — the benchmarks, a function for each group of rows. They measure and judge nothing.
#pragma once

#include <string>

#include "bench/table.h"

namespace mc::bench {

// In this process: the next fire of a cron expression.
Rows cron_rows();
// In this process: is a date a session, when does the market open next.
Rows calendar_rows();
// In processes of their own: all calendars; one's first answer; a joint one's.
Rows all_calendar_rows();
void read_all_calendars();  // the child of the former: prints milliseconds, megabytes, a checksum
// The program as a crontab calls it. `program`: the path of marketcron.
Rows command_rows(const std::string& program);
// A daemon with one job: how late its first process is.
Rows latency_rows(const std::string& program);
// A thousand jobs at one instant.
Rows burst_rows(const std::string& program);
// A daemon with ten thousand jobs: to start, and to wait.
Rows crowd_rows(const std::string& program);
// In this process: what the engine decides when one of the jobs that ten thousand runs wait for has ended.
Rows consequence_rows();
// A year of a desk of two hundred jobs, simulated; a diff of millions of fires.
Rows simulate_rows(const std::string& program);
// `why` and `runs` on a ledger of ten million runs: some minutes and gigabytes.
Rows ledger_rows(const std::string& program);
// A backfill of a job that does nothing, over ten years.
Rows backfill_rows(const std::string& program);

}  // namespace mc::bench
