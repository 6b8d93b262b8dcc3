// notify_socket.h — sends a Type=notify service's state to systemd, by a datagram to $NOTIFY_SOCKET.
// Source: sd_notify(3).
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace mc::os {

// "READY=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..."; does nothing without $NOTIFY_SOCKET.
void notify_systemd(std::string_view message);

// How often WATCHDOG=1 is due: half of WATCHDOG_USEC, at least 1 s; absent if systemd does not expect it.
std::optional<Seconds> watchdog_interval();

}  // namespace mc::os
