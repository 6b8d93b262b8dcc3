// messages.h — checker 15: each move of a run sends the messages that its job's `notify` asks for, and opens, counts
// in or closes the job's alert (MESSAGES in marketcron.toml(5)).
#pragma once

#include <string>

#include "sim/model.h"

namespace mc::sim {

// `world` is before the write. "" or the violation.
std::string check_written_messages(const StepWrites& batch, const World& world);
// When everything that is due has been done: no reminder and no late message is overdue.
std::string check_overdue_messages(const Engine& engine, const World& world);

}  // namespace mc::sim
