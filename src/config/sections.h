// sections.h — the sections other than jobs and channels: [daemon], [crontab], [pool.NAME].
#pragma once

#include "config/document.h"
#include "config/keys.h"
#include "config/plan.h"

namespace mc {

DaemonSettings read_daemon(const Document& document, Scope& scope);
CrontabSettings read_crontab_settings(const Document& document, Scope& scope);

// The slots of one [pool.NAME]. Errors are reported; the pool is known anyway.
int read_pool(const std::string& name, const Section& section, Scope& scope);

}  // namespace mc
