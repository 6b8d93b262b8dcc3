// executor_kinds.h — the kinds of executor, by name. A new kind is one file with its class and its ExecutorKind, and one
// row in executor_kinds.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "exec/executor.h"

namespace mc::os {

struct ExecutorKind {
    std::string_view name;
    // A connected executor, with its records below the state directory. Error: process.
    Result<std::unique_ptr<Executor>> (*connect)(const std::string& state);
};

// The kind that runs attempts on this machine, by the keeper (keeper_executor.h).
inline constexpr std::string_view local_executor = "local";

// Error: config, if no kind has this name; else as the kind's connect.
Result<std::unique_ptr<Executor>> connect_executor(std::string_view name, const std::string& state);

ExecutorKind keeper_kind();

}  // namespace mc::os
