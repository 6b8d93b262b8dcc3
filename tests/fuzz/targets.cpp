#include "fuzz/targets.h"

#include <array>

namespace mc::fuzz {

std::span<const Target> targets() {
    static constexpr std::array all{Target{"toml", toml},           Target{"crontab", crontab},
                                    Target{"calendar", calendar},   Target{"cron", cron},
                                    Target{"predicate", predicate}, Target{"template", template_text},
                                    Target{"control", control}};
    return all;
}

}  // namespace mc::fuzz
