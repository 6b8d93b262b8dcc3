// simulation_report.h — prints the result of `simulate`: a summary as text, or a line for each run.
#pragma once

#include "cli/fire_report.h"
#include "sim/simulation.h"

namespace mc::app {

// To stdout. `folded`: a summary; `each` and `json`: a line for each run, oldest fire first.
void report_simulation(const Simulated& found, const Plan& plan, const SimulationAsked& asked, Telling telling);

}  // namespace mc::app
