// json.h — runs, fires and answers as JSON, as marketcron(1) documents it: one object a line, with fixed keys.
#pragma once

#include <string>

#include "base/json.h"
#include "engine/backfill.h"
#include "explain/plan_diff.h"
#include "explain/why.h"
#include "store/run_store.h"

namespace mc::app {

Json run_json(const Run& run);
// {"job","fire","local","session","calendar"}. `job` "": a schedule without a configuration file, which becomes null.
Json fire_json(const Fire& fire, const JobSchedule& schedule, const std::string& job);
// The same for a future fire of a job. Also `fails`, if its run will end before its first attempt: "no_session" or
// "calendar_ended".
Json coming_json(const Fire& fire, const Job& job, const Plan& plan);
// ", fails: no_session"; "" if it is not known to fail.
std::string fails_text(const Json& coming);
// {"open","close","breaks"}
Json session_json(const Session& session);
// The run with its job's title in place of the name, as it is shown to users.
Run titled(Run run, const Plan& plan);
Json why_json(const WhyLine& line);

// One fire of a backfill: the keys of a run, `chosen`, `outdated`, `skipped` (latest_only or when_false), `why` and
// `local`.
Json backfill_json(const BackfillItem& item, const Job& job);

// A fire that differs between two plans: the known keys of a run, `change`, `old_fire`, `old_logical_date` and `local`.
Json change_json(const FireChange& change);

// {"alert","job","logical_date","kind","state","runs","opened","told","acked","acked_by","ack_reason","behind","closed",
// "closed_by","close_reason"} for each alert, oldest first. `state`: the present state of its run. Error: store.
Result<std::vector<Json>> alerts_json(const RunStore& store, const Plan& plan, AlertsAsked asked);

// Read what run_json() and why_json() wrote. Error: network, for anything else, as a daemon of another version may send.
Result<Run> read_run_json(const Json& json);
Result<WhyLine> read_why_json(const Json& json);

// Prints one line of JSON on stdout.
void print_line(const Json& json);

}  // namespace mc::app
