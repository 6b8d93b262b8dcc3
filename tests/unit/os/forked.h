// forked.h — a process of a test.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <functional>

#include "os/descriptor.h"
#include "support/send_signal.h"

namespace mc::os::test {

// Runs `first` and then waits until it is killed; the constructor returns after `first`.
class Forked {
   public:
    explicit Forked(const std::function<void()>& first) {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        const Descriptor out(ends[0]);
        Descriptor in(ends[1]);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            first();
            if (::write(in.get(), "x", 1) != 1) ::_exit(1);
            while (true) ::pause();
        }
        in.reset();
        char byte = 0;
        CHECK(::read(out.get(), &byte, 1) == 1);
    }
    ~Forked() {
        end();
        ::waitpid(pid_, nullptr, 0);
    }
    Forked(const Forked&) = delete;
    Forked& operator=(const Forked&) = delete;

    pid_t pid() const { return pid_; }
    // Kills the process, which is reaped only by the destructor.
    void end() const {
        CHECK(mc::test::send_signal(pid_, SIGKILL));
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    }

   private:
    pid_t pid_ = -1;
};

}  // namespace mc::os::test
