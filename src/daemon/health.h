// health.h — checks for troubles that no other code finds: a nearly full disk, a wall clock that was set, calendars that
// end soon, crontabs that are ignored, a ledger whose file was replaced.
//
// It checks when the daemon is awake anyway, with four system calls; it never wakes the daemon.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "config/crontab_jobs.h"
#include "daemon/troubles.h"
#include "os/clock.h"

namespace mc::app {

// Notices that the wall clock was set: between two calls it moved more or less than the time that passed. Pure.
class ClockWatch {
   public:
    // A smaller step is not reported: time services make such steps.
    static constexpr Seconds told_from{60};
    // `up`: a monotonic clock that also counts while the machine is suspended. Returns "", or a sentence.
    std::string look(Instant wall, Seconds up);

   private:
    std::optional<Seconds> offset_;
};

// Whether the file at that path is still the same file. If it was removed or replaced, a program that has it open writes
// to a file that no other program can find.
class FileWatch {
   public:
    explicit FileWatch(std::string path);
    // "", or what happened to the file: "was removed", "was replaced".
    std::string look();

   private:
    std::string path_;
    std::optional<std::pair<std::uint64_t, std::uint64_t>> id_;  // device and inode; absent: no file so far
};

// "", or a sentence that says how little is free: less than 64 MB or fewer than 1000 files; on a small file system less
// than 5 % of it.
std::string little_room(const std::string& directory);

class Health {
   public:
    // The ledger in `state` is open already.
    Health(Troubles& troubles, std::string state);
    // The new plan.
    void use(std::shared_ptr<const Plan> plan, Now now);
    // The files of [crontab], as last read.
    void crontabs(const std::vector<CrontabFile>& files, Now now);
    void look(Now now);

   private:
    void look_at_calendars(Now now);

    Troubles& troubles_;
    std::string state_;
    std::shared_ptr<const Plan> plan_;
    ClockWatch clock_;
    std::map<std::string, FileWatch> ledger_files_;  // by name
    Instant next_calendars_;
};

}  // namespace mc::app
