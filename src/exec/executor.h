// executor.h — where attempts run: it starts and signals them, says how they ended, and has a record of each, which
// outlives the daemon.
//
// The keeper is one (keeper_executor.h); the simulator's machine on virtual time is another (sim/virtual_executor.h).
//
// What the records say is the truth; what read() tells only saves looking. An attempt that is launched twice starts
// once. One that has no record has not begun, except where its record may have been removed: the executor is asked.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "exec/attempt_scan.h"
#include "exec/keeper.h"

namespace mc::os {

class Executor {
   public:
    virtual ~Executor() = default;

    // ---- the connection. Without one nothing is launched, and nothing is lost.
    virtual bool is_connected() const = 0;
    // Connects anew, and starts what is missing. Error: process.
    virtual Result<void> connect() = 0;
    virtual void disconnect() = 0;
    virtual int fd() const = 0;   // readable: read() has something; -1: not connected
    virtual int pid() const = 0;  // of the process to name to a user; -1: none

    // ---- attempts. As the methods of Keeper; they need a connection.
    virtual Result<void> launch(const std::vector<Launch>& launches) = 0;
    // True: launch() returns when all of them have begun, or read() has their ends. Nobody need watch for them to begin.
    virtual bool begins_at_once() const { return false; }
    virtual Result<void> signal(AttemptId attempt, int number, const std::string& identity) = 0;
    virtual void watch(AttemptId attempt) = 0;
    struct News {
        std::vector<Ended> ended;
        std::vector<AttemptId> begun;    // were launched, and had begun already
        std::vector<AttemptId> unclear;  // were watched, and their records became unclear, garbled or absent
        std::vector<Answer> answers;     // to ask()
    };
    // What has come since the last call. Error: process, when the connection is lost.
    virtual Result<News> read() = 0;
    virtual Result<void> ask(const std::vector<Question>& questions) = 0;
    virtual std::vector<Answer> ask_now(const std::vector<Question>& questions, std::chrono::milliseconds patience) = 0;

    // ---- records
    virtual std::string boot() const = 0;  // names this boot of the machine that the records are on
    virtual AttemptState state(AttemptId attempt) const = 0;
    virtual AttemptsOnDisk records(std::optional<Instant> changed_since) const = 0;
    virtual std::string records_name() const = 0;  // for people: "/var/lib/marketcron/runs"
    // As the functions of attempt_scan.h and keeper.h of those names.
    virtual Result<std::string> set_aside(AttemptId attempt, Instant now) = 0;
    virtual Result<void> give(AttemptId from, AttemptId to, Give how) = 0;
    virtual Result<void> name_owner(AttemptId attempt, const std::string& owner) = 0;
    virtual bool has_aside() const = 0;
    virtual std::size_t count_aside() const = 0;
    virtual void remove_aside(Instant before) = 0;
    virtual void remove(std::int64_t run) = 0;
    virtual void remove_old(Instant before, const std::function<bool(std::int64_t run)>& keep) = 0;

    // ---- which ledger used the records last: a text of the caller's; nothing: it was never written, or cannot be read.
    virtual std::optional<std::string> mark() const = 0;
    virtual Result<void> write_mark(const std::string& text) = 0;
    virtual std::string place() const = 0;  // another one where the records are a copy
};

}  // namespace mc::os
