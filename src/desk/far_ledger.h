// far_ledger.h — the ledger of a daemon whose files we may not read, asked through its socket.
#pragma once

#include "desk/client.h"
#include "desk/open.h"

namespace mc::app {

// Whether the state directory is there and closed to us: the system's daemon, and we are not root.
bool ledger_is_closed(const Opened& opened);

// Newest first. Error: as ask_daemon.
Result<std::vector<Run>> far_runs(const Opened& opened, const RunFilter& filter);
Result<std::vector<WhyLine>> far_why(const Opened& opened, const std::string& job, const std::string& date);

// As alerts_json() has them.
Result<std::vector<Json>> far_alerts(const Opened& opened, bool closed_too);

// The coming fires as JSON, earliest first; of these jobs, or of all that we may see.
Result<std::vector<Json>> far_next(const Opened& opened, const std::vector<std::string>& jobs, std::size_t n);

// What a backfill would do, as `backfill --dry-run --json` shows it.
Result<std::vector<Json>> far_backfill(const Opened& opened, Json body);

struct FarLog {
    Run run;
    std::string text;        // from the offset on, masked
    std::size_t next = 0;    // where to go on
    bool over = false;       // nothing more will come
    bool more = false;       // the daemon has only looked for it so far: ask again
    bool hidden = false;     // it cannot be masked: `text` says why
    bool shortened = false;  // at the attempt's end; the offset lies behind what is left
};
// Of that attempt; 0: the latest.
Result<FarLog> far_log(const Opened& opened, RunId run, int attempt, std::size_t offset);

}  // namespace mc::app
