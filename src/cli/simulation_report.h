// simulation_report.h — what `simulate` found, told: a screen for people, a line for each run for programs.
#pragma once

#include "cli/fire_report.h"
#include "sim/simulation.h"

namespace mc::app {

// To stdout.
void report_simulation(const Simulated& found, const Plan& plan, const SimulationAsked& asked, Telling telling);

}  // namespace mc::app
