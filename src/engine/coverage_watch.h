// coverage_watch.h — while a calendar that jobs need is near its end, the `failure` targets of those jobs get a warning
// each week.
#pragma once

#include <optional>

#include "engine/notices.h"

namespace mc {

class CoverageWatch {
   public:
    CoverageWatch(std::optional<Instant> told, Step& step, const Definitions& jobs, Notices& notices);
    // Works out when the next warning is due. Call it after each load.
    void schedule();
    void tell();
    std::optional<Instant> wake() const { return next_; }

   private:
    Step& step_;
    const Definitions& jobs_;
    Notices& notices_;
    std::optional<Instant> told_, next_;
};

}  // namespace mc
