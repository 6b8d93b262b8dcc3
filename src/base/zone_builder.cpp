#include "base/zone_builder.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace mc {

namespace {

constexpr std::int64_t beginning_of_time = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t end_of_time = std::numeric_limits<std::int64_t>::max();
constexpr int first_year_of_bare_rule = 1800;
constexpr int cycle_years = 400;

std::int64_t new_year(int year) {
    return std::int64_t{date::sys_days{date::year{year} / 1 / 1}.time_since_epoch().count()} * 86400;
}

int year_of(std::int64_t seconds) {
    const auto day = date::floor<date::days>(Instant{Seconds{seconds}});
    return int{date::year_month_day{day}.year()};
}

struct Change {
    std::int64_t at;
    int year;
    bool to_daylight;
};

// In order of time. If the end in one year meets the start in the next year, daylight saving time never stops, so the
// later year wins. If start and end in the same year meet, there is no daylight saving time.
std::vector<Change> changes_of(const PosixRule& rule, int first_year, int last_year) {
    std::vector<Change> changes;
    const DaylightRule& daylight = *rule.daylight;
    for (int year = first_year; year <= last_year; ++year) {
        changes.push_back({daylight.start.local_seconds(year) - rule.standard.utc_offset, year, true});
        changes.push_back({daylight.end.local_seconds(year) - daylight.type.utc_offset, year, false});
    }
    std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
        return std::tuple(a.at, a.year, !a.to_daylight) < std::tuple(b.at, b.year, !b.to_daylight);
    });
    return changes;
}

}  // namespace

ZoneBuilder::ZoneBuilder(std::string name) : zone_(new Zone) {
    zone_->name_ = std::move(name);
    zone_->known_from_ = beginning_of_time;
    zone_->known_until_ = end_of_time;
}

std::uint16_t ZoneBuilder::index_of(const LocalType& type) {
    auto& types = zone_->types_;
    const auto found = std::find(types.begin(), types.end(), type);
    const auto index = static_cast<std::uint16_t>(found - types.begin());
    if (found == types.end()) types.push_back(type);
    return index;
}

// An empty span is left out, and a span with the same type as its neighbour is merged with it.
void ZoneBuilder::add_span(std::int64_t start, const LocalType& type) {
    auto& starts = zone_->starts_;
    auto& span_types = zone_->span_types_;
    if (!starts.empty() && starts.back() == start) {
        starts.pop_back();
        span_types.pop_back();
    }
    const std::uint16_t index = index_of(type);
    if (!span_types.empty() && span_types.back() == index) return;
    starts.push_back(start);
    span_types.push_back(index);
}

void ZoneBuilder::table(const Tzif& file) {
    add_span(beginning_of_time, file.types.front());
    for (const auto& transition : file.transitions) add_span(transition.at, file.types[transition.type]);
}

// After the last change in the table only the rule applies; without a table it always applies.
void ZoneBuilder::rule(const PosixRule& rule, std::optional<std::int64_t> since) {
    if (!rule.daylight) return add_span(since.value_or(beginning_of_time), rule.standard);

    const int first_year = since ? year_of(*since) : first_year_of_bare_rule;
    if (!since) zone_->known_from_ = new_year(first_year + 2);
    zone_->known_until_ = new_year(first_year + 2 + cycle_years);
    // A rule's hours may move a change over New Year, so two more years are computed at either end.
    const auto changes = changes_of(rule, first_year - 2, first_year + cycle_years + 4);
    for (const Change& change : changes) {
        const std::int64_t at = since ? std::max(change.at, *since) : change.at;
        add_span(at, change.to_daylight ? rule.daylight->type : rule.standard);
    }
    if (!since) zone_->starts_.front() = beginning_of_time;
}

std::shared_ptr<const Zone> ZoneBuilder::build() {
    // Types that no span uses must not widen the search in Zone::wall.
    zone_->offset_min_ = utc_offset_limit;
    zone_->offset_max_ = -utc_offset_limit;
    for (std::size_t span = 0; span < zone_->starts_.size(); ++span) {
        zone_->offset_min_ = std::min(zone_->offset_min_, zone_->offset_of_span(span));
        zone_->offset_max_ = std::max(zone_->offset_max_, zone_->offset_of_span(span));
    }
    return zone_;
}

}  // namespace mc
