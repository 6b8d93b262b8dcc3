#include "os/clock.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "os/descriptor.h"

namespace mc::os {

WallTimePoint wall_now() { return std::chrono::system_clock::now(); }
MonotonicTime monotonic_now() { return std::chrono::steady_clock::now(); }

std::string boot_id() {
    const Descriptor file{::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)};
    if (!file) return {};
    std::array<char, 36> id{};
    const ssize_t got = ::read(file.get(), id.data(), id.size());
    return got == 36 ? std::string(id.data(), id.size()) : std::string{};
}

std::string host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown host";
}

}  // namespace mc::os
