// full_disk.h — a ledger in memory whose disk can be full: then results of messages cannot be recorded.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/forwarding_store.h"

namespace mc::test {

class FullDisk final : public ForwardingStore {
   public:
    explicit FullDisk(std::shared_ptr<Store> behind = make_memory_store()) : ForwardingStore(std::move(behind)) {}
    bool full = false;

    Result<void> keep_seal(AttemptName attempt, const OutputSeal& seal) override {
        return full ? refusal() : behind().keep_seal(attempt, seal);
    }
    Result<void> delivered(const std::vector<std::int64_t>& ids, Instant at) override {
        return full ? refusal() : behind().delivered(ids, at);
    }
    Result<void> try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) override {
        return full ? refusal() : behind().try_later(ids, when, error);
    }
    Result<void> given_up(const std::vector<std::int64_t>& ids, Instant at, std::string_view error) override {
        return full ? refusal() : behind().given_up(ids, at, error);
    }

   private:
    static Result<void> refusal() { return fail(Error::Kind::store, "the disk is full", "make room"); }
};

}  // namespace mc::test
