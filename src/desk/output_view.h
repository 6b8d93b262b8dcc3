// output_view.h — an attempt's output as it may be shown: masked first, then cut.
//
// Offsets are those in the masked text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/mask.h"
#include "desk/json.h"
#include "desk/masked_output.h"
#include "exec/output_file.h"
#include "store/run_store.h"

namespace mc::app {

// The last lines, cleaned as a terminal shows them (notify/text.h): at most `lines` lines and `bytes` bytes; "" if the
// file cannot be read.
std::string masked_tail(const std::string& path, const Mask& mask, std::size_t lines, std::size_t bytes);

// The ledger's seal of an attempt's output (exec/output_seal.h), and whether the file still matches it. No seal: the
// output is not sealed yet, or there was none; then `is_intact` is true. A missing file is intact if the attempt ended
// before `kept_since`: keep_output has passed.
struct OutputCheck {
    std::optional<OutputSeal> seal;
    bool is_intact = true;
};
// Whether the attempt ended before `when`; true if the ledger no longer has it. Error: store.
Result<bool> ended_before(const RunStore& store, AttemptName attempt, Instant when);
// Error: store; process, if libcrypto is missing.
Result<OutputCheck> check_output(const RunStore& store, const std::string& state, AttemptName attempt,
                                 Instant kept_since);
// Whether the output was shortened (max_output) to fewer bytes than a reader had seen while the attempt was running.
bool was_shortened(const RunStore& store, AttemptName attempt, std::uint64_t shown);
std::string shortened_text(RunId run);
// The message about an output that is not intact. `shows`: whether there is output left to show.
enum class Shows { something, nothing };
std::string broken_output_text(RunId run, Shows shows);
// {"run","attempt","output_sha256","output_bytes","output_intact"}
Json output_check_json(AttemptName attempt, const OutputCheck& check);

}  // namespace mc::app
