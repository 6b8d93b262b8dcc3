#include "daemon/attempt_outputs.h"

#include <fmt/format.h>

#include "config/crontab_jobs.h"
#include "daemon/launch.h"
#include "daemon/living_attempts.h"
#include "desk/attempt_secrets.h"
#include "desk/output_view.h"
#include "desk/secrets.h"
#include "notify/text.h"
#include "os/clock.h"
#include "os/files.h"

namespace mc::app {

namespace {

constexpr std::size_t output_bytes_max = 1ULL << 30;
constexpr std::size_t tail_lines = 10, tail_bytes = 2000;

}  // namespace

AttemptOutputs::AttemptOutputs(std::string state, RunStore& store)
    : state_(std::move(state)), store_(store), self_(os::current_user()) {}

void AttemptOutputs::plan_loaded(std::shared_ptr<const Plan> plan) {
    plan_ = std::move(plan);
    self_ = os::current_user();
}

std::vector<Result<os::Launch>> AttemptOutputs::make(const std::vector<Order>& orders, const Plan& plan) {
    if (!self_) self_ = os::current_user();
    os::Users users(self_);
    std::vector<Result<os::Launch>> launches;
    for (const auto& [run, job] : orders) {
        launches.push_back(make_launch(job, run, plan, users));
        if (!launches.back()) continue;
        if (auto values = read_masked_values(job); values && !values->empty())
            given_[run.id][run.attempt] = *std::move(values);
    }
    return launches;
}

// Only while the process runs can its environment be read.
void AttemptOutputs::found_living(const Order& order) {
    const Run& run = order.run;
    if (const auto known = given_.find(run.id); known != given_.end() && known->second.contains(run.attempt)) return;
    if (auto values = living_values(order.job, state_, {run.id, run.attempt}))
        given_[run.id][run.attempt] = *std::move(values);
}

void AttemptOutputs::record_living(const std::string& ledger, Home home, const Plan& plan) {
    app::record_living(state_, ledger, home, plan);
}

// No tail if it cannot be masked.
Launcher::Printed AttemptOutputs::printed(AttemptName attempt, const Job& job) const {
    Printed printed;
    printed.anything = !job.rules().output.empty() && os::has_output(state_, attempt.run, attempt.number);
    if (const auto mask = mask_of(attempt, job.name))
        printed.tail =
            masked_tail(os::attempt_file(state_, attempt.run, attempt.number, "output"), *mask, tail_lines, tail_bytes);
    return printed;
}

Result<Mask> AttemptOutputs::mask_of(AttemptName attempt, const JobName& name) const {
    std::vector<std::string> values;
    bool is_given = false;
    if (const auto run = given_.find(attempt.run); run != given_.end()) {
        is_given = run->second.contains(attempt.number);
        for (const auto& [number, given] : run->second) values.insert(values.end(), given.begin(), given.end());
    }
    const auto job = plan_->jobs.find(name);
    if (job != plan_->jobs.end()) {
        const auto now = is_given ? read_masked_values(job->second) : masked_values_of(job->second, state_, attempt);
        if (now) values.insert(values.end(), now->begin(), now->end());
        else if (!is_given) return tl::unexpected(now.error());
    } else if (!is_given && !is_crontab_job(name)) {  // a crontab has no secrets
        return fail(Error::Kind::refused, "its job is no longer in the configuration, so its secrets cannot be masked");
    }
    return Mask(values);
}

bool AttemptOutputs::is_sealed(AttemptName attempt) const {
    const auto check = check_output(store_, state_, attempt, os::instant_now() - plan_->daemon.keep_output);
    return check && check->seal && check->is_intact;
}

Result<std::optional<os::SealWork>> AttemptOutputs::seal_work(AttemptName attempt) const {
    const auto run = store_.by_id(attempt.run);
    if (!run) return tl::unexpected(run.error());
    if (!*run) return std::optional<os::SealWork>{};
    auto mask = mask_of(attempt, (*run)->job);
    if (!mask) return tl::unexpected(mask.error());
    return std::optional(os::SealWork{os::attempt_file(state_, attempt.run, attempt.number, "output"),
                                      plan_->daemon.max_output, *std::move(mask)});
}

Result<void> AttemptOutputs::sealed(AttemptName attempt, const OutputSeal& seal, RunIs run) {
    auto kept = store_.keep_seal(attempt, seal);
    if (kept && run == RunIs::over) given_.erase(attempt.run);
    return kept;
}

std::string AttemptOutputs::output_of(const Notice& notice) const {
    if (!notice.run) return "";
    const std::string path = os::attempt_file(state_, *notice.run, notice.attempt_number, "output");
    const auto mask = mask_of({*notice.run, notice.attempt_number}, JobName(notice.job));
    // An output that cannot be masked is not shown.
    if (!mask && !is_sealed({*notice.run, notice.attempt_number}))
        return fmt::format("(the output is not shown: {})\n", mask.error().what);
    const auto text = os::read_file(path, output_bytes_max);
    if (!text) return fmt::format("(the output cannot be shown: {})\n", text.error().what);
    if (!mask || mask->empty()) return *text;
    // Masked again after cleaning, because a removed escape sequence may have split a secret. A job of a crontab has no
    // secrets, and its mail is not cleaned.
    return mask->hide(notify::clean_text(mask->hide(*text)));
}

MaskedPiece AttemptOutputs::output_piece(const Run& run, int attempt, std::uint64_t offset, std::size_t bytes) {
    if (attempt == 0) return {};
    const std::string path = os::attempt_file(state_, run.id, attempt, "output");
    const auto mask = mask_of({run.id, attempt}, run.job);
    if (!mask && is_sealed({run.id, attempt})) return {os::output_piece(path, offset, bytes)};
    if (!mask) {
        const std::string why = fmt::format("(not shown: {})\n", mask.error().what);
        MaskedPiece piece{{offset == 0 ? why : "", why.size(), false}};
        piece.is_hidden = true;
        return piece;
    }
    const bool over = finished(run.state) || attempt < run.attempt;
    return outputs_.piece(path, *mask, offset, bytes, over ? Growth::over : Growth::going_on, output_work);
}

}  // namespace mc::app
