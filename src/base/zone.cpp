#include "base/zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/posix_rule.h"
#include "base/tzif.h"
#include "base/zone_builder.h"

namespace mc {

namespace {

// The length of the Gregorian calendar's cycle of 400 years.
constexpr std::int64_t cycle_seconds = std::int64_t{146097} * 86400;
// The date library computes the footer's dates, and its years end at 32767. 6000 years from 1970 are enough.
constexpr std::int64_t last_change_limit = 15 * cycle_seconds;

// Keeps the sum of an instant and an offset within 64 bits, for callers that use a limit as "never".
std::int64_t bounded(std::int64_t seconds) {
    constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 2;
    return std::clamp(seconds, -limit, limit);
}

}  // namespace

Result<ZonePtr> Zone::parse(std::string name, std::string_view tzif) {
    const auto with_name = [&name](Error error) {
        error.what = fmt::format("time zone \"{}\" cannot be read: {}", name, error.what);
        return tl::unexpected(std::move(error));
    };
    const auto file = read_tzif(tzif);
    if (!file) return with_name(file.error());
    ZoneBuilder builder(name);
    const bool rule_for_all_time = file->transitions.empty() && !file->footer.empty();
    if (!rule_for_all_time) builder.table(*file);
    if (file->footer.empty()) return builder.build();

    const auto rule = parse_posix_rule(file->footer);
    if (!rule) return with_name(rule.error());
    if (rule_for_all_time) {
        builder.rule(*rule, std::nullopt);
        return builder.build();
    }
    const std::int64_t last_change = file->transitions.back().at;
    if (last_change < -last_change_limit || last_change > last_change_limit) {
        return with_name({Error::Kind::config, "its last change is more than 6000 years from 1970", {}, {}});
    }
    builder.rule(*rule, last_change);
    return builder.build();
}

Result<ZonePtr> Zone::from_rule(std::string_view rule) {
    const auto parsed = parse_posix_rule(rule);
    if (!parsed) return tl::unexpected(parsed.error());
    ZoneBuilder builder{std::string(rule)};
    builder.rule(*parsed, std::nullopt);
    return builder.build();
}

ZonePtr Zone::utc() {
    ZoneBuilder builder("UTC");
    builder.rule(PosixRule{LocalType{0, false, "UTC"}, std::nullopt}, std::nullopt);
    return builder.build();
}

// The distance, a multiple of the cycle, from `seconds` to the computed years.
std::int64_t Zone::to_known_years(std::int64_t seconds) const {
    if (seconds < known_from_) return ((known_from_ - seconds - 1) / cycle_seconds + 1) * cycle_seconds;
    if (seconds >= known_until_) return -((seconds - known_until_) / cycle_seconds + 1) * cycle_seconds;
    return 0;
}

// A binary search without branches that depend on the data, so random instants are as fast as neighbouring ones.
std::size_t Zone::span_at(std::int64_t seconds) const {
    const std::int64_t* first = starts_.data();
    std::size_t count = starts_.size();
    while (count > 1) {
        const std::size_t half = count / 2;
        first += first[half] <= seconds ? half : 0;
        count -= half;
    }
    return static_cast<std::size_t>(first - starts_.data());
}

Zone::Offset Zone::offset_at(Instant t) const {
    const std::int64_t seconds = bounded(t.time_since_epoch().count());
    const LocalType& type = types_[span_types_[span_at(seconds + to_known_years(seconds))]];
    return {Seconds{type.utc_offset}, type.is_dst, type.abbreviation};
}

WallTime Zone::to_wall(Instant t) const {
    const std::int64_t seconds = bounded(t.time_since_epoch().count());
    const std::size_t span = span_at(seconds + to_known_years(seconds));
    return WallTime{Seconds{seconds + offset_of_span(span)}};
}

Zone::Steady Zone::steady_around(WallTime w) const {
    const Steady none{w, w, Seconds{0}};
    const std::int64_t local = w.time_since_epoch().count();
    if (local != bounded(local) || to_known_years(local) != 0) return none;
    const std::size_t span = span_at(local - offset_max_);
    const bool last = span + 1 == starts_.size();
    const std::int64_t from = std::max(starts_[span], known_from_);
    const std::int64_t to = last ? known_until_ : std::min(starts_[span + 1], known_until_);
    // Only a time that is inside the span with every offset of the zone is certain.
    if (local - offset_max_ < from || to <= local - offset_min_) return none;
    return {WallTime{Seconds{bounded(from) + offset_max_}}, WallTime{Seconds{bounded(to) + offset_min_}},
            Seconds{offset_of_span(span)}};
}

// A wall time is in a span if its instant with the span's offset is. Only spans within the zone's own range of offsets
// around it can contain it: nearly always one or two.
Zone::Wall Zone::wall(WallTime w) const {
    const std::int64_t asked = bounded(w.time_since_epoch().count());
    const std::int64_t moved = to_known_years(asked);
    const std::int64_t local = asked + moved;
    const auto instant = [moved](std::int64_t known) { return Instant{Seconds{known - moved}}; };

    const std::size_t from = span_at(local - offset_max_);
    std::size_t until = from;
    while (until + 1 < starts_.size() && starts_[until + 1] <= local - offset_min_) ++until;
    Wall result;
    int found = 0;
    for (std::size_t span = from; span <= until && found < 2; ++span) {
        const std::int64_t at = local - offset_of_span(span);
        const bool begun = at >= starts_[span];
        const bool ended = span + 1 < starts_.size() && at >= starts_[span + 1];
        if (!begun || ended) continue;
        ++found;
        if (found == 1) result.first = instant(at);
        result.second = instant(at);
    }
    if (found == 1) return result;
    if (found == 2) {
        result.kind = Wall::Kind::overlap;
        return result;
    }
    // The time does not exist: the first change that skipped it ends the gap.
    std::size_t after = from + 1;
    while (after < until && starts_[after] + offset_of_span(after) <= local) ++after;
    return {Wall::Kind::gap, instant(starts_[after]), instant(starts_[after])};
}

}  // namespace mc
