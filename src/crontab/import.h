// import.h — crontabs as a marketcron file that a person would have written, and that means the same.
//
// What cron does otherwise than the file's defaults is written out; what cannot be said the same way is
// remarked above its job.
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

// A line that became no job.
struct LeftOutLine {
    std::string path;
    CrontabProblem problem;
};

// A file of TOML. Each line that cron would refuse, or whose CRON_TZ is no zone of `zones`, is a comment with
// the reason; `left_out` gets them, in their order.
std::string import_crontabs(const std::vector<NamedCrontab>& tables, const ZoneLookup& zones,
                            std::vector<LeftOutLine>* left_out = nullptr);

// A text that stands for itself in a template: what would be a name in it is hidden.
std::string plain_template(std::string_view text);

// A text as TOML: in double quotes, or in single ones where that saves escapes.
std::string toml_text(std::string_view text);

}  // namespace mc
