// worlds.h — the stores under test, each in a separate place that is cleaned up, and rows to store.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "store/open_store.h"

namespace mc {

// A directory that exists as long as its test.
class TempDir {
   public:
    TempDir() {
        std::string pattern = std::filesystem::temp_directory_path() / "marketcron-store-XXXXXX";
        check(mkdtemp(pattern.data()) != nullptr, "a temporary directory can be made");
        path_ = pattern;
    }
    ~TempDir() { std::filesystem::remove_all(path_); }
    TempDir(const TempDir&) = delete;
    std::string operator/(const char* name) const { return path_ / name; }
    const std::filesystem::path& path() const { return path_; }

   private:
    std::filesystem::path path_;
};

// The Result's value; fails the test with the error's text if there is none.
template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().text());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline std::unique_ptr<Store> open_ledger(const std::string& path) {
    return must(open_store(path, OpenMode::read_write));
}

inline Instant at(std::int64_t unix_seconds) { return Instant{Seconds{unix_seconds}}; }

inline Run make_run(RunId id, const std::string& job, std::int64_t fire, State state = State::scheduled) {
    Run run;
    run.id = id;
    run.job = JobName(job);
    run.key = FireKey("fire " + std::to_string(fire));
    run.fire = at(fire);
    run.logical_date = Date{date::floor<date::days>(run.fire).time_since_epoch()};
    run.state = state;
    return run;
}

inline Attempt make_attempt(RunId run, int number) {
    Attempt attempt;
    attempt.run = run;
    attempt.number = number;
    attempt.started = at(10 * number);
    attempt.finished = at(10 * number + 4);
    return attempt;
}

inline Notice make_notice(std::int64_t id, const std::string& job) {
    Notice notice;
    notice.id = id;
    notice.target = "slack:ops";
    notice.job = job;
    notice.created = at(1000 + id);
    return notice;
}

inline Notice make_action(std::int64_t id, const std::string& job, RunId run) {
    Notice notice = make_notice(id, job);
    notice.is_action = true;
    notice.run = run;
    return notice;
}

inline StepWrites inserts(std::vector<Run> runs) {
    StepWrites batch;
    batch.inserted = std::move(runs);
    return batch;
}

inline StepWrites updates(std::vector<Run> runs) {
    StepWrites batch;
    batch.updated = std::move(runs);
    return batch;
}

inline StepWrites tells(std::vector<Notice> notices) {
    StepWrites batch;
    batch.notices = std::move(notices);
    return batch;
}

inline std::vector<RunId> ids_of(const std::vector<Run>& runs) {
    std::vector<RunId> ids;
    for (const Run& run : runs) ids.push_back(run.id);
    return ids;
}

inline std::vector<std::int64_t> ids_of(const std::vector<OutboxRow>& rows) {
    std::vector<std::int64_t> ids;
    for (const OutboxRow& row : rows) ids.push_back(row.notice.id);
    return ids;
}

struct InMemory {
    std::unique_ptr<Store> store = make_memory_store();
    void reopen() {}  // nothing is stored
};

struct InSqlite {
    TempDir directory;
    std::unique_ptr<Store> store = open_ledger(directory / "ledger.db");
    void reopen() {
        store.reset();
        store = open_ledger(directory / "ledger.db");
    }
};

}  // namespace mc

// A test of what every store guarantees.
#define ON_EVERY_STORE(name) TEMPLATE_TEST_CASE(name, "", InMemory, InSqlite)
