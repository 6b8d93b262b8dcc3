// shell_aside.cpp — what the shell says of files in STATE/runs that are not the ledger's.
#include <fmt/format.h>

#include <algorithm>

#include "daemon/shell.h"
#include "desk/narrator.h"
#include "exec/attempt_scan.h"

namespace mc::app {

namespace {

std::string first_of(const std::vector<std::string>& texts) {
    constexpr std::size_t shown = 5;
    const auto end = texts.begin() + static_cast<std::ptrdiff_t>(std::min(shown, texts.size()));
    return fmt::format("{}{}", fmt::join(texts.begin(), end, ", "), texts.size() > shown ? ", ..." : "");
}

}  // namespace

void Shell::tell_found(const FoundAttempts& found) {
    const Now at = app::now();
    if (const std::size_t runs = found.runs.size() + found.settled; runs > 0)
        troubles_.happened(
            TroubleKind::identity, "found",
            fmt::format("the ledger lacked {} that left files in {}/runs: it was restored, or begun anew; "
                        "they are in it again, and nothing of them runs twice",
                        counted(runs, "run"), state_),
            at);
    if (!found.others.empty())
        troubles_.happened(
            TroubleKind::identity, "others",
            fmt::format("{} cannot be read, or moved aside as another run's, now; make them readable, `touch` their "
                        "directory and restart the daemon: {}",
                        counted(found.others.size(), "record"), first_of(found.others)),
            at);
    tell_aside();
}

void Shell::look_aside() {
    if (has_aside_ && !os::has_aside(state_)) tell_aside();
}

// As long as they are there.
void Shell::tell_aside() {
    const std::size_t aside = os::count_aside(state_);
    has_aside_ = aside > 0;
    troubles_.set(TroubleKind::identity, "aside",
                  aside == 0 ? ""
                             : fmt::format("{} of other runs than the ledger's lie in {}/runs/aside; read them, then "
                                           "remove that directory (after keep_output they are removed)",
                                           counted(aside, "record"), state_),
                  app::now());
}

}  // namespace mc::app
