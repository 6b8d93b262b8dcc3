// rules.h — a second implementation of Airflow's trigger rules, after its documentation. It uses only the ledger's
// rows, nothing from the engine.
//
// Source: https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules
#pragma once

#include <string>

#include "config/plan.h"
#include "engine/ledger.h"

namespace mc::sim {

// Checks that this run of the job may start now: "" or the violation. Upstream jobs of other dates, without rows,
// disabled or iced count as whatever lets it start.
std::string check_rule(const Plan& plan, const Ledger& ledger, const Job& job, const Run& run);

}  // namespace mc::sim
