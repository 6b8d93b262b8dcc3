// remote_ledger.h — the ledger of a daemon whose files we may not read, asked through its socket.
#pragma once

#include "desk/client.h"
#include "desk/open.h"

namespace mc::app {

// Whether the state directory is there and closed to us: the system's daemon, and we are not root.
bool ledger_is_closed(const LoadedConfig& opened);

// Newest first. Error: as ask_daemon.
Result<std::vector<Run>> remote_runs(const LoadedConfig& opened, const RunFilter& filter);
Result<std::vector<WhyLine>> remote_why(const LoadedConfig& opened, const std::string& job, const std::string& date);

// As alerts_json() has them.
Result<std::vector<Json>> remote_alerts(const LoadedConfig& opened, AlertsAsked asked);

// The coming fires as JSON, earliest first; of these jobs, or of all that we may see.
Result<std::vector<Json>> remote_next(const LoadedConfig& opened, const std::vector<std::string>& jobs, std::size_t n);

// What a backfill would do, as `backfill --dry-run --json` shows it.
Result<std::vector<Json>> far_backfill(const LoadedConfig& opened, Json body);

struct RemoteLog {
    Run run;
    std::string text;        // from the offset on, masked
    std::size_t next = 0;    // where to go on
    bool over = false;       // nothing more will come
    bool more = false;       // the daemon has only looked for it so far: ask again
    bool hidden = false;     // it cannot be masked: `text` says why
    bool shortened = false;  // at the attempt's end; the offset lies behind what is left
};
// Of that attempt; 0: the latest.
Result<RemoteLog> remote_log(const LoadedConfig& opened, RunId run, int attempt, std::size_t offset);

}  // namespace mc::app
