// ice.cpp — an iced job's due runs are skipped, and whoever waits for it goes on as if they had succeeded.
#include <fmt/format.h>

#include "engine/body.h"

namespace mc {

std::string Engine::Body::iced_detail(const JobRecord& record) {
    return fmt::format("iced by {} since {}", record.ice->by, to_string(record.ice->since));
}

void Engine::Body::ice_asked(const IceAsked& asked) {
    const Job* job = job_asked(asked.job);
    if (!job || !is_to_come(asked.until, *job, "iced")) return;
    JobRecord iced_now = records.at(job->name);
    if (!iced_now.iced()) iced_now.ice = Hold{now.wall, {}, {}};
    iced_now.ice.make().until = asked.until;
    iced_now.ice.make().by = asked.by;
    record(iced_now);
    forget_gates();
    std::string text = fmt::format("{} is iced {}: its due runs are skipped, and what is after it goes on without it",
                                   job->shown(), until_text(*iced_now.ice, *job));
    std::vector<RunId> skipped;
    for (const RunId id : open_by_job[job->name]) {
        Run& run = open.at(id);
        if (run.past_gates || run.clearing != 0) continue;  // by a person, who knows better
        if (run.state == State::running || run.state == State::retrying) text += fmt::format("; run {} goes on", id);
        else if (run.origin == Origin::live || run.origin == Origin::catch_up) skipped.push_back(id);
    }
    for (const RunId id : skipped) {
        finish(open.at(id), State::skipped, Reason::iced, iced_detail(iced_now));
        text += fmt::format("; run {} is skipped", id);
    }
    batch.operator_note = fmt::format("ice {} {} by {}", job->shown(), until_text(*iced_now.ice, *job), asked.by);
    reply(true, std::move(text), std::move(skipped));
}

void Engine::Body::melt(JobRecord iced_record) {
    iced_record.ice = {};
    const bool gone = !plan->jobs.contains(iced_record.job) && !iced_record.held();
    record(iced_record);
    if (gone) {
        batch.removed_jobs.push_back(iced_record.job);
        records.erase(iced_record.job);
    }
    forget_gates();
}

void Engine::Body::end_ices() {
    std::vector<std::string> over;
    for (const std::string& name : iced)
        if (const auto until = records.at(name).ice->until; until && *until <= now.wall) over.push_back(name);
    for (const std::string& name : over) {
        melt(records.at(name));
        batch.operator_note += fmt::format("{}the ice of {} ends", batch.operator_note.empty() ? "" : "; ", name);
    }
}

}  // namespace mc
