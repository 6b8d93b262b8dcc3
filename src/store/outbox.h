// outbox.h — the interface to messages that are not delivered yet. RunStore::commit() adds them, in the transaction
// that writes the runs that they are about.
//
// Errors are of kind store.
#pragma once

#include <string>
#include <vector>

#include "engine/run.h"

namespace mc {

struct OutboxRow {
    Notice notice;
    int tries = 0;
    std::optional<Instant> next_try;  // absent: at once
    std::string last_error;
};

class Outbox {
   public:
    virtual ~Outbox() = default;
    // Rows not yet delivered, oldest first (by id).
    virtual Result<std::vector<OutboxRow>> pending(std::size_t limit) const = 0;
    virtual Result<void> delivered(const std::vector<std::int64_t>& ids, Instant at) = 0;
    virtual Result<void> try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) = 0;
    virtual Result<void> given_up(const std::vector<std::int64_t>& ids, Instant at, std::string_view error) = 0;
};

}  // namespace mc
