#include <fmt/format.h>

#include "base/zone.h"

namespace mc {

Instants resolve(WallTime w, const Zone& zone, GapRule gap, OverlapRule overlap) {
    const Zone::Wall wall = zone.wall(w);
    const Instants only_first{{wall.first, wall.first}, 1};
    switch (wall.kind) {
        case Zone::Wall::Kind::unique: return only_first;
        case Zone::Wall::Kind::gap: return gap == GapRule::shift ? only_first : Instants{};
        case Zone::Wall::Kind::overlap: break;
    }
    switch (overlap) {
        case OverlapRule::first: return only_first;
        case OverlapRule::second: return {{wall.second, wall.second}, 1};
        case OverlapRule::both: break;
    }
    return {{wall.first, wall.second}, 2};
}

std::string local_text(Instant t, const Zone& zone) {
    const Seconds offset = zone.offset_at(t).utc_offset;
    const std::string as_if_utc = to_string(Instant{t.time_since_epoch() + offset});
    const auto distance = date::hh_mm_ss<Seconds>{offset};
    std::string text =
        fmt::format("{}{}{:02}:{:02}", as_if_utc.substr(0, as_if_utc.size() - 1), offset < Seconds{0} ? '-' : '+',
                    distance.hours().count(), distance.minutes().count());
    // Local mean times, before about 1920, have offsets with seconds.
    if (distance.seconds() != Seconds{0}) text += fmt::format(":{:02}", distance.seconds().count());
    return text;
}

}  // namespace mc
