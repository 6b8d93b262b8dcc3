// import.h — converts crontabs to a readable configuration file with the same meaning.
//
// Behaviour of cron that differs from marketcron's defaults is written out. If there is no equivalent, a comment above
// the job says so.
#pragma once

#include <string>
#include <vector>

#include "base/zone.h"
#include "crontab/crontab.h"

namespace mc {

struct NamedCrontab {
    std::string path;
    Crontab table;
};

// A line that was not imported.
struct LeftOutLine {
    std::string path;
    CrontabProblem problem;
};

// A file of TOML. A line that cron would refuse, or whose CRON_TZ is not in `zones`, becomes a comment with the reason;
// `left_out` gets these lines in their order.
std::string import_crontabs(const std::vector<NamedCrontab>& tables, const ZoneLookup& zones,
                            std::vector<LeftOutLine>* left_out = nullptr);

// A text for a template: what would be a {{name}} in it is escaped.
std::string plain_template(std::string_view text);

// A text as TOML: in double quotes, or in single quotes if that saves escapes.
std::string toml_text(std::string_view text);

}  // namespace mc
