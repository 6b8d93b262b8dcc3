#include "exec/attempt_begin.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "exec/attempt_files.h"
#include "os/descriptor.h"
#include "os/files.h"

namespace mc::os {

namespace {

constexpr std::size_t environment_bytes_max = 8 << 20;

// The claim has the wall clock's second and the tick since boot; together they give the time to one tick.
WallTimePoint begin_of(const Claim& claim) {
    const WallTimePoint second{claim.started.time_since_epoch()};
    if (claim.boot != boot_id()) return second;
    const std::chrono::nanoseconds tick{1'000'000'000 / std::max(1L, ::sysconf(_SC_CLK_TCK))};
    const auto ago = boot_time() - tick * static_cast<std::int64_t>(claim.ticks);
    return std::clamp(wall_now() - ago, second, second + std::chrono::seconds{1});
}

std::optional<std::map<std::string, std::string>> environment_of(const Claim& claim) {
    if (!lives(claim)) return std::nullopt;
    const auto text = read_file(fmt::format("/proc/{}/environ", claim.pid), environment_bytes_max);
    // Checked again: the number may have passed to another process meanwhile.
    if (!text || text->empty() || !lives(claim)) return std::nullopt;
    std::map<std::string, std::string> values;
    for (std::string_view rest = *text; !rest.empty();) {
        const std::string_view entry = rest.substr(0, rest.find('\0'));
        rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
        if (const std::size_t sign = entry.find('='); sign != std::string_view::npos)
            values.emplace(entry.substr(0, sign), entry.substr(sign + 1));
    }
    return values;
}

}  // namespace

std::optional<AttemptBegin> attempt_begin(const std::string& state, std::int64_t run, int attempt) {
    const Descriptor dir{::open(state.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const auto claim = read_claim(dir.get(), run, attempt);
    if (!claim || claim->pid == 0) return std::nullopt;
    return AttemptBegin{begin_of(*claim), environment_of(*claim)};
}

}  // namespace mc::os
