// log_watch.h — sends what the daemon's log keeps for a slow reader as soon as that reads again, and knows what is lost.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "os/event_loop.h"
#include "os/log_stream.h"

namespace mc::app {

class LogWatch {
   public:
    using Streams = std::vector<std::shared_ptr<os::LogStream>>;
    // `changed` is called in the loop when trouble() may say another thing.
    LogWatch(os::EventLoop& loop, Streams streams, std::function<void()> changed);
    ~LogWatch();
    LogWatch(const LogWatch&) = delete;
    LogWatch& operator=(const LogWatch&) = delete;

    // "" or what is lost so far, and why.
    std::string trouble() const;

   private:
    struct One {
        std::shared_ptr<os::LogStream> stream;
        os::EventLoop::Watch writable;
        bool is_watched = false;
    };
    void waits(One& one);

    os::EventLoop& loop_;
    std::vector<One> all_;
    os::MonotonicTimer telling_;
};

}  // namespace mc::app
