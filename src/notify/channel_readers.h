// channel_readers.h — the readers of all kinds of channels, for the configuration; without the code that sends.
#pragma once

#include "config/channel.h"

namespace mc::notify {

// In the order of channels.h.
ChannelReaders channel_readers();

}  // namespace mc::notify
