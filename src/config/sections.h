// sections.h — the tables of the file that are no jobs and no channels: [daemon], [crontab], [pool.NAME].
#pragma once

#include "config/document.h"
#include "config/keys.h"
#include "config/plan.h"

namespace mc {

DaemonSettings read_daemon(const Document& document, Scope& scope);
CrontabSettings read_crontab_settings(const Document& document, Scope& scope);

// Each reads one table; what is wrong with it is reported, and the name is known all the same.
int read_pool(const std::string& name, const Section& section, Scope& scope);

}  // namespace mc
