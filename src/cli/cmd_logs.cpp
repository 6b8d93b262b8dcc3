// cmd_logs.cpp — marketcron logs RUN [--attempt N] [-f] [--json]: what a run's attempt, by default the latest, printed,
// read from its file.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "config/crontab_jobs.h"
#include "daemon/control_parts.h"
#include "daemon/output_view.h"
#include "desk/attempt_secrets.h"
#include "desk/client.h"
#include "desk/open.h"
#include "desk/remote_ledger.h"
#include "desk/say.h"
#include "exec/keeper.h"
#include "os/clock.h"

namespace mc::app {

namespace {

constexpr std::size_t piece_bytes = 1 << 20;
constexpr auto look_again_after = std::chrono::milliseconds(200);

// Prints what has come since `shown`, a place in the masked text; returns the new one.
std::uint64_t print_new(MaskedOutput& output, std::uint64_t shown, Growth growth) {
    while (true) {
        const os::OutputPiece piece = output.piece(shown, piece_bytes, growth);
        if (piece.text.empty()) return piece.next;
        std::fwrite(piece.text.data(), 1, piece.text.size(), stdout);
        std::fflush(stdout);
        shown = piece.next;
    }
}

bool is_message(const Job* job) { return job != nullptr && std::holds_alternative<SlackPost>(job->action); }

void tell_nothing(const Run& run, const Job* job) {
    std::string reason = run.detail;
    if (reason.empty() && run.attempt == 0)
        reason = fmt::format("it never started: {} {}", to_text(run.state), to_text(run.reason));
    else if (reason.empty() && is_message(job)) reason = "it is a Slack message, and a message prints nothing";
    say(stderr, "marketcron: run {} {}\n", run.id,
        reason.empty() ? "printed nothing" : fmt::format("shows nothing: {}", reason));
}

const Job* job_of(const LoadedConfig& opened, const Run& run) {
    return opened.plan ? opened.plan->find_job(run.job) : nullptr;
}

Instant kept_since(const LoadedConfig& opened) {
    return os::instant_now() - (opened.plan ? opened.plan->daemon.keep_output : Plan{}.daemon.keep_output);
}

Result<OutputCheck> check_kept(const RunStore& store, const LoadedConfig& opened, AttemptName attempt) {
    return check_output(store, opened.state, attempt, kept_since(opened));
}

int tell_broken(RunId run, Shows shows) {
    say(stderr, "marketcron: {}\n", broken_output_text(run, shows));
    return 1;
}

// What must be masked of the attempt's output. Error: it is not known, and the output is not as it was put away.
Result<Mask> mask_for(const LoadedConfig& opened, const RunStore& store, const Run& run, int attempt) {
    if (is_crontab_job(run.job) || attempt == 0) return Mask{};
    std::string why = "its job is not in the configuration";
    if (const auto job = opened.plan->jobs.find(run.job); job != opened.plan->jobs.end()) {
        const auto values = masked_values_of(job->second, opened.state, {run.id, attempt});
        if (values) return Mask(*values);
        why = values.error().what;
    }
    const auto check = check_kept(store, opened, {run.id, attempt});
    if (check && check->seal && check->is_intact) return Mask{};
    return fail(Error::Kind::refused, fmt::format("what run {} printed cannot be masked: {}", run.id, why),
                "the file, which may hold secrets: " + os::attempt_file(opened.state, run.id, attempt, "output"));
}

int check_far(const LoadedConfig& opened, RunId id, int wanted) {
    const auto answer = ask_daemon(opened.socket, "GET", fmt::format("/v1/logs?run={}&attempt={}&check=1", id, wanted));
    if (!answer) return report(answer.error());
    print_line(*answer);
    return answer->value("output_intact", true) ? 0 : 1;
}

// What a daemon that does not say so cannot say: also true.
bool is_intact_far(const LoadedConfig& opened, RunId id, int attempt) {
    if (attempt == 0) return true;
    const auto answer =
        ask_daemon(opened.socket, "GET", fmt::format("/v1/logs?run={}&attempt={}&check=1", id, attempt));
    return !answer || answer->value("output_intact", true);
}

// `wanted`: which attempt; 0: the latest, and each that begins meanwhile.
int follow_far(const LoadedConfig& opened, RunId id, int wanted, bool follow) {
    std::size_t shown = 0;
    int attempt = 0;
    while (true) {
        auto log = remote_log(opened, id, wanted, shown);
        if (!log) return report(log.error());
        if (wanted == 0 && log->run.attempt != std::exchange(attempt, log->run.attempt) && shown > 0) {
            shown = 0;  // another attempt prints from its beginning
            continue;
        }
        std::fwrite(log->text.data(), 1, log->text.size(), stdout);
        std::fflush(stdout);
        shown = log->next;
        const bool nothing_new = log->text.empty();
        if (log->over && nothing_new) {
            const int number = wanted == 0 ? log->run.attempt : wanted;
            if (!is_intact_far(opened, id, number))
                return tell_broken(id, shown == 0 ? Shows::nothing : Shows::something);
            if (log->shortened) say(stderr, "marketcron: {}\n", shortened_text(id));
            if (shown == 0) tell_nothing(log->run, job_of(opened, log->run));
        }
        if (nothing_new && !log->more && (log->over || !follow)) return 0;
        if (nothing_new) std::this_thread::sleep_for(look_again_after);
    }
}

std::uint64_t file_size(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
}

bool output_is_there(const LoadedConfig& opened, RunId id, int attempt) {
    std::error_code ignored;
    return std::filesystem::exists(os::attempt_file(opened.state, id, attempt, "output"), ignored);
}

// Of an output that is not there, though the attempt began and nothing says why.
int tell_gone(const RunStore& store, const LoadedConfig& opened, AttemptName attempt) {
    const auto is_old = ended_before(store, attempt, kept_since(opened));
    if (!is_old) return report(is_old.error());
    say(stderr, "marketcron: run {} shows nothing: {}\n", attempt.run,
        *is_old ? "what it printed is kept no longer (keep_output)"
                : "its output is not there: it was removed before it was put away, or lost with the machine's power");
    return *is_old ? 0 : 1;
}

// What is to be said of an output that was shown up to there. The exit status.
int end_of_logs(const RunStore& store, const LoadedConfig& opened, const Run& run, int attempt, std::uint64_t shown) {
    const auto check = check_kept(store, opened, {run.id, attempt});
    if (check && !check->is_intact) return tell_broken(run.id, shown == 0 ? Shows::nothing : Shows::something);
    // Before it is put away the file alone tells; what is masked is no longer than what was printed.
    const std::uint64_t size = file_size(os::attempt_file(opened.state, run.id, attempt, "output"));
    const bool is_short = check && !check->seal && size > 0 && size < shown;
    if (is_short || was_shortened(store, {run.id, attempt}, shown))
        say(stderr, "marketcron: {}\n", shortened_text(run.id));
    if (!check) return report(check.error());
    if (shown > 0) return 0;
    const bool prints = attempt > 0 && run.reason != Reason::spawn_failed && !is_message(job_of(opened, run));
    if (prints && !output_is_there(opened, run.id, attempt)) return tell_gone(store, opened, {run.id, attempt});
    tell_nothing(run, job_of(opened, run));
    return 0;
}

Result<RunId> run_asked(const std::string& word) {
    RunId id = 0;
    const auto [end, bad] = std::from_chars(word.data(), word.data() + word.size(), id);
    if (bad == std::errc{} && end == word.data() + word.size()) return id;
    return fail(Error::Kind::usage, fmt::format("`{}` is no run number", word), "marketcron runs lists them");
}

// 0: the latest.
Result<int> attempt_asked(const Args& args) {
    if (!args.has("--attempt")) return 0;
    const auto number = args.number("--attempt", 1, INT_MAX);
    if (!number) return tl::unexpected(number.error());
    return static_cast<int>(*number);
}

// Error: usage, when the ledger has none, or is not there (null); store.
Result<Run> run_of(const RunStore* store, RunId id) {
    const auto found = store ? store->by_id(id) : Result<std::optional<Run>>();
    if (!found) return tl::unexpected(found.error());
    if (!*found) return fail(Error::Kind::usage, fmt::format("there is no run {}", id), "marketcron runs lists them");
    return **found;
}

}  // namespace

int cmd_logs(const Args& args) {
    const auto asked = run_asked(args.words[0]);
    if (!asked) return report(asked.error());
    const RunId id = *asked;
    const auto number = attempt_asked(args);
    if (!number) return report(number.error());
    const int wanted = *number;
    const auto opened = open_to_ask(args);
    if (!opened) return report(opened.error());
    if (ledger_is_closed(*opened) && args.json) return check_far(*opened, id, wanted);
    if (ledger_is_closed(*opened)) return follow_far(*opened, id, wanted, args.has("-f"));
    const auto store = open_ledger(*opened);
    if (!store) return report(store.error());
    auto run = run_of(store->get(), id);
    if (!run) return report(run.error());
    if (wanted > run->attempt) return report(no_attempt(*run, wanted));

    const int first = wanted > 0 ? wanted : run->attempt;
    const auto check = check_kept(**store, *opened, {id, first});
    if (args.json) {
        if (!check) return report(check.error());
        print_line(output_check_json({id, first}, *check));
        if (check->is_intact) return 0;
        return tell_broken(id, output_is_there(*opened, id, first) ? Shows::something : Shows::nothing);
    }
    auto mask = mask_for(*opened, **store, *run, first);
    if (!mask) {
        // The daemon that gave the values to the run knows them.
        const auto far = remote_log(*opened, id, wanted, 0);
        if (far && !far->hidden) return follow_far(*opened, id, wanted, args.has("-f"));
        return report(mask.error());
    }
    const auto path = [&](int of) { return os::attempt_file(opened->state, id, of, "output"); };
    std::uint64_t shown = 0;
    int attempt = first;
    std::optional<MaskedOutput> output;
    while (true) {
        if (!output) output.emplace(path(attempt), *mask);
        // Asked before reading, so that nothing is missed.
        const bool over = finished(run->state) || attempt < run->attempt;
        shown = print_new(*output, shown, over ? Growth::over : Growth::going_on);
        if (const std::string why = shown == 0 ? os::output_obstacle(path(attempt)) : ""; !why.empty())
            return report(Error{Error::Kind::process, fmt::format("cannot read {}: {}", path(attempt), why), "", {}});
        if (over) return end_of_logs(**store, *opened, *run, attempt, shown);
        if (!args.has("-f")) return 0;
        std::this_thread::sleep_for(look_again_after);
        const auto again = (*store)->by_id(id);
        if (!again) return report(again.error());
        if (!*again) return 0;
        run = **again;
        if (wanted == 0 && run->attempt != attempt) {
            attempt = run->attempt;
            shown = 0;
            mask = mask_for(*opened, **store, *run, attempt);
            if (!mask) return report(mask.error());
            output.reset();
        }
    }
}

}  // namespace mc::app
