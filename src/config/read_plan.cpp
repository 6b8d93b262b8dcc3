#include <set>

#include "config/document.h"
#include "config/job_builder.h"
#include "config/key_warnings.h"
#include "config/order.h"
#include "config/own_calendars.h"
#include "config/plan.h"
#include "config/sections.h"

namespace mc {

namespace {

// Reads all jobs of a document; each one overrides its group and [defaults].
class JobsReader {
   public:
    JobsReader(const Document& document, Scope& scope) : document_(document), scope_(scope) {
        for (const toml::table* table : document.defaults) lay_on(defaults_, *table, "[defaults]", scope);
        for (const auto& [name, section] : document.groups) {
            JobDraft draft = defaults_;
            lay_on(draft, *section.table, fmt::format("[group.{}]", name), scope);
            if (const toml::node* nested = section.table->get("group"))
                scope.problems.report(spot_of(*nested), fmt::format("group \"{}\" is in a group", name),
                                      "write `group` in a job");
            groups_.emplace(name, std::move(draft));
        }
    }

    Jobs read() {
        Jobs jobs;
        for (const auto& [written, section] : document_.jobs) {
            const JobName name(written);
            jobs.emplace(name, read_job(name, section));
        }
        for (const auto& [name, draft] : groups_) check_unused_schedules(draft);
        check_unused_schedules(defaults_);
        check_order(jobs, places_, scope_.problems);
        return jobs;
    }

   private:
    Job read_job(const JobName& name, const Section& section) {
        JobDraft draft = base_of(*section.table);
        draft.job.name = name;
        draft.job.spot = section.spot;
        lay_on(draft, *section.table, fmt::format("[job.{}]", name), scope_);
        for (const WrittenText& upstream : draft.after) places_[name].push_back(spot_of(*upstream.node));
        return finish_job(draft, scope_);
    }

    // The draft of the job's group, or of [defaults]. lay_on() reports a group of the wrong type.
    const JobDraft& base_of(const toml::table& job) {
        const toml::node* node = job.get("group");
        if (!node && defaults_.where.contains("group")) node = defaults_.where.at("group");
        if (!node || !node->is_string()) return defaults_;
        const std::string& name = node->as_string()->get();
        const auto group = groups_.find(name);
        if (group != groups_.end()) return group->second;
        std::vector<std::string> known;
        for (const auto& [declared, draft] : groups_) known.push_back(declared);
        scope_.problems.report(spot_of(*node), fmt::format("unknown group \"{}\"", name),
                               known.empty() ? fmt::format("declare it: [group.{}]", name) : did_you_mean(name, known));
        return defaults_;
    }

    // A schedule that every job replaces is not checked anywhere else.
    void check_unused_schedules(const JobDraft& draft) {
        for (const WrittenText& written : draft.schedules) {
            if (Result<Schedule> read = parse_schedule(written.text, ""); !read)
                scope_.problems.report(spot_of(*written.node), std::move(read.error()));
        }
    }

    const Document& document_;
    Scope& scope_;
    JobDraft defaults_;
    std::map<std::string, JobDraft> groups_;
    OrderPlaces places_;
};

void read_channels(const Document& document, ChannelReaders readers, Scope& scope, Channels& channels) {
    for (const ChannelReader* reader : readers) {
        const std::string kind(reader->kind());
        if (reader->has_free_names()) {
            ChannelSection section{fmt::format("[{}]", kind), {}, {}};
            if (const auto found = document.shared_channels.find(kind); found != document.shared_channels.end())
                section.tables.assign(found->second.begin(), found->second.end());
            if (!section.tables.empty()) section.spot = spot_of(*section.tables.back());
            channels[Target(kind, "")] = reader->read(section, scope);
            continue;
        }
        const auto found = document.channels.find(kind);
        if (found == document.channels.end()) continue;
        for (const auto& [name, section] : found->second) {
            const Target target(kind, name);
            channels[target] = reader->read({target.section(), {section.table}, section.spot}, scope);
        }
    }
}

// A claim larger than the capacity would wait forever.
void check_claims(const Plan& plan, Problems& problems) {
    const DaemonSettings& daemon = plan.daemon;
    for (const auto& [name, job] : plan.jobs) {
        if (job.memory && daemon.capacity_memory && *job.memory > *daemon.capacity_memory)
            problems.report(job.spot,
                            fmt::format("job \"{}\" claims more memory than `capacity` of [daemon] has", name),
                            "claim less, or raise the capacity");
        if (job.cpus && daemon.capacity_cpus && *job.cpus > *daemon.capacity_cpus)
            problems.report(job.spot, fmt::format("job \"{}\" claims more cpus than `capacity` of [daemon] has", name),
                            "claim less, or raise the capacity");
    }
}

}  // namespace

std::string Warning::text() const {
    if (spot.line == 0) return fmt::format("{}: warning: {}", spot.file, what);
    return fmt::format("{}:{}:{}: warning: {}", spot.file, spot.line, spot.column, what);
}

const Job* Plan::find_job(std::string_view name) const {
    if (const auto found = jobs.find(name); found != jobs.end()) return &found->second;
    for (const auto& [key, job] : jobs)
        if (job.title && *job.title == name) return &job;
    return nullptr;
}

std::string Plan::title(const JobName& job) const {
    const auto found = jobs.find(job);
    return found != jobs.end() ? found->second.shown() : job.text();
}

ResultAll<Plan> read_plan(const SourceText& file, const ReadContext& context) {
    Problems problems;
    const Document document = read_document(file, context, problems);
    OwnCalendars calendars = read_own_calendars(document, *context.calendars, problems);

    Plan plan;
    plan.calendars = calendars.all;
    plan.own_calendars = std::move(calendars.texts);
    plan.files = document.files;
    plan.generation = document.generation;
    plan.warnings = document.warnings;
    Scope scope{problems,      *plan.calendars,  context.host_zone, context.working_directory,
                plan.channels, context.channels, plan.pools};
    // First the sections that others name, so that the order of sections does not matter.
    read_channels(document, context.channels, scope, plan.channels);
    for (const auto& [name, section] : document.pools) plan.pools[name] = read_pool(name, section, scope);
    plan.daemon = read_daemon(document, scope);
    plan.crontab = read_crontab_settings(document, scope);

    plan.jobs = JobsReader(document, scope).read();
    check_claims(plan, problems);
    if (!problems.none()) return tl::unexpected(problems.sorted());
    for (const auto& [name, section] : document.jobs)
        warn_of_keys(plan.jobs.at(JobName(name)), *section.table, plan.daemon, plan.of_keys);
    warn_of_zones(document, plan.of_keys);
    warn_of_unused(document, plan.jobs, plan.of_keys);
    for (const toml::table* table : document.crontab) warn_of_crontab_keys(plan.crontab, *table, plan.of_keys);
    if (plan.jobs.empty() && !plan.crontab.any())
        plan.warnings.push_back({"the configuration has no job", {file.path, 0, 0}});
    return plan;
}

}  // namespace mc
