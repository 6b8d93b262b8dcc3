#include "desk/host_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/spelling.h"
#include "desk/narrator.h"

namespace mc::app {

namespace {

namespace fs = std::filesystem;

// Whether the name means UTC: then the host is configured for UTC.
bool means_utc(std::string_view name) {
    static const std::set<std::string_view> names{"",      "UTC",   "UTC0", "UCT",       "GMT",        "GMT0",
                                                  "GMT-0", "GMT+0", "Zulu", "Universal", "Etc/Unknown"};
    if (name.starts_with(':')) name.remove_prefix(1);
    if (const auto etc = name.find("zoneinfo/"); etc != std::string_view::npos) name.remove_prefix(etc + 9);
    if (name.starts_with("Etc/") && name != "Etc/Unknown") name.remove_prefix(4);
    return names.contains(name);
}

}  // namespace

std::string host_zone_trouble(const Zone& taken, const std::string& localtime) {
    if (taken.name() != "UTC") return {};
    if (const char* text = std::getenv("TZ"))
        return means_utc(text) ? "" : fmt::format("TZ={} is not the name of a readable time zone", text);
    std::error_code error;
    const fs::file_status status = fs::symlink_status(localtime, error);
    if (error || !fs::exists(status)) return {};
    if (!fs::is_symlink(status)) return fmt::format("{} cannot be read as a time zone", localtime);
    const std::string target = fs::read_symlink(localtime, error).string();
    return means_utc(target)
               ? ""
               : fmt::format("{} is a link to {}, which cannot be read as a time zone", localtime, target);
}

void warn_of_host_zone(Plan& plan, const ZonePtr& taken) {
    const std::string trouble = host_zone_trouble(*taken);
    if (trouble.empty()) return;
    const auto goes_by_it = [&](const auto& entry) { return entry.second.schedule.zone == taken; };
    const auto jobs = static_cast<std::size_t>(std::count_if(plan.jobs.begin(), plan.jobs.end(), goes_by_it));
    if (jobs == 0 && !plan.crontab.any()) return;
    plan.warnings.push_back(
        {fmt::format("{}: {} without `timezone` {} UTC; write timezone = \"America/New_York\", or fix the host's zone "
                     "(timedatectl set-timezone, package tzdata)",
                     trouble, jobs == 0 ? "crontab lines" : counted(jobs, "job"), jobs == 1 ? "uses" : "use"),
         {plan.files.front(), 0, 0}});
}

}  // namespace mc::app
