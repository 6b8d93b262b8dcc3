#include "schedule/fire_key.h"

#include <fmt/format.h>

#include <array>

namespace mc {
namespace {

using Kind = FireKey::Kind;

constexpr std::array all_kinds{Kind::moment, Kind::session, Kind::date, Kind::boot, Kind::start, Kind::span};

}  // namespace

std::string_view first_word(Kind kind) {
    switch (kind) {
        case Kind::moment: return "cron ";
        case Kind::session: return "session ";
        case Kind::date: return "date ";
        case Kind::boot: return "boot ";
        case Kind::start: return "start ";
        case Kind::span: return "span ";
        case Kind::none:
        case Kind::other: break;
    }
    return "";
}

FireKey FireKey::of_moment(Instant before_roll) {
    return FireKey(std::string(first_word(Kind::moment)) + to_string(before_roll));
}

FireKey FireKey::of_session(Date session, std::string_view event, int nth, int count) {
    const auto stem = fmt::format("{}{} {} {}", first_word(Kind::session), to_string(session), event, nth);
    return FireKey(count == 0 ? stem : fmt::format("{} {}", stem, count));
}

FireKey FireKey::of_date(Date date) { return FireKey(std::string(first_word(Kind::date)) + to_string(date)); }
FireKey FireKey::of_boot(std::string_view id) { return FireKey(std::string(first_word(Kind::boot)).append(id)); }
FireKey FireKey::of_start(std::int64_t number) { return FireKey(fmt::format("{}{}", first_word(Kind::start), number)); }

FireKey FireKey::of_span(Instant first, Instant last) {
    return FireKey(fmt::format("{}{} {}", first_word(Kind::span), to_string(first), to_string(last)));
}

Kind FireKey::kind() const {
    if (text_.empty()) return Kind::none;
    for (const Kind kind : all_kinds)
        if (text_.starts_with(first_word(kind))) return kind;
    return Kind::other;
}

std::optional<Instant> FireKey::moment() const {
    if (kind() != Kind::moment) return std::nullopt;
    const auto at = parse_instant(std::string_view(text_).substr(first_word(Kind::moment).size()));
    return at ? std::optional(*at) : std::nullopt;
}

std::string_view FireKey::calendar() const {
    constexpr std::string_view before_event = "session 2026-11-20 ";
    if (kind() != Kind::session || text_.size() <= before_event.size()) return {};
    const std::string_view event = std::string_view(text_).substr(before_event.size());
    return event.substr(0, event.find('@'));
}

}  // namespace mc
