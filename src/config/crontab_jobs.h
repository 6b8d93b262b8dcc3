// crontab_jobs.h — adds the jobs of crontabs to the jobs of the configuration (crontabs in marketcron.toml(5)).
//
// They run as with cron: runs of a job may overlap, times are in the host's zone or CRON_TZ, the environment is cron's,
// and no fires are caught up; [defaults] does not apply. A job's name comes from its crontab, user, text and the number
// of equal lines above it, so it stays the same when other lines are added or removed. Users see FILE:LINE.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "config/plan.h"
#include "crontab/crontab.h"

namespace mc {

struct CrontabFile {
    std::string path;
    CrontabOwner owner;
    std::string text;
    std::string ignored;    // why the file is not read; "" = it is read
    bool harmless = false;  // ignored as expected: the file or its user does not exist yet, or an editor left it
    std::set<std::string> unknown_users{};  // users not found on this machine; their lines are left out with a warning
};

// The generation that the plan would have with these crontabs. If it is unchanged, so are the crontabs.
std::string generation_with(const Plan& file_plan, const std::vector<CrontabFile>& files);

// Whether that is the name of a crontab's job, also of one that no longer exists.
bool is_crontab_job(const JobName& job);

// Whether other cron daemons read that path too: it is in /etc or /var/spool. Only this daemon reads other crontabs.
bool is_machines_table(std::string_view path);
// Whether the job is a line of a crontab that other cron daemons read too.
bool is_machines_line(const Job& job);

// "user ann not found; its jobs run once the user exists"
std::string unknown_user_text(const std::string& user);

// Adds the jobs of the crontabs to the plan. Bad lines and ignored files become warnings at their place. The plan's
// generation then includes the crontabs.
void add_crontab_jobs(Plan& plan, const std::vector<CrontabFile>& files, const ZonePtr& host_zone);

}  // namespace mc
