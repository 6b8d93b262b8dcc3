// output_view.h — what an attempt printed, as it may be shown: masked first, then cut.
//
// Places are those of the masked text.
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

// The last lines, cleaned as a terminal shows them (notify/text.h): at most so many, and so many bytes; "" when the file
// cannot be read.
std::string masked_tail(const std::string& path, const Mask& mask, std::size_t lines, std::size_t bytes);

// What the ledger has of an attempt's output, and whether the file is still that. Absent: it is not put away, or there was
// none; `is_intact` then is true. A file that is gone is intact when the attempt ended before `kept_since`: it is kept no
// longer.
struct OutputCheck {
    std::optional<OutputSeal> seal;
    bool is_intact = true;
};
// Whether it ended before `when`; true of one that the ledger does not know any more. Error: store.
Result<bool> ended_before(const RunStore& store, AttemptName attempt, Instant when);
// Error: store; process, without libcrypto.
Result<OutputCheck> check_output(const RunStore& store, const std::string& state, AttemptName attempt,
                                 Instant kept_since);
// Whether the attempt's output was shortened (max_output) to less than a reader had seen of it while it ran.
bool was_shortened(const RunStore& store, AttemptName attempt, std::uint64_t shown);
std::string shortened_text(RunId run);
// What is said of an output that is not intact; `shows`: whether there is anything to be seen of it.
enum class Shows { something, nothing };
std::string broken_output_text(RunId run, Shows shows);
// {"run","attempt","output_sha256","output_bytes","output_intact"}
Json output_check_json(AttemptName attempt, const OutputCheck& check);

}  // namespace mc::app
