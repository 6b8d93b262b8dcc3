// crontab_jobs.h — the jobs of crontabs that are run in place, among those of the file (crontabs in marketcron.toml(5)).
//
// They run as under cron: beside themselves, in the host's zone or that of CRON_TZ, with cron's environment,
// nothing caught up; [defaults] does not touch them. A job is known by its table, user, text and how many
// equal lines stand above it, so that it stays the same when other lines come and go; people see FILE:LINE.
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
    std::string ignored;    // why nothing of it is read; "" = it is
    bool harmless = false;  // ignored, as expected: it, or its user, is not there yet, or an editor left it behind
    std::set<std::string> unknown_users{};  // that this machine does not have; their lines are left out, with a warning
};

// The generation that the plan would have with these tables: nothing has changed while it is the same.
std::string generation_with(const Plan& file_plan, const std::vector<CrontabFile>& files);

// Whether that is the name of such a job, also of one that is no more.
bool is_crontab_job(const std::string& name);

// Whether other cron daemons read that place too: it is in /etc or /var/spool. Tables elsewhere are this daemon's alone.
bool is_machines_table(std::string_view path);
// Whether the job is a line of such a table.
bool is_machines_line(const Job& job);

// "there is no user ann; it runs once the user exists"
std::string unknown_user_text(const std::string& user);

// Adds the jobs of the tables to the plan; bad lines and ignored files become warnings at their place. The
// plan's generation then stands for the tables too.
void add_crontab_jobs(Plan& plan, const std::vector<CrontabFile>& files, const ZonePtr& host_zone);

}  // namespace mc
