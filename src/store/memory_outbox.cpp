// memory_outbox.cpp — the outbox of the store in memory, and the threads of its messages.
#include "store/memory_store.h"

namespace mc {

Result<std::vector<OutboxRow>> MemoryStore::pending(std::size_t limit) const {
    std::vector<OutboxRow> rows;
    for (const auto& [id, row] : pending_) {
        if (rows.size() == limit) break;
        rows.push_back(row);
    }
    return rows;
}

Result<void> MemoryStore::delivered(const std::vector<std::int64_t>& ids, Instant) {
    for (const std::int64_t id : ids) pending_.erase(id);
    return {};
}

Result<void> MemoryStore::try_later(const std::vector<std::int64_t>& ids, Instant when, std::string_view error) {
    for (const std::int64_t id : ids) {
        const auto found = pending_.find(id);
        if (found == pending_.end()) continue;
        ++found->second.tries;
        found->second.next_try = when;
        found->second.last_error = error;
    }
    return {};
}

Result<void> MemoryStore::given_up(const std::vector<std::int64_t>& ids, Instant, std::string_view) {
    for (const std::int64_t id : ids) pending_.erase(id);
    return {};
}

Result<std::optional<SlackThread>> MemoryStore::thread(std::string_view target, RunId alert) const {
    const auto found = threads_.find({alert, std::string(target)});
    return found == threads_.end() ? std::optional<SlackThread>() : found->second;
}

Result<std::vector<std::pair<SlackThread, Alert>>> MemoryStore::closed_threads() const {
    std::set<std::string> waiting;
    for (const auto& [id, row] : pending_) waiting.insert(row.notice.job);
    std::vector<std::pair<SlackThread, Alert>> found;
    for (const auto& [key, thread] : threads_) {
        const auto alert = alerts_.find(thread.alert);
        if (alert == alerts_.end() || !alert->second.closed || waiting.contains(alert->second.job)) continue;
        found.emplace_back(thread, alert->second);
    }
    return found;
}

Result<void> MemoryStore::keep_thread(const SlackThread& thread) {
    threads_.insert_or_assign({thread.alert, thread.target}, thread);
    return {};
}

Result<void> MemoryStore::drop_thread(std::string_view target, RunId alert) {
    threads_.erase({alert, std::string(target)});
    return {};
}

}  // namespace mc
