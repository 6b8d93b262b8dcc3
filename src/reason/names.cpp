// One table of spellings for each enum, in the order of its enumerators.
#include "reason/names.h"

#include <array>

#include "base/result.h"

namespace mc {
namespace {

using Text = std::string_view;

constexpr std::array state_texts{
    Text{"scheduled"},       Text{"waiting"}, Text{"queued"},    Text{"running"}, Text{"retrying"},
    Text{"success"},         Text{"failed"},  Text{"timed_out"}, Text{"killed"},  Text{"skipped"},
    Text{"upstream_failed"}, Text{"missed"},  Text{"lost"},
};
static_assert(state_texts.size() == static_cast<std::size_t>(State::lost) + 1);

constexpr std::array reason_texts{
    Text{""},          Text{"when_false"}, Text{"latest_only"},      Text{"superseded"},      Text{"overlap"},
    Text{"exit_code"}, Text{"iced"},       Text{"upstream_skipped"}, Text{"upstream_failed"}, Text{"too_late"},
    Text{"down"},      Text{"held"},       Text{"dependency"},       Text{"sensor"},          Text{"pool"},
    Text{"claim"},     Text{"no_session"}, Text{"calendar_ended"},   Text{"sensor_timeout"},  Text{"timeout"},
    Text{"oom"},       Text{"signal"},     Text{"stopped"},          Text{"marked"},          Text{"no_fire"},
    Text{"disabled"},  Text{"removed"},    Text{"spawn_failed"},     Text{"other_cron"},      Text{"resources"},
};
static_assert(reason_texts.size() == static_cast<std::size_t>(Reason::resources) + 1);

constexpr std::array origin_texts{Text{"live"}, Text{"catch_up"}, Text{"backfill"}, Text{"start"}};
static_assert(origin_texts.size() == static_cast<std::size_t>(Origin::start) + 1);

constexpr std::array notice_kind_texts{Text{"failure"},  Text{"retry"},  Text{"success"}, Text{"late"},  Text{"missed"},
                                       Text{"recovery"}, Text{"output"}, Text{"acked"},   Text{"closed"}};
static_assert(notice_kind_texts.size() == static_cast<std::size_t>(NoticeKind::closed) + 1);

constexpr std::array clear_part_texts{Text{"reset"}, Text{"nothing"}};
static_assert(clear_part_texts.size() == static_cast<std::size_t>(ClearPart::nothing) + 1);

template <class Enum, std::size_t Size>
Text text_of(const std::array<Text, Size>& texts, Enum value) {
    const auto index = static_cast<std::size_t>(value);
    check(index < Size, "an enum holds one of its enumerators");
    return texts[index];
}

template <class Enum, std::size_t Size>
std::optional<Enum> value_of(const std::array<Text, Size>& texts, Text text) {
    for (std::size_t index = 0; index < Size; ++index)
        if (texts[index] == text) return static_cast<Enum>(index);
    return std::nullopt;
}

}  // namespace

bool finished(State s) {
    switch (s) {
        case State::scheduled:
        case State::waiting:
        case State::queued:
        case State::running:
        case State::retrying: return false;
        case State::success:
        case State::failed:
        case State::timed_out:
        case State::killed:
        case State::skipped:
        case State::upstream_failed:
        case State::missed:
        case State::lost: return true;
    }
    return true;
}

std::string_view to_text(State s) { return text_of(state_texts, s); }
std::string_view to_text(Reason r) { return text_of(reason_texts, r); }
std::string_view to_text(Origin o) { return text_of(origin_texts, o); }
std::string_view to_text(NoticeKind k) { return text_of(notice_kind_texts, k); }
std::string_view to_text(ClearPart p) { return text_of(clear_part_texts, p); }

std::optional<State> parse_state(std::string_view text) { return value_of<State>(state_texts, text); }
std::optional<Reason> parse_reason(std::string_view text) { return value_of<Reason>(reason_texts, text); }
std::optional<Origin> parse_origin(std::string_view text) { return value_of<Origin>(origin_texts, text); }
std::optional<NoticeKind> parse_notice_kind(std::string_view text) {
    return value_of<NoticeKind>(notice_kind_texts, text);
}
std::optional<ClearPart> parse_clear_part(std::string_view text) { return value_of<ClearPart>(clear_part_texts, text); }

}  // namespace mc
