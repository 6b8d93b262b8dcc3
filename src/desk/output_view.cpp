#include "desk/output_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "exec/keeper.h"
#include "exec/output_seal.h"
#include "notify/text.h"
#include "os/files.h"

namespace mc::app {

std::string masked_tail(const std::string& path, const Mask& mask, std::size_t lines, std::size_t bytes) {
    const os::OutputEnd raw = os::output_end(path, bytes + mask.longest());
    const std::string hidden = mask.hide(raw.text, raw.is_all ? Mask::Edge::whole : Mask::Edge::cut);
    // Masked again: cleaning joins the parts of a value that an escape sequence had separated.
    std::string text = mask.hide(notify::clean_text(hidden));
    if (text.size() > bytes) text.erase(0, text.size() - bytes);
    return os::last_lines(text, lines);
}

Result<bool> ended_before(const RunStore& store, AttemptName attempt, Instant when) {
    const auto attempts = store.attempts(attempt.run);
    if (!attempts) return tl::unexpected(attempts.error());
    for (const Attempt& one : *attempts)
        if (one.number == attempt.number) return one.finished < when;
    return true;
}

Result<OutputCheck> check_output(const RunStore& store, const std::string& state, AttemptName attempt,
                                 Instant kept_since) {
    auto seal = store.output_seal(attempt);
    if (!seal) return tl::unexpected(seal.error());
    const std::string path = os::attempt_file(state, attempt.run, attempt.number, "output");
    std::error_code ignored;
    if (!*seal || (*seal)->sha256.empty()) {
        const auto status = std::filesystem::symlink_status(path, ignored);
        return OutputCheck{{}, !std::filesystem::exists(status) || std::filesystem::is_regular_file(status)};
    }
    if (!std::filesystem::exists(path, ignored))
        return ended_before(store, attempt, kept_since).map([&](bool is_old) {
            return OutputCheck{*std::move(seal), is_old};
        });
    const auto crypto = os::CryptoLibrary::load();
    if (!crypto) return tl::unexpected(crypto.error());
    const auto found = os::seal_of(path, *crypto);
    const bool is_intact = found && found->sha256 == (*seal)->sha256 && found->bytes == (*seal)->bytes;
    return OutputCheck{*std::move(seal), is_intact};
}

bool was_shortened(const RunStore& store, AttemptName attempt, std::uint64_t shown) {
    const auto seal = store.output_seal(attempt);
    return seal && *seal && !(*seal)->sha256.empty() && (*seal)->bytes < static_cast<std::int64_t>(shown);
}

std::string shortened_text(RunId run) {
    return fmt::format(
        "the output of run {0} was shortened to max_output when it ended; `marketcron logs {0}` shows what was kept, "
        "including its end",
        run);
}

std::string broken_output_text(RunId run, Shows shows) {
    if (shows == Shows::nothing)
        return fmt::format(
            "the output of run {} was removed or emptied after its end: the ledger has the SHA-256 of "
            "what it printed, and keep_output has not passed",
            run);
    return fmt::format(
        "the output of run {} was changed after its end: the file is not the one whose SHA-256 the "
        "ledger has",
        run);
}

Json output_check_json(AttemptName attempt, const OutputCheck& check) {
    Json json{{"run", attempt.run}, {"attempt", attempt.number}};
    json["output_sha256"] = check.seal ? Json(check.seal->sha256) : Json();
    json["output_bytes"] = check.seal ? Json(check.seal->bytes) : Json();
    json["output_intact"] = check.is_intact;
    return json;
}

}  // namespace mc::app
