#include "exec/kept_elsewhere.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "os/files.h"

namespace mc::os {

namespace {

constexpr int generations_max = 64;

// A keeper has its state directory open as descriptor 3 (keeper_start.cpp).
std::string directory_of(pid_t keeper) { return fmt::format("/proc/{}/fd/3", keeper); }

bool is_keeper(pid_t pid) {
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", pid)), name);
    return name == "mc-keeper" || name == "mc-warden";
}

// A daemon locks its state directory (store/state_lock.h): "3: FLOCK  ADVISORY  WRITE 517 fe:00:1234 0 EOF".
bool has_daemon(const std::string& directory) {
    struct stat info {};
    if (::stat(directory.c_str(), &info) != 0) return false;
    const std::string place = fmt::format(" {:02x}:{:02x}:{} ", major(info.st_dev), minor(info.st_dev), info.st_ino);
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);)
        if (line.find("FLOCK") != std::string::npos && line.find(place) != std::string::npos) return true;
    return false;
}

// The nearest keeper or warden above the process; 0 if there is none.
pid_t keeper_above(const Process& process) {
    pid_t above = process.parent;
    for (int i = 0; i < generations_max && above > 1 && !is_keeper(above); ++i) {
        const auto parent = process_of(above);
        above = parent ? parent->parent : 0;
    }
    return above > 1 ? above : 0;
}

}  // namespace

bool is_kept_elsewhere(const Process& process, std::string_view here) {
    const pid_t keeper = keeper_above(process);
    return keeper > 0 && file_identity(directory_of(keeper)) != here && has_daemon(directory_of(keeper));
}

bool was_kept_in(const Process& process, const std::string& path) {
    const pid_t keeper = keeper_above(process);
    std::error_code error;
    return keeper > 0 && std::filesystem::read_symlink(directory_of(keeper), error) == path + " (deleted)";
}

}  // namespace mc::os
