// job_keys.h — every key that a job, a group or [defaults] may hold, and the draft that they fill.
//
// A job is read by laying [defaults], its group and its own table on one another: the same keys are
// read into the same draft, nearest last. What needs the job's name or its other keys (the schedule's
// `~`, the calendar that a predicate asks) is left for job_builder.h.
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
    bool calendar_unknown = false;         // and told already
    ActionKind action = ActionKind::none;  // what the nearest table asks for
    std::vector<WrittenText> after;
    Trigger trigger = Trigger::all_success;
    std::optional<JobAction> command;
    std::string slack_to;
    std::optional<Template> slack_text;
    HttpAction http;  // with what groups and [defaults] say of it
    // The node that each key was last read from, for errors that come later.
    std::map<std::string_view, const toml::node*> where;

    // The key's place, or the job's own when it was not written.
    Spot spot(std::string_view key) const;
};

std::span<const Key<JobDraft>> job_keys();

// Lays one table on the draft: title is "[defaults]", "[group.etl]" or "[job.eod]".
void lay_on(JobDraft& draft, const toml::table& table, std::string_view title, Scope& scope);

}  // namespace mc
