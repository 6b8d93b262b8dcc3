// rules.h — Airflow's trigger rules once more, in the words of its documentation, over the ledger's rows alone: what
// the engine makes of them is not asked.
//
// Source: https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules
#pragma once

#include <string>

#include "config/plan.h"
#include "engine/ledger.h"

namespace mc::sim {

// "" or what is broken: this run of the job starts now. Upstreams of other dates, without rows, disabled or iced are
// taken for whatever lets it start.
std::string check_rule(const Plan& plan, const Ledger& ledger, const Job& job, const Run& run);

}  // namespace mc::sim
