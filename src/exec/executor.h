// executor.h — runs attempts: starts and signals them, reports how they ended, and keeps a record of each that outlives
// the daemon.
//
// Implementations are the keeper (keeper_executor.h) and the simulator's machine on virtual time
// (sim/virtual_executor.h).
//
// The records are authoritative; read() only saves checking them. An attempt that is launched twice starts once. An
// attempt without a record has not begun, unless its record was removed: then ask() the executor.
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

    // ---- the connection. Without one no attempt is launched, and none is lost.
    virtual bool is_connected() const = 0;
    // Connects again, and starts the executor's processes if they do not run. Error: process.
    virtual Result<void> connect() = 0;
    virtual void disconnect() = 0;
    virtual int fd() const = 0;   // readable: call read(); -1: not connected
    virtual int pid() const = 0;  // the process to name in messages; -1: none

    // ---- attempts. Like the methods of Keeper; they need a connection.
    virtual Result<void> launch(const std::vector<Launch>& launches) = 0;
    // True: when launch() returns, all have begun or read() has their ends, so their begin need not be watched.
    virtual bool begins_at_once() const { return false; }
    virtual Result<void> signal(AttemptId attempt, int number, const std::string& identity) = 0;
    virtual void watch(AttemptId attempt) = 0;
    struct News {
        std::vector<Ended> ended;
        std::vector<AttemptId> begun;    // launched attempts that had already begun
        std::vector<AttemptId> unclear;  // watched attempts whose records became unclear, garbled or absent
        std::vector<Answer> answers;     // to ask()
    };
    // The news since the last call. Error: process, when the connection is lost.
    virtual Result<News> read() = 0;
    virtual Result<void> ask(const std::vector<Question>& questions) = 0;
    virtual std::vector<Answer> ask_now(const std::vector<Question>& questions, std::chrono::milliseconds patience) = 0;

    // ---- records
    virtual std::string boot() const = 0;  // the identity of the current boot of the machine with the records
    virtual AttemptState state(AttemptId attempt) const = 0;
    virtual AttemptsOnDisk records(std::optional<Instant> changed_since) const = 0;
    virtual std::string records_name() const = 0;  // for messages: "/var/lib/marketcron/runs"
    // Like the functions of attempt_scan.h and keeper.h with these names.
    virtual Result<std::string> set_aside(AttemptId attempt, Instant now) = 0;
    virtual Result<void> give(AttemptId from, AttemptId to, Give how) = 0;
    virtual Result<void> name_owner(AttemptId attempt, const std::string& owner) = 0;
    virtual bool has_aside() const = 0;
    virtual std::size_t count_aside() const = 0;
    virtual void remove_aside(Instant before) = 0;
    virtual void remove(std::int64_t run) = 0;
    virtual void remove_old(Instant before, const std::function<bool(std::int64_t run)>& keep) = 0;

    // ---- the mark of the ledger that last used the records: a text from the caller. nullopt: never written, or
    // unreadable.
    virtual std::optional<std::string> mark() const = 0;
    virtual Result<void> write_mark(const std::string& text) = 0;
    virtual std::string place() const = 0;  // identifies the records; a copy of them has another place
};

}  // namespace mc::os
