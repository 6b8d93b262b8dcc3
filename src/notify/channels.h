// channels.h — the list of all kinds of channels.
#pragma once

#include <span>

#include "notify/channel.h"

namespace mc::notify {

// In the order of help texts. A name without a kind means the first: `notify test ops`.
std::span<const ChannelKind* const> channel_kinds();

// Null when the kind is unknown.
const ChannelKind* find_kind(std::string_view kind);
const ChannelKind* kind_of(std::string_view target);

// The target that the argument of `notify test` means: "slack:ops", or "ops" for the same.
Target asked_target(std::string_view asked);

}  // namespace mc::notify
