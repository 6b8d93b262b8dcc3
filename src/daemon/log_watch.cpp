#include "daemon/log_watch.h"

#include "os/clock.h"

namespace mc::app {

LogWatch::LogWatch(os::EventLoop& loop, Streams streams, std::function<void()> changed)
    : loop_(loop), telling_(loop, std::move(changed)) {
    for (auto& stream : streams) all_.push_back({std::move(stream), {}, false});
    for (One& one : all_) one.stream->on_waiting([this, &one] { waits(one); });
}

LogWatch::~LogWatch() {
    for (const One& one : all_) one.stream->on_waiting({});
}

void LogWatch::waits(One& one) {
    if (one.stream->has_unsent() && !std::exchange(one.is_watched, true))
        one.writable = loop_.writable(one.stream->fd(), [this, &one] {
            one.stream->flush();
            if (one.stream->has_unsent()) return;
            one.is_watched = false;
            one.writable = {};
            telling_.arm(os::monotonic_now().time_since_epoch());
        });
    telling_.arm(os::monotonic_now().time_since_epoch());
}

std::string LogWatch::trouble() const {
    for (const One& one : all_)
        if (std::string text = one.stream->trouble(); !text.empty()) return text;
    return "";
}

}  // namespace mc::app
