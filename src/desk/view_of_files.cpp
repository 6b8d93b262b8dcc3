// view_of_files.cpp — the LedgerView that reads the ledger and the outputs of attempts itself.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "config/crontab_jobs.h"
#include "desk/attempt_secrets.h"
#include "desk/first_fires.h"
#include "desk/ledger_view.h"
#include "desk/unread_record.h"
#include "engine/no_ledger.h"
#include "exec/keeper.h"
#include "os/clock.h"

namespace mc::app {

namespace {

constexpr std::size_t piece_bytes = 1 << 20;

std::uint64_t file_size(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
}

class ViewOfFiles final : public LedgerView {
   public:
    explicit ViewOfFiles(const LoadedConfig& opened) : opened_(opened) {}

    Result<std::vector<Run>> runs(const RunFilter& asked) override {
        RunFilter filter = asked;
        const auto store = ledger();
        if (!store) return tl::unexpected(store.error());
        for (JobName& name : filter.jobs) {
            const auto known = known_job(*opened_.plan, name);
            if (known) name = (*known)->name;
            else if (opened_.whole && !has_rows(*store, name)) return tl::unexpected(known.error());
        }
        if (!*store) return std::vector<Run>{};  // no daemon has run yet
        auto found = (*store)->runs(filter);
        if (!found) return found;
        for (Run& run : *found) run = titled(std::move(run), *opened_.plan);
        return found;
    }

    Result<std::map<RunId, State>> states(const std::vector<RunId>& runs, const BackfillAsked&) override {
        const auto store = ledger();
        if (!store) return tl::unexpected(store.error());
        std::map<RunId, State> states;
        if (!*store) return states;
        for (const RunId id : runs) {
            const auto run = (*store)->by_id(id);
            if (!run) return tl::unexpected(run.error());
            if (*run) states.emplace(id, (*run)->state);
        }
        return states;
    }

    Result<std::vector<WhyLine>> why(const std::string& name, std::optional<Date> date) override {
        const Instant now = os::instant_now();
        const auto store = ledger();
        const auto job = known_job(*opened_.plan, name);
        const Zone& zone = job ? *(*job)->schedule.zone : *opened_.context.host_zone;
        const Date day = date ? *date : date_of(zone.to_wall(now));
        if (!job) {
            if (store && *store)
                if (auto lines = why_gone(JobName(name), day, **store, zone); !lines || !lines->empty()) return lines;
            return tl::unexpected(job.error());
        }
        if (!store) return tl::unexpected(store.error());
        auto lines = mc::why(*opened_.plan, (*job)->name, day, *store, now);
        if (!lines || !*store) return lines;
        if (auto done = add_unread_records(*lines, opened_.state, **store); !done) return tl::unexpected(done.error());
        return lines;
    }

    Result<std::vector<Json>> alerts(AlertsAsked which) override {
        const auto store = ledger();
        if (!store) return tl::unexpected(store.error());
        if (!*store) return std::vector<Json>{};  // no daemon has run yet
        return alerts_json(**store, *opened_.plan, which);
    }

    Result<ComingFires> next(const std::vector<std::string>& names, std::size_t n,
                             std::optional<Instant> from) override {
        std::vector<const Job*> jobs;
        for (const std::string& name : names) {
            const auto job = known_job(*opened_.plan, name);
            if (!job) return tl::unexpected(job.error());
            jobs.push_back(*job);
        }
        if (names.empty())
            for (const auto& [name, job] : opened_.plan->jobs)
                if (job.enabled) jobs.push_back(&job);
        const auto had_run = ledger_of_fires(opened_);
        const auto first = first_fires(jobs, *opened_.plan, *had_run, from ? *from : os::instant_now(), n);
        if (!first) return tl::unexpected(first.error());
        ComingFires coming;
        for (const auto& [fire, job] : first->fires) coming.fires.push_back(coming_json(fire, *job, *opened_.plan));
        coming.horizons = first->horizons;
        return coming;
    }

    Result<std::vector<Json>> would_backfill(const BackfillAsked& asked) override {
        BackfillAsked named = asked;
        for (JobName& name : named.jobs) {
            const auto job = known_job(*opened_.plan, name);
            if (!job) return tl::unexpected(job.error());
            name = (*job)->name;
        }
        const auto store = ledger();
        if (!store) return tl::unexpected(store.error());
        const NoLedger none;
        const Ledger& past = *store ? static_cast<const Ledger&>(**store) : none;
        const auto items = plan_backfill(*opened_.plan, past, named, os::instant_now());
        if (!items) return tl::unexpected(items.error());
        std::vector<Json> shown;
        for (const BackfillItem& item : *items)
            if (const Job* job = opened_.plan->find_job(item.job)) shown.push_back(backfill_json(item, *job));
        return shown;
    }

    Result<LogPiece> log(RunId id, int wanted, std::uint64_t offset) override;
    Result<OutputState> output(RunId id, int wanted) override;

   private:
    // An attempt of the run: the latest, if `wanted` is 0.
    struct Found {
        const RunStore& store;
        Run run;
        AttemptName attempt;
        std::string path;  // of its output
    };
    Result<Found> find(RunId id, int wanted);
    Result<OutputCheck> check(const Found& found) const;
    Result<Mask> mask_for(const Found& found) const;
    bool was_cut(const Found& found, std::uint64_t shown) const;

    // Opened once; null if no daemon has created one yet.
    Result<const RunStore*> ledger() {
        if (!ledger_) {
            auto store = open_ledger(opened_);
            if (!store) return tl::unexpected(store.error());
            ledger_ = *std::move(store);
        }
        return ledger_.get();
    }

    // A job that is no longer in the configuration is known if it has rows.
    static bool has_rows(const RunStore* store, const JobName& job) {
        RunFilter filter;
        filter.jobs = {job};
        filter.limit = 1;
        const auto rows = store ? store->runs(filter) : Result<std::vector<Run>>{};
        return rows && !rows->empty();
    }

    const Job* job_of(const Run& run) const { return opened_.plan ? opened_.plan->find_job(run.job) : nullptr; }
    Instant kept_since() const {
        return os::instant_now() - (opened_.plan ? opened_.plan->daemon.keep_output : Plan{}.daemon.keep_output);
    }

    const LoadedConfig& opened_;
    std::unique_ptr<RunStore> ledger_;
    // The output that was read last: the next piece continues from there.
    AttemptName reading_;
    std::optional<MaskedOutput> reader_;
};

Result<ViewOfFiles::Found> ViewOfFiles::find(RunId id, int wanted) {
    const auto store = ledger();
    if (!store) return tl::unexpected(store.error());
    const auto found = *store ? (*store)->by_id(id) : Result<std::optional<Run>>();
    if (!found) return tl::unexpected(found.error());
    if (!*found) return tl::unexpected(no_run(id));
    const Run& run = **found;
    if (wanted > run.attempt) return tl::unexpected(no_attempt(run, wanted));
    const int attempt = wanted > 0 ? wanted : run.attempt;
    return Found{**store, run, {id, attempt}, os::attempt_file(opened_.state, id, attempt, "output")};
}

Result<OutputCheck> ViewOfFiles::check(const Found& found) const {
    return check_output(found.store, opened_.state, found.attempt, kept_since());
}

// What to mask in the attempt's output. If that is not known: nothing, if the output is sealed and intact, because it is
// masked already; otherwise Error: refused.
Result<Mask> ViewOfFiles::mask_for(const Found& found) const {
    if (is_crontab_job(found.run.job) || found.attempt.number == 0) return Mask{};
    std::string why = "its job is not in the configuration";
    if (const auto job = opened_.plan->jobs.find(found.run.job); job != opened_.plan->jobs.end()) {
        const auto values = masked_values_of(job->second, opened_.state, found.attempt);
        if (values) return Mask(*values);
        why = values.error().what;
    }
    const auto kept = check(found);
    if (kept && kept->seal && kept->is_intact) return Mask{};
    return fail(Error::Kind::refused, fmt::format("the output of run {} cannot be masked: {}", found.run.id, why),
                "the file, which may contain secrets: " + found.path);
}

// Whether the output is now shorter than what was shown of it while the attempt was running.
bool ViewOfFiles::was_cut(const Found& found, std::uint64_t shown) const {
    if (was_shortened(found.store, found.attempt, shown)) return true;
    // Before the output is sealed, only the size of the file shows it. Masking does not make text longer.
    const auto seal = found.store.output_seal(found.attempt);
    const bool is_put_away = !seal || (*seal && !(*seal)->sha256.empty());
    const std::uint64_t size = file_size(found.path);
    return !is_put_away && size > 0 && size < shown;
}

Result<LogPiece> ViewOfFiles::log(RunId id, int wanted, std::uint64_t offset) {
    const auto found = find(id, wanted);
    if (!found) return tl::unexpected(found.error());
    if (!reader_ || reading_ != found->attempt) {
        auto mask = mask_for(*found);
        if (!mask) return tl::unexpected(mask.error());
        reading_ = found->attempt;
        reader_.emplace(found->path, *std::move(mask));
    }
    // Checked before reading: output written in between is then read by the next call.
    const bool is_over = finished(found->run.state) || found->attempt.number < found->run.attempt;
    LogPiece piece;
    piece.run = titled(found->run, *opened_.plan);
    MaskedPiece read = reader_->piece(offset, piece_bytes, is_over ? Growth::over : Growth::going_on);
    piece.text = std::move(read.text);
    piece.next = read.next;
    piece.over = is_over && piece.text.empty();
    if (piece.text.empty() && piece.next == 0)
        if (const std::string why = os::output_obstacle(found->path); !why.empty())
            return fail(Error::Kind::process, fmt::format("cannot read {}: {}", found->path, why));
    piece.shortened = piece.over && was_cut(*found, piece.next);
    return piece;
}

Result<OutputState> ViewOfFiles::output(RunId id, int wanted) {
    const auto found = find(id, wanted);
    if (!found) return tl::unexpected(found.error());
    auto checked = check(*found);
    if (!checked) return tl::unexpected(checked.error());
    OutputState state{found->attempt, *std::move(checked)};
    const Job* job = job_of(found->run);
    const bool is_message = job != nullptr && std::holds_alternative<SlackPost>(job->action);
    const bool prints = found->attempt.number > 0 && found->run.reason != Reason::spawn_failed && !is_message;
    std::error_code ignored;
    if (!prints || std::filesystem::exists(found->path, ignored)) return state;
    const auto is_old = ended_before(found->store, found->attempt, kept_since());
    if (!is_old) return tl::unexpected(is_old.error());
    state.missing = *is_old ? OutputState::Missing::expired : OutputState::Missing::lost;
    return state;
}

}  // namespace

std::unique_ptr<LedgerView> view_of_files(const LoadedConfig& opened) { return std::make_unique<ViewOfFiles>(opened); }

}  // namespace mc::app
