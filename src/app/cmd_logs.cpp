// cmd_logs.cpp — marketcron logs RUN [--attempt N] [-f]: what a run's attempt, by default the latest, printed, read
// from its file.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "app/control_parts.h"
#include "app/far_ledger.h"
#include "app/open.h"
#include "app/secrets.h"
#include "os/files.h"
#include "os/keeper.h"

namespace mc::app {

namespace {

constexpr std::size_t output_bytes_max = 1ULL << 30;
constexpr auto look_again_after = std::chrono::milliseconds(200);

// Prints what has come since `shown`, a place in the masked text; returns the new one.
std::size_t print_new(const std::string& path, std::size_t shown, bool over,
                      const std::map<std::string, std::string>& secrets) {
    auto text = os::read_file(path, output_bytes_max);
    if (!text) return shown;
    const std::string masked = mask(*std::move(text), secrets);
    const std::size_t end = over ? masked.size() : settled_length(masked, secrets);
    if (end <= shown) return shown;
    std::fwrite(masked.data() + shown, 1, end - shown, stdout);
    std::fflush(stdout);
    return end;
}

void tell_nothing(const Run& run, const std::string& path) {
    std::error_code ignored;
    std::string reason = run.detail;
    if (reason.empty() && run.attempt == 0)
        reason = fmt::format("it never started: {} {}", to_text(run.state), to_text(run.reason));
    if (reason.empty() && run.attempt > 0 && !std::filesystem::exists(path, ignored))
        reason = "what it printed is kept no longer (keep_output)";
    if (!reason.empty()) fmt::print(stderr, "marketcron: run {} shows nothing: {}\n", run.id, reason);
}

// `wanted`: which attempt; 0: the latest, and each that begins meanwhile.
int follow_far(const Opened& opened, RunId id, int wanted, bool follow) {
    std::size_t shown = 0;
    int attempt = 0;
    while (true) {
        auto log = far_log(opened, id, wanted, shown);
        if (!log) return report(log.error());
        if (wanted == 0 && log->run.attempt != std::exchange(attempt, log->run.attempt) && shown > 0) {
            shown = 0;  // another attempt prints from its beginning
            continue;
        }
        std::fwrite(log->text.data(), 1, log->text.size(), stdout);
        std::fflush(stdout);
        shown = log->next;
        if (log->over && shown == 0 && log->run.attempt == 0) tell_nothing(log->run, "");
        const bool nothing_new = log->text.empty();
        if (log->over || (nothing_new && !follow)) return 0;
        if (nothing_new) std::this_thread::sleep_for(look_again_after);
    }
}

}  // namespace

int cmd_logs(const Args& args) {
    std::int64_t id = 0;
    const std::string& word = args.words[0];
    const auto [end, bad] = std::from_chars(word.data(), word.data() + word.size(), id);
    if (bad != std::errc{} || end != word.data() + word.size())
        return report(
            Error{Error::Kind::usage, fmt::format("`{}` is no run number", word), "marketcron runs lists them", {}});
    int wanted = 0;
    if (args.has("--attempt")) {
        const auto number = args.number("--attempt", 1, INT_MAX);
        if (!number) return report(number.error());
        wanted = static_cast<int>(*number);
    }
    const auto opened = open_to_ask(args);
    if (!opened) return report(opened.error());
    if (ledger_is_closed(*opened)) return follow_far(*opened, id, wanted, args.has("-f"));
    const auto store = open_ledger(*opened);
    if (!store) return report(store.error());
    std::optional<Run> run = *store ? (*store)->by_id(id) : std::nullopt;
    if (!run)
        return report(
            Error{Error::Kind::usage, fmt::format("there is no run {}", id), "marketcron runs lists them", {}});
    if (wanted > run->attempt) return report(no_attempt(*run, wanted));

    std::map<std::string, std::string> secrets;
    if (const auto job = opened->plan->jobs.find(run->job); job != opened->plan->jobs.end()) {
        auto values = read_masks(job->second);
        if (!values) return report(values.error());
        secrets = std::move(*values);
    }
    std::size_t shown = 0;
    int attempt = wanted > 0 ? wanted : run->attempt;
    while (true) {
        const std::string path = os::attempt_file(opened->state, id, attempt, "output");
        // Asked before reading, so that nothing is missed.
        const bool over = finished(run->state) || attempt < run->attempt;
        shown = print_new(path, shown, over, secrets);
        if (over && shown == 0) tell_nothing(*run, path);
        if (!args.has("-f") || over) return 0;
        std::this_thread::sleep_for(look_again_after);
        run = (*store)->by_id(id);
        if (!run) return 0;
        if (wanted == 0 && run->attempt != attempt) {
            attempt = run->attempt;
            shown = 0;
        }
    }
}

}  // namespace mc::app
