#include "notify/channels.h"

#include <algorithm>
#include <array>

#include "notify/channel_readers.h"

namespace mc::notify {

// One declaration and one row for each kind.
const ChannelKind& slack_channel();
const ChannelKind& mail_channel();
const ChannelKind& teams_channel();
const ChannelKind& pagerduty_channel();
const ChannelKind& webhook_channel();

namespace {

constexpr std::array rows{slack_channel, mail_channel, teams_channel, pagerduty_channel, webhook_channel};

}  // namespace

std::span<const ChannelKind* const> channel_kinds() {
    static const auto kinds = [] {
        std::array<const ChannelKind*, rows.size()> made{};
        std::transform(rows.begin(), rows.end(), made.begin(), [](auto row) { return &row(); });
        return made;
    }();
    return kinds;
}

ChannelReaders channel_readers() {
    static const auto readers = [] {
        std::array<const ChannelReader*, rows.size()> made{};
        std::copy(channel_kinds().begin(), channel_kinds().end(), made.begin());
        return made;
    }();
    return readers;
}

const ChannelKind* find_kind(std::string_view kind) {
    for (const ChannelKind* one : channel_kinds())
        if (one->kind() == kind) return one;
    return nullptr;
}

const ChannelKind* kind_of(std::string_view target) {
    const std::optional<Target> parsed = Target::parse(target);
    return parsed ? find_kind(parsed->kind()) : nullptr;
}

Target asked_target(std::string_view asked) {
    const std::optional<Target> target = Target::parse(asked);
    if (target && find_kind(target->kind())) return *target;
    return {channel_kinds().front()->kind(), asked};
}

}  // namespace mc::notify
