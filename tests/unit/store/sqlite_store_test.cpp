// What can only happen to a file: crashes, other processes, full and read-only disks, foreign content.
// In each case the error says what to do, and nothing that was committed is lost.
#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <fstream>
#include <functional>
#include <sstream>

#include "child.h"
#include "raw_sqlite.h"
#include "worlds.h"

using namespace mc;
using Catch::Contains;

namespace {

std::string bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

void overwrite(const std::string& path, std::size_t offset, std::size_t size) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(offset));
    file << std::string(size, '\x5a');
}

// The error text with which the ledger is refused.
std::string refusal(const std::string& path, OpenMode mode = OpenMode::read_write,
                    Error::Kind kind = Error::Kind::store) {
    const auto store = open_store(path, mode);
    REQUIRE_FALSE(store);
    CHECK(store.error().kind == kind);
    return store.error().text();
}

template <class T>
std::string problem_of(const Result<T>& result) {
    return result ? "no problem" : result.error().text();
}

// A ledger with run 1, closed.
void make_ledger(const std::string& path) {
    must(open_ledger(path)->commit(inserts({make_run(1, "a", 100, State::success)})));
}

std::vector<RunId> runs_in(const Store& store) { return ids_of(must(store.runs({}))); }

}  // namespace

// ---- crashes

TEST_CASE("committed rows survive SIGKILL at any moment") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    open_ledger(path);
    RunId known = 0;
    for (int round = 0; round < 5; ++round) {
        Child writer([&](auto say) {
            const auto store = open_ledger(path);
            for (RunId id = known + 1;; ++id) {
                StepWrites batch = inserts({make_run(id, "a", id, State::running)});
                batch.attempts = {make_attempt(id, 1)};
                must(store->commit(batch));
                say(std::to_string(id) + "\n");
            }
        });
        RunId told = 0;
        while (told < known + 3 * (round + 1)) {
            const std::string heard = writer.hear();
            REQUIRE_FALSE(heard.empty());
            const auto line = heard.rfind('\n', heard.size() - 2);
            told = std::stoll(heard.substr(line == std::string::npos ? 0 : line + 1));
        }
        writer.kill_now();
        if (const std::string last = writer.hear_all(); !last.empty())
            told = std::stoll(last.substr(last.rfind('\n', last.size() - 2) + 1));
        const auto store = open_ledger(path);
        const Recovered all = must(store->recover());
        // The last batch may have been committed before its number was reported; never half of it.
        CHECK(all.last_run >= told);
        CHECK(all.last_run <= told + 1);
        CHECK(all.unfinished.size() == static_cast<std::size_t>(all.last_run));
        CHECK(must(store->attempts(all.last_run)).size() == 1);
        known = all.last_run;
    }
}

namespace {

// The function with which SQLite writes.
using PageWrite = ssize_t(int, const void*, std::size_t, off64_t);
PageWrite* page_write() {
    sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
    return reinterpret_cast<PageWrite*>(system->xGetSystemCall(system, "pwrite64"));
}

}  // namespace

TEST_CASE("the byte that extends the shared memory reserves its page: on a full disk that is an error, not a signal") {
    const TempDir directory;
    open_ledger(directory / "ledger.db");
    PageWrite* const write = page_write();
    const std::string path = directory / "memory";
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    CHECK(write(file, "", 1, 8191) == 1);
    CHECK(std::filesystem::file_size(path) == 8192);
    close(file);
    // Nothing can be reserved in a device; all other writes reserve nothing.
    const int device = open("/dev/zero", O_RDWR | O_CLOEXEC);
    errno = 0;
    CHECK(write(device, "", 1, 8191) == -1);
    CHECK(errno == ENODEV);
    CHECK(write(device, "", 1, 8190) == 1);
    CHECK(write(device, "", 1, 8192) == 1);
    CHECK(write(device, "ab", 2, 8191) == 2);
    close(device);
}

TEST_CASE("a full disk refuses the whole batch, and the store continues when there is room") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    const auto store = open_ledger(path);
    must(store->commit(inserts({make_run(1, "a", 1)})));

    // SQLite's own hook for its system calls: from the `room`th write on, the disk is full.
    static int room;
    const auto full_write = [](int fd, const void* data, std::size_t size, off64_t offset) -> ssize_t {
        if (room-- > 0) return pwrite64(fd, data, size, offset);
        errno = ENOSPC;
        return -1;
    };
    const auto is = [&](PageWrite* write) {
        sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
        system->xSetSystemCall(system, "pwrite64", reinterpret_cast<sqlite3_syscall_ptr>(write));
        system->xSetSystemCall(system, "pwrite", reinterpret_cast<sqlite3_syscall_ptr>(write));
    };
    PageWrite* const usual = page_write();
    int refused = 0;
    for (int budget = 0;; ++budget) {
        StepWrites batch = updates({make_run(1, "a", 1, State::success)});
        for (RunId id = 2; id < 200; ++id) batch.inserted.push_back(make_run(id, "b", id));
        room = budget;
        is(full_write);
        const auto done = store->commit(batch);
        is(usual);
        if (done) break;
        ++refused;
        CHECK_THAT(done.error().text(), Contains("no space is left for the ledger " + path));
        CHECK_THAT(done.error().text(), Contains("free some"));
        CHECK(runs_in(*store) == std::vector<RunId>{1});
        CHECK(store->by_id(1).value()->state == State::scheduled);
    }
    CHECK(refused > 5);
    CHECK(runs_in(*store).size() == 199);
}

// ---- other processes

TEST_CASE("a ledger that is locked by another process is reported, and used when it is free again") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    const auto store = open_ledger(path);
    must(store->commit(inserts({make_run(1, "a", 1)})));
    RawSqlite other(path);
    other("BEGIN IMMEDIATE");
    const std::string problem = problem_of(store->commit(inserts({make_run(2, "a", 2)})));
    CHECK_THAT(problem, Contains("is locked by another process") && Contains("fuser -v " + path));
    CHECK_THAT(refusal(path), Contains("is locked by another process"));
    CHECK(runs_in(*store) == std::vector<RunId>{1});  // reads still work
    other("ROLLBACK");
    must(store->commit(inserts({make_run(2, "a", 2)})));
    CHECK(runs_in(*store) == std::vector<RunId>{2, 1});
}

TEST_CASE("a reader reads while the daemon writes, and cannot write") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    const auto daemon = open_ledger(path);
    const auto reader = must(open_store(path, OpenMode::read_only));
    CHECK(runs_in(*reader).empty());
    must(daemon->commit(inserts({make_run(1, "a", 1)})));
    CHECK(runs_in(*reader) == std::vector<RunId>{1});
    CHECK_THAT(problem_of(reader->commit(inserts({make_run(2, "a", 2)}))), Contains("cannot be written"));
    CHECK(runs_in(*daemon) == std::vector<RunId>{1});
}

TEST_CASE("a reader needs no daemon, and can read the ledger of a killed one") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    Child killed([&](auto say) {
        const auto store = open_ledger(path);
        must(store->commit(inserts({make_run(1, "a", 1)})));
        say("committed");
        pause();
    });
    REQUIRE(killed.hear() == "committed");
    killed.kill_now();
    CHECK(std::filesystem::file_size(path + "-wal") > 0);
    const auto reader = must(open_store(path, OpenMode::read_only));
    CHECK(runs_in(*reader) == std::vector<RunId>{1});
}

// ---- rights

TEST_CASE("a ledger is readable only for its owner") {
    const TempDir directory;
    const auto store = open_ledger(directory / "ledger.db");
    must(store->commit(inserts({make_run(1, "a", 1)})));
    for (const auto& file : std::filesystem::directory_iterator(directory.path())) {
        INFO(file.path());
        CHECK((file.status().permissions() & std::filesystem::perms{077}) == std::filesystem::perms::none);
    }
}

TEST_CASE("a ledger without write permission is reported before anything runs") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    make_ledger(path);
    std::string expected;
    SECTION("the file") {
        chmod(path.c_str(), 0444);
        chmod(directory.path().c_str(), 0777);
        expected = "cannot be written by user";
    }
    SECTION("the directory") {
        chmod(path.c_str(), 0666);
        chmod(directory.path().c_str(), 0555);
        expected = "cannot be written by user";
    }
    SECTION("a directory without a ledger") {
        std::filesystem::remove(path);
        std::filesystem::remove(path + ".made");
        chmod(directory.path().c_str(), 0555);
        expected = "cannot be written: Permission denied";
    }
    Child other([&](auto say) {
        // Root may write everywhere, so the child becomes the user nobody.
        if (geteuid() == 0 && setuid(65534) != 0) say("cannot become nobody; ");
        say(problem_of(open_store(path, OpenMode::read_write)));
    });
    const std::string problem = other.hear_all();
    chmod(directory.path().c_str(), 0755);
    CHECK_THAT(problem, Contains(expected) && Contains("daemon's user"));
}

// ---- foreign content

TEST_CASE("a damaged ledger is refused and left as it is") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    make_ledger(path);
    SECTION("its header is overwritten") { overwrite(path, 0, 100); }
    SECTION("its schema is overwritten") { overwrite(path, 100, 900); }
    SECTION("it is cut off") { std::filesystem::resize_file(path, 8192); }
    SECTION("it is a text") { std::ofstream(path) << "no database at all, but a longer text\n"; }
    const std::string before = bytes_of(path);
    for (const OpenMode mode : {OpenMode::read_write, OpenMode::read_only}) {
        CHECK_THAT(refusal(path, mode, Error::Kind::damaged),
                   Contains("is damaged") && Contains("restore " + path) && Contains("move " + path + "* away"));
    }
    CHECK(bytes_of(path) == before);
}

TEST_CASE("a query that cannot be answered because of damage is an error, not an empty answer") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    {
        const auto store = open_ledger(path);
        StepWrites batch;
        for (RunId id = 1; id <= 2000; ++id) batch.inserted.push_back(make_run(id, "a", id));
        must(store->commit(batch));
    }
    const std::size_t size = bytes_of(path).size();
    const auto store = open_ledger(path);
    overwrite(path, size / 2, size / 2);  // everything after the schema
    int unanswered = 0;
    for (RunId id = 1; id <= 2000; ++id) {
        const Run expected = make_run(id, "a", id);
        for (const auto& run : {store->by_id(id), store->by_key(JobName("a"), expected.key)}) {
            if (run) REQUIRE(*run == expected);
            else if (++unanswered == 1) CHECK_THAT(run.error().text(), Contains("is damaged"));
        }
    }
    CHECK(unanswered > 0);
    if (const auto runs = store->by_date(JobName("a"), make_date(1970, 1, 1))) CHECK(runs->size() == 2000);
}

TEST_CASE("a lost ledger is not treated as one that never existed") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    make_ledger(path);
    std::string what;
    SECTION("truncated to nothing") {
        std::filesystem::resize_file(path, 0);
        what = "is an empty file, but it existed before";
    }
    SECTION("deleted") {
        std::filesystem::remove(path);
        what = "is gone, but it existed before";
    }
    for (const OpenMode mode : {OpenMode::read_write, OpenMode::read_only})
        CHECK_THAT(refusal(path, mode), Contains(what) && Contains("remove " + path + ".made"));
    std::filesystem::remove(path + ".made");
    CHECK(runs_in(*open_ledger(path)).empty());
}

TEST_CASE("a ledger whose creator died before its tables were created is created again") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    std::ofstream(path).close();
    CHECK(runs_in(*open_ledger(path)).empty());
}

TEST_CASE("a reader without a ledger is told that the daemon creates it") {
    const TempDir directory;
    CHECK_THAT(refusal(directory / "ledger.db", OpenMode::read_only),
               Contains("there is no ledger") && Contains("the daemon creates it"));
    CHECK_FALSE(std::filesystem::exists(directory / "ledger.db"));
}

TEST_CASE("a ledger of a newer program is refused and left as it is") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    make_ledger(path);
    RawSqlite{path}("PRAGMA user_version = 99");
    const std::string before = bytes_of(path);
    for (const OpenMode mode : {OpenMode::read_write, OpenMode::read_only})
        CHECK_THAT(refusal(path, mode), Contains("is of version 99, written by a newer marketcron") &&
                                            Contains("install that marketcron again"));
    CHECK(bytes_of(path) == before);
}

TEST_CASE("another program's database is refused and left as it is") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    RawSqlite{path}("CREATE TABLE recipe (name TEXT)");
    const std::string before = bytes_of(path);
    for (const OpenMode mode : {OpenMode::read_write, OpenMode::read_only})
        CHECK_THAT(refusal(path, mode), Contains("not a ledger of marketcron"));
    CHECK(bytes_of(path) == before);
}

TEST_CASE("an unknown word in a row is an error, not guessed") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    const auto store = open_ledger(path);
    must(store->commit(inserts({make_run(1, "a", 1)})));
    RawSqlite{path}("UPDATE run SET state = 'pondering'");
    CHECK_THAT(problem_of(store->runs({})), Contains("\"pondering\""));
    must(store->commit(tells({make_notice(1, "a")})));
    RawSqlite{path}("UPDATE outbox SET body = '{\"text\": 7}'");
    CHECK_THAT(problem_of(store->pending(1)), Contains("message 1 in the ledger cannot be read"));
}

TEST_CASE("output that is not UTF-8 does not stop a message") {
    const TempDir directory;
    const auto store = open_ledger(directory / "ledger.db");
    Notice notice = make_notice(1, "a");
    notice.tail = "caf\xe9";
    must(store->commit(tells({notice})));
    CHECK(must(store->pending(1)).at(0).notice.tail == "caf\xef\xbf\xbd");
}

// ---- the file itself

TEST_CASE("the views show a run in readable form") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    const auto store = open_ledger(path);
    Run run = make_run(1, "eod", 1'795'208'400, State::failed);
    run.session = make_date(2026, 11, 20);
    run.reason = Reason::exit_code;
    run.exit_code = 3;
    StepWrites batch = inserts({run});
    batch.attempts = {make_attempt(1, 1)};
    batch.notices = {make_notice(1, "eod")};
    batch.planned_through = run.fire;
    batch.operator_note = "start eod by root";
    must(store->commit(batch));
    RawSqlite sre(path);
    using Lines = std::vector<std::string>;
    CHECK(sre("SELECT id, job, fire, logical_date, session, state, reason, exit_code, started FROM "
              "runs") == Lines{"1|eod|2026-11-20T21:00:00Z|2026-11-20|2026-11-20|failed|exit_code|3|"});
    CHECK(sre("SELECT run, number, started FROM attempts") == Lines{"1|1|1970-01-01T00:00:10Z"});
    CHECK(sre("SELECT id, target, kind, created, status FROM messages") ==
          Lines{"1|slack:ops|failure|1970-01-01T00:16:41Z|pending"});
    CHECK(sre("SELECT planned_through, note FROM operations") == Lines{"2026-11-20T21:00:00Z|start eod by root"});
    CHECK(sre("PRAGMA journal_mode") == Lines{"wal"});
    CHECK(sre("PRAGMA integrity_check") == Lines{"ok"});
    CHECK(sre("PRAGMA foreign_key_check").empty());
}

TEST_CASE("a ledger has a unique id, which its copy keeps") {
    const TempDir directory;
    const std::string path = directory / "ledger.db", copy = directory / "copy.db", other = directory / "other.db";
    const std::string name = must(open_ledger(path)->recover()).ledger;
    CHECK(name.size() == 32);
    CHECK(must(open_ledger(path)->recover()).ledger == name);
    RawSqlite{path}("VACUUM INTO '" + copy + "'");
    CHECK(must(open_ledger(copy)->recover()).ledger == name);
    CHECK(must(open_ledger(other)->recover()).ledger != name);
}

TEST_CASE("a ledger is brought up to date whole, or not at all") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    RawSqlite raw{path};
    raw(bytes_of(MARKETCRON_ROOT "/tests/unit/store/ledger_version_1.sql"));
    raw("CREATE TABLE slack_thread (x)");  // a late version makes it
    CHECK_FALSE(open_store(path, OpenMode::read_write));
    CHECK(raw("PRAGMA user_version") == std::vector<std::string>{"1"});
    CHECK(raw("SELECT count(*) FROM sqlite_schema WHERE name = 'alert'") == std::vector<std::string>{"0"});
}

TEST_CASE("a ledger without tables is being created") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    RawSqlite{path}("PRAGMA user_version = 1; PRAGMA user_version = 0");  // a file of one empty page
    const auto refused = open_store(path, OpenMode::read_only);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().sentence(), Contains("is empty: a daemon is creating it; try again in a moment"));
}

TEST_CASE("a ledger of version 1 is brought up to date with all its rows") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    RawSqlite{path}(bytes_of(MARKETCRON_ROOT "/tests/unit/store/ledger_version_1.sql"));
    const auto store = open_ledger(path);
    const Recovered all = must(store->recover());
    CHECK(ids_of(all.unfinished) == std::vector<RunId>{2});
    CHECK(all.planned_through == at(1'700'000'060));
    CHECK(all.boot_id == "c0ffee");
    CHECK(all.jobs == std::vector<JobRecord>{{JobName("a"), "* * * * *", at(1'699'999'000), true}});
    CHECK(store->by_key(JobName("a"), FireKey("fire 1")).value()->max_rss_bytes == 4096);
    CHECK(must(store->attempts(1)).size() == 1);
    CHECK(must(store->pending(10)).at(0).notice.tail == "line");
    // It now has exactly the tables of a new one.
    open_ledger(directory / "new.db");
    const std::string schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
    CHECK(RawSqlite{path}(schema) == RawSqlite{directory / "new.db"}(schema));
    CHECK(RawSqlite{path}("PRAGMA user_version") == RawSqlite{directory / "new.db"}("PRAGMA user_version"));
}

namespace {

// Every statement that SQLite runs on connections opened during its lifetime, with its values filled in.
class Overheard {
   public:
    Overheard() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(listen)); }
    ~Overheard() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(listen)); }
    static std::vector<std::string> statements;

   private:
    static int listen(sqlite3* handle, char**, const void*) {
        return sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, note, nullptr);
    }
    static int note(unsigned, void*, void* statement, void*) {
        char* sql = sqlite3_expanded_sql(static_cast<sqlite3_stmt*>(statement));
        statements.emplace_back(sql == nullptr ? "" : sql);
        sqlite3_free(sql);
        return 0;
    }
};
std::vector<std::string> Overheard::statements;

}  // namespace

TEST_CASE("no query reads a whole table, however long it is") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    {
        const Overheard overheard;
        const auto store = open_ledger(path);
        must(store->commit(inserts({make_run(1, "a", 1)})));  // so that some queries lead to others
        Overheard::statements.clear();
        must(store->recover());
        must(store->by_key(JobName("a"), FireKey("b")));
        must(store->by_id(1));
        must(store->by_date(JobName("a"), make_date(2026, 11, 20)));
        must(store->runs({.limit = 10}));
        must(store->runs({.jobs = {JobName("a")}, .limit = 10}));
        must(store->runs({.jobs = {JobName("a"), JobName("b")}, .limit = 10}));
        must(store->runs({.from = make_date(2026, 11, 20), .limit = 10}));
        must(store->runs({.state = State::failed, .limit = 10}));
        must(store->newest_before(JobName("a"), make_date(2026, 11, 20), at(1)));
        must(store->upstream_failed_after(JobName("a"), make_date(2026, 11, 20)));
        must(store->attempts(1));
        must(store->pending(10));
        must(store->prune(at(1), 10));
    }
    RawSqlite sre(path);
    int questions = 0;
    for (const std::string& sql : Overheard::statements) {
        const bool small = sql.find("FROM meta") != std::string::npos || sql.find("FROM job ") != std::string::npos ||
                           sql.find("FROM alert WHERE") != std::string::npos;
        if (small || sql.rfind("SELECT", 0) != 0) continue;
        ++questions;
        for (const std::string& step : sre("EXPLAIN QUERY PLAN " + sql)) {
            INFO(sql << "\n" << step);
            CHECK((step.find("SCAN run") == std::string::npos || step.find("INDEX") != std::string::npos));
            CHECK((step.find("SCAN outbox") == std::string::npos || step.find("INDEX") != std::string::npos));
            CHECK(step.find("SCAN attempt") == std::string::npos);
        }
    }
    CHECK(questions == 33);
}

TEST_CASE("each query uses the index made for it, and sorts nothing") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    struct Case {
        std::function<void(Store&)> ask;
        std::string index;
    };
    const Date from = make_date(2026, 11, 20), to = make_date(2026, 11, 27);
    const auto runs = [](const RunFilter& filter) { return [filter](Store& store) { must(store.runs(filter)); }; };
    const std::vector<Case> cases{
        {[&](Store& store) { must(store.by_date(JobName("a"), from)); }, "run_by_date (logical_date=? AND job=?)"},
        {[&](Store& store) { must(store.newest_before(JobName("a"), from, at(1))); },
         "run_by_job_fire (job=? AND fire<?)"},
        {[&](Store& store) { must(store.upstream_failed_after(JobName("a"), from)); },
         "run_by_job_state (job=? AND state=? AND fire>?)"},
        {runs({.limit = 10}), "run_by_fire"},
        {runs({.from = from, .to = to, .limit = 10}), "run_by_fire (fire>? AND fire<?)"},
        {runs({.to = to, .limit = 10}), "run_by_fire (fire<?)"},
        {runs({.jobs = {JobName("a")}, .limit = 10}), "run_by_job_fire (job=?)"},
        {runs({.jobs = {JobName("a")}, .from = from, .to = to, .limit = 10}),
         "run_by_job_fire (job=? AND fire>? AND fire<?)"},
        {runs({.state = State::failed, .limit = 10}), "run_by_state (state=?)"},
        {runs({.from = from, .to = to, .state = State::lost}), "run_by_state (state=? AND fire>? AND fire<?)"},
        {runs({.jobs = {JobName("a")}, .state = State::failed, .limit = 10}), "run_by_job_state (job=? AND state=?)"},
    };
    for (const Case& one : cases) {
        std::string sql;
        {
            const Overheard overheard;
            const auto store = open_ledger(path);
            Overheard::statements.clear();
            one.ask(*store);
            sql = Overheard::statements.at(0);
        }
        RawSqlite sre(path);
        std::string steps;
        for (const std::string& step : sre("EXPLAIN QUERY PLAN " + sql)) steps += step + "\n";
        INFO(sql);
        CHECK_THAT(steps, Contains(one.index));
        if (one.index.rfind("run_by_date", 0) != 0) CHECK(steps.find("TEMP B-TREE") == std::string::npos);
    }
}
