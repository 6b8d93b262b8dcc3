#include "daemon/seen.h"

#include <fmt/format.h>

#include "desk/open.h"

namespace mc::app {

const Job* Seen::job(const std::string& shown) const {
    const Job* job = shell_.plan().find_job(shown);
    return job && access_.sees(*job) ? job : nullptr;
}

Result<JobName> Seen::name_of(const std::string& shown) const {
    if (const Job* found = job(shown)) return found->name;
    // The hint suggests another job's name, which this caller must not see.
    if (!is_all()) return fail(Error::Kind::usage, fmt::format("unknown job `{}`", shown));
    const auto known = known_job(shell_.plan(), shown);
    return fail(Error::Kind::usage, fmt::format("unknown job `{}`", shown), known ? "" : known.error().hint);
}

std::vector<JobName> Seen::names() const {
    std::vector<JobName> names;
    for (const auto& [name, job] : shell_.plan().jobs)
        if (access_.sees(job)) names.push_back(name);
    return names;
}

bool Seen::sees(const Run& run) const {
    if (is_all()) return true;
    // The job may belong to another user now than when the run started.
    return job(run.job) != nullptr && (run.attempt == 0 || run.user == access_.user);
}

bool Seen::sees_all_of(const JobName& job_name) const {
    const Job* job = shell_.plan().find_job(job_name);
    return job ? access_.sees(*job) : is_all();
}

Result<Run> Seen::run(RunId id) const {
    const auto run = shell_.store().by_id(id);
    if (!run) return tl::unexpected(run.error());
    if (!*run || !sees(**run)) return tl::unexpected(no_run(id));
    return **run;
}

}  // namespace mc::app
