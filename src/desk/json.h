// json.h — runs, fires and answers as the JSON of marketcron(1): one object a line, its keys fixed.
#pragma once

#include <string>

#include "base/json.h"
#include "engine/backfill.h"
#include "explain/plan_diff.h"
#include "explain/why.h"
#include "store/run_store.h"

namespace mc::app {

Json run_json(const Run& run);
// {"job","fire","local","session","calendar"}; `job` "" (null) for a schedule without a file.
Json fire_json(const Fire& fire, const JobSchedule& schedule, const std::string& job);
// The same of a job's fire that is to come; also `fails` where its run will end so before its first attempt: "no_session",
// "calendar_ended".
Json coming_json(const Fire& fire, const Job& job, const Plan& plan);
// ", fails: no_session"; "" where it is not known to.
std::string fails_text(const Json& coming);
// {"open","close","breaks"}
Json session_json(const Session& session);
// The run as people see it: with its job's title.
Run titled(Run run, const Plan& plan);
Json why_json(const WhyLine& line);

// One fire of a backfill: the keys of a run, and whether it is `chosen`, or `skipped` (latest_only, when_false), and `why`.
Json backfill_json(const BackfillItem& item, const Job& job);

// A fire that two plans do not share: the keys of a run that are known, `change`, `old_fire` and `old_logical_date`.
Json change_json(const FireChange& change);

// {"alert","job","logical_date","kind","state","runs","opened","told","acked","acked_by","ack_reason","closed",
// "closed_by","close_reason"} of each alert, oldest first; `state` is its run's now. Error: store.
Result<std::vector<Json>> alerts_json(const RunStore& store, const Plan& plan, AlertsAsked asked);

// What these have written, read. Error: network, for anything else: another version's daemon.
Result<Run> read_run_json(const Json& json);
Result<WhyLine> read_why_json(const Json& json);

// One JSON line on stdout.
void print_line(const Json& json);

}  // namespace mc::app
