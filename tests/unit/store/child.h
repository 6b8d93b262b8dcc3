// child.h — a part of a test in its own process, which may be killed or lose its rights.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <string>

#include "base/result.h"
#include "support/send_signal.h"

namespace mc {

// Runs body(write) in a forked child, whose write(text) sends text to the parent.
class Child {
   public:
    template <class Body>
    explicit Child(Body body) {
        int ends[2];
        check(pipe(ends) == 0, "a pipe can be made");
        pid_ = fork();
        check(pid_ >= 0, "a child can be forked");
        if (pid_ == 0) run(body, ends[1]);  // does not return
        close(ends[1]);
        from_child_ = ends[0];
    }
    ~Child() {
        kill_now();
        close(from_child_);
    }
    Child(const Child&) = delete;

    pid_t pid() const { return pid_; }
    // What the child has written, waiting until there is something; "" once it has ended and all was read.
    std::string hear() const {
        char text[4096];
        const ssize_t size = read(from_child_, text, sizeof text);
        return size <= 0 ? "" : std::string(text, static_cast<std::size_t>(size));
    }
    std::string hear_all() const {
        std::string all;
        for (std::string more = hear(); !more.empty(); more = hear()) all += more;
        return all;
    }
    void kill_now() {
        if (ended_) return;
        (void)mc::test::send_signal(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        ended_ = true;
    }

   private:
    template <class Body>
    [[noreturn]] static void run(Body body, int to_parent) {
        const auto say = [to_parent](const std::string& text) { (void)!write(to_parent, text.data(), text.size()); };
        try {
            body(say);
        } catch (const std::exception& problem) {
            say(std::string("exception: ") + problem.what());
        }
        _exit(0);
    }

    pid_t pid_ = -1;
    int from_child_ = -1;
    bool ended_ = false;
};

}  // namespace mc
