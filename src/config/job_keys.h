// job_keys.h — the keys of a job, a group or [defaults], and the draft that they fill.
//
// A job is read in layers: first [defaults], then its group, then its own table are read into the same draft, so the
// job's own values win. job_builder.h does the parts that need the job's name or other keys (the `~` of a schedule, the
// calendar of a predicate).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/job.h"
#include "config/keys.h"

namespace mc {

enum class ActionKind { none, command, slack, http };

struct WrittenText {
    std::string text;
    const toml::node* node = nullptr;
};

struct JobDraft {
    Job job;
    std::vector<WrittenText> schedules;
    ZonePtr timezone;                      // null: not given
    bool calendar_unknown = false;         // and already reported
    ActionKind action = ActionKind::none;  // of the last table that has one
    std::vector<WrittenText> after;
    Trigger trigger = Trigger::all_success;
    std::optional<JobAction> command;
    std::string slack_to;
    std::optional<Template> slack_text;
    HttpAction http;  // merged from groups and [defaults]
    // The node from which each key was last read, for later errors.
    std::map<std::string_view, const toml::node*> where;

    // The place of the key, or of the job if the key was not written.
    Spot spot(std::string_view key) const;
};

std::span<const Key<JobDraft>> job_keys();

// Reads one table into the draft. `title` is "[defaults]", "[group.etl]" or "[job.eod]".
void lay_on(JobDraft& draft, const toml::table& table, std::string_view title, Scope& scope);

}  // namespace mc
