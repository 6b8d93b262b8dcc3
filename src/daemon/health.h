// health.h — looks for troubles that nothing else stumbles over: little room on the disk, a wall clock that was set,
// calendars that end soon, crontabs that are not read, a
// ledger whose file was replaced.
//
// It looks when the daemon is awake anyway, and costs four system calls then; it never wakes it.
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

// How the wall clock was set between two looks: by how much it moved beyond the time that passed. Pure.
class ClockWatch {
   public:
    // A step of a minute is told; less is what time services do.
    static constexpr Seconds told_from{60};
    // `up` counts the time that passed, also while the machine was suspended. "" or a sentence.
    std::string look(Instant wall, Seconds up);

   private:
    std::optional<Seconds> offset_;
};

// Whether the file at that path is still the one that was there at first: who writes into a file that was removed or
// replaced writes where nobody reads.
class FileWatch {
   public:
    explicit FileWatch(std::string path);
    // "" or what has become of it: "was removed", "was replaced".
    std::string look();

   private:
    std::string path_;
    std::optional<std::pair<std::uint64_t, std::uint64_t>> id_;  // device and inode; absent: there was none yet
};

// "" or a sentence that says how little room there is: less than 64 MB or 1000 files, or, where the whole disk is small,
// less than a twentieth of it.
std::string little_room(const std::string& directory);

class Health {
   public:
    // Its ledger is open already.
    Health(Troubles& troubles, std::string state);
    // The plan from now on.
    void use(std::shared_ptr<const Plan> plan, Now now);
    // What is there of [crontab] now.
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
