#include "os/other_cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace mc::os {

std::optional<std::string> other_cron() {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
        const std::string pid = entry.path().filename();
        if (!std::all_of(pid.begin(), pid.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
        std::string name;
        std::ifstream file(entry.path() / "comm");
        std::getline(file, name);
        if (name == "cron" || name == "crond") return fmt::format("{} (pid {})", name, pid);
    }
    return std::nullopt;
}

}  // namespace mc::os
