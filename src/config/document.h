// document.h — the TOML files of one configuration, combined.
//
// The main file and its includes are equal: a job, group, target, pool or calendar may be in one of them only, and so
// may each key of [defaults], [daemon], [mail] and [crontab]. The context's readers decide which sections are channels.
// Memory   the parsed trees are owned by the Document; pointers into them are valid as long as it is.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/plan.h"
#include "config/problems.h"

namespace mc {

// A table of a file, such as [job.eod].
struct Section {
    toml::table* table = nullptr;
    Spot spot;
};

struct Document {
    std::vector<std::unique_ptr<toml::table>> trees;      // one for each file, in the order of reading
    std::vector<toml::table*> defaults, daemon, crontab;  // one for each file that contains it
    std::map<std::string, Section> jobs, groups, pools, calendars;
    std::map<std::string, std::map<std::string, Section>> channels;    // by kind and name: [slack.ops]
    std::map<std::string, std::vector<toml::table*>> shared_channels;  // for a kind without names: [mail]
    std::vector<std::string> files;
    std::vector<Warning> warnings;
    std::string generation;
};

// Reads the file and its includes, and sorts their sections. Errors go to `problems`; files without errors are in the
// document anyway.
Document read_document(const SourceText& file, const ReadContext& context, Problems& problems);

}  // namespace mc
