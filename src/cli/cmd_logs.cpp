// cmd_logs.cpp — marketcron logs RUN [--attempt N] [-f] [--json]: prints an attempt's output, by default the latest.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <climits>
#include <cstdio>
#include <thread>
#include <utility>

#include "desk/ledger_view.h"
#include "desk/say.h"

namespace mc::app {

namespace {

constexpr auto look_again_after = std::chrono::milliseconds(200);

bool is_message(const Job* job) { return job != nullptr && std::holds_alternative<SlackPost>(job->action); }

void tell_nothing(const Run& run, const Job* job) {
    std::string reason = run.detail;
    if (reason.empty() && run.attempt == 0)
        reason = fmt::format("it never started: {} {}", to_text(run.state), to_text(run.reason));
    else if (reason.empty() && is_message(job)) reason = "it is a Slack message";
    say(stderr, "marketcron: run {} {}\n", run.id,
        reason.empty() ? "printed nothing" : fmt::format("has no output: {}", reason));
}

const Job* job_of(const LoadedConfig& opened, const Run& run) {
    return opened.plan ? opened.plan->find_job(run.job) : nullptr;
}

int tell_broken(RunId run, Shows shows) {
    say(stderr, "marketcron: {}\n", broken_output_text(run, shows));
    return 1;
}

// For an output that is missing although the attempt started, if the row gives no reason. The exit status.
int tell_missing(RunId run, OutputState::Missing missing) {
    const bool is_old = missing == OutputState::Missing::expired;
    say(stderr, "marketcron: run {} has no output: {}\n", run,
        is_old ? "it was deleted (older than keep_output)"
               : "its file was removed before its SHA-256 was recorded, or lost in a power failure");
    return is_old ? 0 : 1;
}

// Prints the notes that follow an output. The exit status.
int end_of_logs(LedgerView& view, const LoadedConfig& opened, const LogPiece& last, int attempt) {
    const RunId id = last.run.id;
    const auto output = view.output(id, attempt);
    if (output && !output->check.is_intact) return tell_broken(id, last.next > 0 ? Shows::something : Shows::nothing);
    if (last.shortened) say(stderr, "marketcron: {}\n", shortened_text(id));
    if (!output) return report(output.error());
    if (last.next > 0) return 0;
    if (output->missing != OutputState::Missing::no) return tell_missing(id, output->missing);
    tell_nothing(last.run, job_of(opened, last.run));
    return 0;
}

// If the files do not contain the values that must be masked, the daemon, which passed them to the run, may still have
// them: then `view` becomes the daemon's. Errors: those of LedgerView::log().
Result<LogPiece> first_piece(std::unique_ptr<LedgerView>& view, const LoadedConfig& opened, RunId id, int wanted) {
    auto piece = view->log(id, wanted, 0);
    if (piece || piece.error().kind != Error::Kind::refused) return piece;
    auto daemon = view_of_daemon(opened);
    auto other = daemon->log(id, wanted, 0);
    if (!other || other->hidden) return piece;
    view = std::move(daemon);
    return other;
}

// `wanted`: the attempt's number; 0: the latest one, and each one that starts meanwhile. The exit status.
int show(const LoadedConfig& opened, RunId id, int wanted, bool follow) {
    auto view = ledger_view(opened);
    auto piece = first_piece(view, opened, id, wanted);
    int attempt = piece ? piece->run.attempt : 0;
    for (std::uint64_t shown = 0;; piece = view->log(id, wanted, shown)) {
        if (!piece) return report(piece.error());
        if (wanted == 0 && piece->run.attempt != std::exchange(attempt, piece->run.attempt) && shown > 0) {
            shown = 0;  // a new attempt is printed from its beginning
            continue;
        }
        std::fwrite(piece->text.data(), 1, piece->text.size(), stdout);
        std::fflush(stdout);
        shown = piece->next;
        if (!piece->text.empty()) continue;
        if (piece->over) return end_of_logs(*view, opened, *piece, wanted == 0 ? attempt : wanted);
        if (!piece->more && !follow) return 0;
        std::this_thread::sleep_for(look_again_after);
    }
}

int print_check(const LoadedConfig& opened, RunId id, int wanted) {
    const auto output = ledger_view(opened)->output(id, wanted);
    if (!output) return report(output.error());
    print_line(output_check_json(output->attempt, output->check));
    if (output->check.is_intact) return 0;
    return tell_broken(id, output->missing == OutputState::Missing::no ? Shows::something : Shows::nothing);
}

Result<RunId> run_asked(const std::string& word) {
    RunId id = 0;
    const auto [end, bad] = std::from_chars(word.data(), word.data() + word.size(), id);
    if (bad == std::errc{} && end == word.data() + word.size()) return id;
    return fail(Error::Kind::usage, fmt::format("`{}` is not a run number", word), "marketcron runs lists them");
}

// 0: the latest.
Result<int> attempt_asked(const Args& args) {
    if (!args.has("--attempt")) return 0;
    const auto number = args.number("--attempt", 1, INT_MAX);
    if (!number) return tl::unexpected(number.error());
    return static_cast<int>(*number);
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
    return args.json ? print_check(*opened, id, wanted) : show(*opened, id, wanted, args.has("-f"));
}

}  // namespace mc::app
