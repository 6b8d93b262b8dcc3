// channel_readers.h — the kinds of channels for what reads the configuration, without what sends by them.
#pragma once

#include "config/channel.h"

namespace mc::notify {

// Of all kinds, in the order of channels.h.
ChannelReaders channel_readers();

}  // namespace mc::notify
