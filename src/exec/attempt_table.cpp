#include "exec/attempt_table.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

namespace mc::os {

Result<AttemptTable> AttemptTable::make(std::size_t entries) {
    void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return fail(Error::Kind::process, fmt::format("cannot get memory for the keeper: {}", std::strerror(errno)));
    }
    // New pages are zero, which is the state of an unused table.
    return AttemptTable(static_cast<Shared*>(memory), std::min(entries, capacity));
}

void AttemptTable::Unmap::operator()(Shared* shared) const { ::munmap(shared, sizeof(Shared)); }

AttemptEntry* AttemptTable::reserve() {
    for (std::size_t i = lowest_; i < entries_; ++i) {
        AttemptEntry& entry = shared_->entries[i];
        std::uint32_t free = 0;
        if (!entry.in_use.compare_exchange_strong(free, 1)) continue;
        lowest_ = i + 1;
        std::size_t used = shared_->used.load();
        while (used < i + 1 && !shared_->used.compare_exchange_weak(used, i + 1)) {
        }
        entry.run = 0;
        entry.started = 0;
        entry.ticks = 0;
        entry.has_claimed.store(0);
        entry.max_output = 0;
        entry.attempt = 0;
        entry.failed_step = SpawnStep::none;
        entry.failure = 0;
        entry.subject[0] = '\0';
        return &entry;
    }
    lowest_ = 0;
    return nullptr;
}

void AttemptTable::release(AttemptEntry& entry) {
    const auto place = static_cast<std::size_t>(&entry - shared_->entries.data());
    lowest_ = std::min(lowest_, place);
    entry.pid.store(0);
    entry.in_use.store(0);
}

AttemptEntry* AttemptTable::find(std::int32_t pid) {
    const std::size_t used = shared_->used.load();
    for (std::size_t i = 0; i < used; ++i) {
        AttemptEntry& entry = shared_->entries[i];
        if (entry.pid.load() == pid && entry.in_use.load() != 0) return &entry;
    }
    return nullptr;
}

std::vector<AttemptEntry*> AttemptTable::used() {
    std::vector<AttemptEntry*> all;
    const std::size_t used = shared_->used.load();
    for (std::size_t i = 0; i < used; ++i)
        if (shared_->entries[i].in_use.load() != 0) all.push_back(&shared_->entries[i]);
    return all;
}

bool AttemptTable::empty() const {
    const auto end = shared_->entries.begin() + static_cast<std::ptrdiff_t>(shared_->used.load());
    return std::none_of(shared_->entries.begin(), end, [](const AttemptEntry& e) { return e.in_use.load() != 0; });
}

}  // namespace mc::os
