// endpoint_logs.cpp — GET /v1/logs: the masked output of an attempt of a run (default: the latest), from an offset on.

#include "daemon/endpoint.h"
#include "desk/open.h"
#include "desk/output_view.h"

namespace mc::app {

namespace {

constexpr std::size_t bytes_max = 1 << 20;

// The length of an incomplete UTF-8 character at the end, in bytes; 0 if there is none.
std::size_t begun_character(std::string_view text) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0U) == 0x80U) continue;
        const std::size_t length = byte >= 0xF0U ? 4 : byte >= 0xE0U ? 3 : byte >= 0xC0U ? 2 : 1;
        return length > back ? back : 0;
    }
    return 0;
}

ControlAnswer check_of(const Call& call, AttemptName attempt) {
    const Shell& shell = call.daemon.shell;
    const Instant kept_since = call.now - shell.plan().daemon.keep_output;
    const auto check = check_output(shell.store(), call.daemon.outputs.state(), attempt, kept_since);
    if (!check) return error(503, check.error().what, check.error().hint);
    return good(output_check_json(attempt, *check));
}

}  // namespace

ControlAnswer get_logs(const Call& call) {
    const Shell& shell = call.daemon.shell;
    const Run& run = *call.run;
    const std::int64_t wanted = call.given.number("attempt").value_or(0);
    if (wanted > run.attempt) return error(no_attempt(run, wanted));
    const int attempt = wanted == 0 ? run.attempt : static_cast<int>(wanted);
    if (call.given.flag("check")) return check_of(call, {run.id, attempt});
    // Checked before reading: an attempt that is over by now prints nothing after the read.
    const bool over = finished(run.state) || attempt < run.attempt;
    const auto offset = static_cast<std::uint64_t>(call.given.number("offset").value_or(0));
    MaskedPiece piece = call.daemon.outputs.output_piece(run, attempt, offset, bytes_max);
    const std::size_t cut = begun_character(piece.text);
    if (cut < piece.text.size() && (!over || piece.more || piece.text.size() >= bytes_max)) {
        piece.text.erase(piece.text.size() - cut);
        piece.next -= cut;
    }
    const bool is_over = over && piece.text.empty() && !piece.more;
    return good(Json{{"run", run_json(titled(run, shell.plan()))},
                     {"text", piece.text},
                     {"next", piece.next},
                     {"over", is_over},
                     {"more", piece.more},
                     {"hidden", piece.is_hidden},
                     {"shortened", is_over && was_shortened(shell.store(), {run.id, attempt}, piece.next)}});
}

}  // namespace mc::app
