#include "os/process_name.h"

#include <fcntl.h>
#include <sys/prctl.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "os/descriptor.h"

namespace mc::os {

namespace {

// The memory that /proc/PID/cmdline shows: fields 48 and 49 of /proc/PID/stat.
struct Area {
    std::uintptr_t begin = 0, end = 0;
};

Area command_line() {
    const Descriptor file{::open("/proc/self/stat", O_RDONLY | O_CLOEXEC)};
    std::array<char, 2048> text{};
    if (!file || ::read(file.get(), text.data(), text.size() - 1) <= 0) return {};
    const char* rest = std::strrchr(text.data(), ')');
    for (int field = 2; rest != nullptr && field < 48; ++field) rest = std::strchr(rest + 1, ' ');
    if (rest == nullptr) return {};
    char* next = nullptr;
    const std::uintptr_t begin = std::strtoull(rest, &next, 10);
    return {begin, std::strtoull(next, nullptr, 10)};
}

}  // namespace

void name_this_process(const char* name) {
    ::prctl(PR_SET_NAME, name, 0, 0, 0);
    const Area area = command_line();
    if (area.begin == 0 || area.end <= area.begin) return;
    char* line = reinterpret_cast<char*>(area.begin);  // NOLINT(performance-no-int-to-ptr): /proc shows a number
    const std::size_t room = area.end - area.begin;
    std::memset(line, 0, room);
    // The last byte stays NUL; otherwise the kernel would also show the environment.
    std::strncpy(line, name, room - 1);
}

}  // namespace mc::os
