// document.h — the TOML files of one configuration, read into one whole.
//
// The main file and what it includes are laid side by side: a job, group, target, pool or calendar
// stands once in all of them, and so does each key of [defaults], [daemon], [mail] and [crontab]. Which sections are
// channels is what the context's readers say.
// Memory   the parsed trees live in the Document; what points into them lives no longer.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/plan.h"
#include "config/problems.h"

namespace mc {

// A table of the file, such as [job.eod].
struct Section {
    toml::table* table = nullptr;
    Spot spot;
};

struct Document {
    std::vector<std::unique_ptr<toml::table>> trees;      // one for each file, in the order read
    std::vector<toml::table*> defaults, daemon, crontab;  // one for each file that has it
    std::map<std::string, Section> jobs, groups, pools, calendars;
    std::map<std::string, std::map<std::string, Section>> channels;    // by kind and name: [slack.ops]
    std::map<std::string, std::vector<toml::table*>> shared_channels;  // of a kind without names: [mail]
    std::vector<std::string> files;
    std::vector<Warning> warnings;
    std::string generation;
};

// Reads the file and what it includes, and sorts out the sections. What is wrong goes to `problems`;
// files without faults are in the document all the same.
Document read_document(const SourceText& file, const ReadContext& context, Problems& problems);

}  // namespace mc
