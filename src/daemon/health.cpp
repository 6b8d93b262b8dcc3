#include "daemon/health.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>

#include "config/coverage.h"

namespace mc::app {

namespace {

constexpr std::uint64_t bytes_needed = 64ULL << 20, files_needed = 1000, part_of_small = 20;
constexpr Seconds calendars_every{86400};

std::optional<std::pair<std::uint64_t, std::uint64_t>> id_of(const std::string& path) {
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0) return std::nullopt;
    return std::pair{std::uint64_t{file.st_dev}, std::uint64_t{file.st_ino}};
}

}  // namespace

FileWatch::FileWatch(std::string path) : path_(std::move(path)), id_(id_of(path_)) {}

std::string FileWatch::look() {
    const auto id = id_of(path_);
    if (!id_) id_ = id;
    if (id == id_) return "";
    return id ? "was replaced" : "was removed";
}

Health::Health(Troubles& troubles, std::string state) : troubles_(troubles), state_(std::move(state)) {
    for (const char* name : {"ledger.db", "ledger.db-wal"}) ledger_files_.emplace(name, FileWatch(state_ + "/" + name));
}

std::string ClockWatch::look(Instant wall, Seconds up) {
    const Seconds offset = wall.time_since_epoch() - up;
    const Seconds before = std::exchange(offset_, offset).value_or(offset);
    const Seconds step = offset - before;
    if (step > -told_from && step < told_from) return "";
    return fmt::format("the wall clock was set {} by {}, to {}", step.count() > 0 ? "forward" : "back",
                       duration_text(std::max(step, -step)), to_string(wall));
}

std::string little_room(const std::string& directory) {
    struct statvfs room {};
    if (::statvfs(directory.c_str(), &room) != 0) return "";
    const std::uint64_t bytes = std::uint64_t{room.f_bavail} * room.f_frsize;
    const std::uint64_t all_bytes = std::uint64_t{room.f_blocks} * room.f_frsize;
    if (all_bytes > 0 && bytes < std::min(bytes_needed, all_bytes / part_of_small))
        return fmt::format("only {} MB are free in {}; free some space, or move `state`", bytes >> 20, directory);
    if (room.f_files > 0 && room.f_favail < std::min<std::uint64_t>(files_needed, room.f_files / part_of_small))
        return fmt::format("only {} more files fit in {}; remove files, or move `state`", std::uint64_t{room.f_favail},
                           directory);
    return "";
}

void Health::use(std::shared_ptr<const Plan> plan, Now now) {
    plan_ = std::move(plan);
    look_at_calendars(now);
    look(now);
}

void Health::crontabs(const std::vector<CrontabFile>& files, Now now) {
    std::map<std::string, std::string> unread;
    for (const CrontabFile& file : files)
        if (!file.ignored.empty() && !file.harmless)
            unread[file.path] = fmt::format("no line of {} runs: {}", file.path, file.ignored);
    troubles_.set_all(TroubleKind::crontabs, unread, now);
}

void Health::look(Now now) {
    if (!plan_) return;
    troubles_.set(TroubleKind::disk, "", little_room(state_), now);
    const Seconds passed = std::chrono::duration_cast<Seconds>(os::boot_time());
    if (const std::string step = clock_.look(now.wall, passed); !step.empty())
        troubles_.happened(TroubleKind::clock, "", step, now);
    std::string ledger;
    for (auto& [name, watch] : ledger_files_)
        if (const std::string became = watch.look(); !became.empty() && ledger.empty())
            ledger = fmt::format(
                "{}/{} {} while the daemon runs, and the daemon still writes the old file; put the right ledger "
                "there, then restart the daemon",
                state_, name, became);
    troubles_.set(TroubleKind::ledger, "file", ledger, now);
    if (now.wall >= next_calendars_) look_at_calendars(now);
}

void Health::look_at_calendars(Now now) {
    std::map<std::string, std::string> ending;
    for (const CalendarUse& use : calendars_in_use(*plan_))
        if (now.wall >= use.near_from())
            ending[use.calendar->name()] = fmt::format(
                "{}; {} of the jobs need it; install a newer marketcron, or a newer file in "
                "/etc/marketcron/calendars",
                end_text(use, now.wall), use.jobs.size());
    troubles_.set_all(TroubleKind::calendars, ending, now);
    next_calendars_ = now.wall + calendars_every;
}

}  // namespace mc::app
