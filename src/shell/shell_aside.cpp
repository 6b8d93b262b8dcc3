// shell_aside.cpp — what the shell reports about records that do not belong to the ledger.
#include <fmt/format.h>

#include <algorithm>

#include "base/spelling.h"
#include "shell/shell.h"

namespace mc::app {

namespace {

std::string first_of(const std::vector<std::string>& texts) {
    constexpr std::size_t shown = 5;
    const auto end = texts.begin() + static_cast<std::ptrdiff_t>(std::min(shown, texts.size()));
    return fmt::format("{}{}", fmt::join(texts.begin(), end, ", "), texts.size() > shown ? ", ..." : "");
}

}  // namespace

void Shell::tell_found(const FoundAttempts& found) {
    const std::string where = executor_.records_name();
    const std::size_t runs = found.runs.size() + found.settled;
    if (runs > 0 && listeners_.happened)
        listeners_.happened("found",
                            fmt::format("the ledger lacked {} that left files in {}: the ledger was restored, or is "
                                        "new; they were added again, and do not run a second time",
                                        counted(runs, "run"), where));
    if (!found.others.empty() && listeners_.happened)
        listeners_.happened("others",
                            fmt::format("{} cannot be read, or belong to other runs and cannot be moved aside; make "
                                        "them readable, `touch` their directory and restart the daemon: {}",
                                        counted(found.others.size(), "record"), first_of(found.others)));
    tell_aside();
}

void Shell::look_aside() {
    if (has_aside_ && !executor_.has_aside()) tell_aside();
}

// Reports the records in `aside` for as long as they are there.
void Shell::tell_aside() {
    const std::size_t aside = executor_.count_aside();
    has_aside_ = aside > 0;
    if (!listeners_.lasts) return;
    listeners_.lasts(
        "aside", aside == 0 ? ""
                            : fmt::format("{}/aside has {} of runs that are not in this ledger; read what you need, "
                                          "then remove the directory (keep_output removes it otherwise)",
                                          executor_.records_name(), counted(aside, "record")));
}

}  // namespace mc::app
