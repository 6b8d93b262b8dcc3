// log_stream.h — the daemon's log: lines to a descriptor that another program reads, and that never wait for it.
//
// What a slow reader leaves no room for is kept, up to a bound, and sent by flush(); what is beyond that, or what the
// descriptor refuses (a full disk, a reader that is gone), is lost and counted. When lines can be written again the log
// says how many were lost.
//
// The flags of the descriptor, which other programs may share, stay as they are: a pipe or a terminal is opened once
// more for this stream alone, a socket is asked not to wait, and anything else is asked first whether it takes more.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "os/descriptor.h"

namespace mc::os {

class LogStream {
   public:
    static constexpr std::size_t unsent_bytes_max = 64 * 1024;

    // Borrows the descriptor.
    explicit LogStream(int fd);
    // Never waits. The line ends with its '\n'.
    void write(std::string_view line);
    // Sends what is kept, as far as there is room.
    void flush();
    // The same for at most so many milliseconds: at the end.
    void finish(int milliseconds);
    bool has_unsent() const { return !unsent_.empty(); }
    // What to watch: when it is writable, flush().
    int fd() const { return own_ ? own_.get() : fd_; }
    // Called with each line that must be kept, and each one that is lost.
    void on_waiting(std::function<void()> report) { waiting_ = std::move(report); }
    // "" or, while the log has not said it itself: how many lines are lost so far, and why.
    std::string trouble() const;

   private:
    enum class Way { send, write, ask_first };
    ssize_t put(std::string_view text) const;
    std::string note() const;
    void lose(std::string_view lines, int error);
    bool begin_again(std::string_view line);

    int fd_;
    Descriptor own_;
    Way way_ = Way::ask_first;
    std::string unsent_;
    std::uint64_t lost_ = 0;
    std::string why_;       // of the latest that was lost
    bool refuses_ = false;  // the latest write failed
    std::function<void()> waiting_;
};

// Whether both are the same pipe, terminal, socket or file.
bool is_same_file(int one, int other);

}  // namespace mc::os
