// log_stream.h — the daemon's log: writes lines to a descriptor without ever waiting for the program that reads it.
//
// If the reader is slow, up to unsent_bytes_max are kept and sent by flush(). Lines beyond that, or refused by the
// descriptor (a full disk, a reader that has ended), are lost and counted. Once lines can be written again, the log
// says how many were lost.
//
// The flags of the descriptor are not changed, because other programs may share it: a pipe or a terminal is opened
// again for this stream, a socket is written with MSG_DONTWAIT, and any other descriptor is polled before each write.
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
    // Sends kept lines, as far as there is room.
    void flush();
    // Sends kept lines and waits for room, at most for this time; for the daemon's end.
    void finish(int milliseconds);
    bool has_unsent() const { return !unsent_.empty(); }
    // The descriptor to watch; call flush() when it is writable.
    int fd() const { return own_ ? own_.get() : fd_; }
    // Called whenever a line is kept or lost, and when lines can be written again.
    void on_waiting(std::function<void()> report) { waiting_ = std::move(report); }
    // How many lines are lost so far, and why; "" if none is, or if the log itself has said so.
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
    std::string why_;       // of the latest loss
    bool refuses_ = false;  // the latest write failed
    std::function<void()> waiting_;
};

// Whether both are the same pipe, terminal, socket or file.
bool is_same_file(int one, int other);

}  // namespace mc::os
