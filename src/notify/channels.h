// channels.h — the kinds of channels that there are: the one list of them.
#pragma once

#include <span>

#include "notify/channel.h"

namespace mc::notify {

// In the order in which people are told of them. The first is meant where a name has no kind: `notify test ops`.
std::span<const ChannelKind* const> channel_kinds();

// Null when the kind is unknown.
const ChannelKind* find_kind(std::string_view kind);
const ChannelKind* kind_of(std::string_view target);

// What `notify test` was asked for: "slack:ops", or "ops", which means the same.
Target asked_target(std::string_view asked);

}  // namespace mc::notify
