// log_watch.h — sends the log lines that were kept for a slow reader when it reads again, and reports lost lines.
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
    // `changed` is called from the loop when the result of trouble() may have changed.
    LogWatch(os::EventLoop& loop, Streams streams, std::function<void()> changed);
    ~LogWatch();
    LogWatch(const LogWatch&) = delete;
    LogWatch& operator=(const LogWatch&) = delete;

    // "", or how many lines are lost so far, and why.
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
