#include "store/schema.h"

#include <fmt/format.h>

#include <array>

namespace mc::store {
namespace {

// Version 1. Instants are Unix seconds and dates are days since 1970-01-01, which are small and sort; the views show
// them as text.
constexpr const char* version_1 = R"sql(
CREATE TABLE meta (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    planned_through INTEGER,                       -- every fire up to here has its row
    boot_id         TEXT    NOT NULL DEFAULT '',   -- of the boot in which the ledger was last written
    last_run        INTEGER NOT NULL DEFAULT 0,    -- ids are never used again, even after a prune
    last_notice     INTEGER NOT NULL DEFAULT 0,
    last_batch      INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO meta (one) VALUES (1);

CREATE TABLE run (
    id              INTEGER PRIMARY KEY,
    job             TEXT    NOT NULL,
    key             TEXT    NOT NULL,
    fire            INTEGER NOT NULL,
    logical_date    INTEGER NOT NULL,
    session         INTEGER,
    origin          TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    reason          TEXT    NOT NULL,
    detail          TEXT    NOT NULL,
    attempt         INTEGER NOT NULL,
    attempts_before INTEGER NOT NULL,
    started         INTEGER,
    finished        INTEGER,
    exit_code       INTEGER,
    signal          INTEGER,
    max_rss_bytes   INTEGER,
    cpu_seconds     REAL,
    fires           INTEGER NOT NULL,
    last_fire       INTEGER,
    not_before      INTEGER,
    not_after       INTEGER,
    deadline        INTEGER,
    timeout_up      INTEGER,
    kill_up         INTEGER,
    ending          TEXT    NOT NULL,
    batch           INTEGER NOT NULL,
    batch_width     INTEGER NOT NULL,
    forced          INTEGER NOT NULL,
    generation      TEXT    NOT NULL
) STRICT;
-- A thousand jobs that fire at one instant have neighbouring keys: with the key first they share pages.
CREATE UNIQUE INDEX run_by_key ON run (key, job);
CREATE INDEX run_by_fire ON run (fire);
CREATE INDEX run_by_job_fire ON run (job, fire);
CREATE INDEX run_by_date ON run (logical_date, job);
-- Most runs succeed; the others are the ones that are looked for by their state.
CREATE INDEX run_by_state ON run (state, fire) WHERE state <> 'success';

CREATE TABLE attempt (
    run           INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    state         TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    started       INTEGER NOT NULL,
    finished      INTEGER NOT NULL,
    exit_code     INTEGER,
    signal        INTEGER,
    max_rss_bytes INTEGER NOT NULL,
    cpu_seconds   REAL    NOT NULL,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
    job        TEXT    NOT NULL PRIMARY KEY,
    schedule   TEXT    NOT NULL,
    since      INTEGER NOT NULL,
    enabled    INTEGER NOT NULL,
    alert_open INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY,
    target     TEXT    NOT NULL,
    job        TEXT    NOT NULL,
    run        INTEGER,
    kind       TEXT    NOT NULL,
    created    INTEGER NOT NULL,
    is_action  INTEGER NOT NULL,                        -- a job's own message: its delivery ends the run
    body       TEXT    NOT NULL,                        -- JSON: all that the message will say
    status     TEXT    NOT NULL DEFAULT 'pending',      -- pending delivered given_up cancelled
    tries      INTEGER NOT NULL DEFAULT 0,
    next_try   INTEGER,
    ended      INTEGER,
    last_error TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_pending ON outbox (id) WHERE status = 'pending';
CREATE INDEX outbox_by_run ON outbox (run);

CREATE TABLE operation (
    id              INTEGER PRIMARY KEY,
    planned_through INTEGER,
    note            TEXT NOT NULL
) STRICT;

CREATE VIEW runs AS SELECT
    id, job, key,
    strftime('%Y-%m-%dT%H:%M:%SZ', fire, 'unixepoch') AS fire,
    date(logical_date * 86400, 'unixepoch') AS logical_date,
    date(session * 86400, 'unixepoch') AS session,
    origin, state, reason, detail, attempt,
    strftime('%Y-%m-%dT%H:%M:%SZ', started, 'unixepoch') AS started,
    strftime('%Y-%m-%dT%H:%M:%SZ', finished, 'unixepoch') AS finished,
    exit_code, signal, max_rss_bytes, cpu_seconds, fires,
    strftime('%Y-%m-%dT%H:%M:%SZ', last_fire, 'unixepoch') AS last_fire,
    generation
FROM run;

CREATE VIEW attempts AS SELECT
    run, number, state, reason,
    strftime('%Y-%m-%dT%H:%M:%SZ', started, 'unixepoch') AS started,
    strftime('%Y-%m-%dT%H:%M:%SZ', finished, 'unixepoch') AS finished,
    exit_code, signal, max_rss_bytes, cpu_seconds
FROM attempt;

CREATE VIEW messages AS SELECT
    id, target, job, run, kind,
    strftime('%Y-%m-%dT%H:%M:%SZ', created, 'unixepoch') AS created,
    status, tries,
    strftime('%Y-%m-%dT%H:%M:%SZ', next_try, 'unixepoch') AS next_try,
    strftime('%Y-%m-%dT%H:%M:%SZ', ended, 'unixepoch') AS ended,
    last_error, body
FROM outbox;

CREATE VIEW operations AS SELECT
    id, strftime('%Y-%m-%dT%H:%M:%SZ', planned_through, 'unixepoch') AS planned_through, note
FROM operation;
)sql";

// Few rows are shared: with this index the others need not be searched.
constexpr const char* version_2 = "CREATE INDEX run_shared ON run (job, fire) WHERE fires > 1;";

// An alert closes only when the run that opened it succeeds. A failed run without a notification keeps its deadline
// until its late notification is sent.
constexpr const char* version_3 = R"sql(
ALTER TABLE job ADD COLUMN alert_fire INTEGER;
UPDATE job SET alert_fire = (
    SELECT coalesce(last_fire, fire) FROM run
    WHERE run.job = job.job AND state IN ('failed', 'timed_out', 'missed', 'lost') ORDER BY fire DESC LIMIT 1
) WHERE alert_open;
ALTER TABLE job DROP COLUMN alert_open;
CREATE INDEX run_by_deadline ON run (deadline) WHERE deadline IS NOT NULL;
)sql";

// The user of a run, also if the job has another user now.
constexpr const char* version_4 = "ALTER TABLE run ADD COLUMN user TEXT NOT NULL DEFAULT '';";

// Held jobs, and runs that an operator starts in spite of a hold.
constexpr const char* version_5 = R"sql(
ALTER TABLE job ADD COLUMN held_since INTEGER;
ALTER TABLE job ADD COLUMN held_until INTEGER;
ALTER TABLE job ADD COLUMN held_by TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN past_gates INTEGER NOT NULL DEFAULT 0;
)sql";

// When the last warnings about ending calendars were sent.
constexpr const char* version_6 = "ALTER TABLE meta ADD COLUMN coverage_told INTEGER;";

// Iced jobs, and backfills with --assume-upstream.
constexpr const char* version_7 = R"sql(
ALTER TABLE job ADD COLUMN iced_since INTEGER;
ALTER TABLE job ADD COLUMN iced_until INTEGER;
ALTER TABLE job ADD COLUMN iced_by TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN assume_upstream INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN clearing INTEGER NOT NULL DEFAULT 0;
CREATE INDEX run_clearing ON run (clearing) WHERE clearing <> 0;
)sql";

// When a run began to wait for its sensors, so that their timeouts continue after a restart.
constexpr const char* version_8 = "ALTER TABLE run ADD COLUMN sensing_since INTEGER;";

// Alerts with their history, and the options of `start` for one run. (The foreign key deletes an alert with its run;
// prune() keeps the runs of open alerts.)
constexpr const char* version_9 = R"sql(
CREATE TABLE alert (
    run          INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    job          TEXT    NOT NULL,
    fire         INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    opened       INTEGER NOT NULL,
    told         INTEGER NOT NULL,
    runs         INTEGER NOT NULL,
    acked        INTEGER,
    acked_by     TEXT    NOT NULL DEFAULT '',
    ack_reason   TEXT    NOT NULL DEFAULT '',
    closed       INTEGER,
    closed_by    TEXT    NOT NULL DEFAULT '',
    close_reason TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX alert_open ON alert (job) WHERE closed IS NULL;
INSERT INTO alert (run, job, fire, kind, opened, told, runs)
SELECT max(run.id), job.job, job.alert_fire,
       CASE WHEN run.state = 'missed' THEN 'missed'
            WHEN run.state IN ('failed', 'timed_out', 'lost') THEN 'failure' ELSE 'late' END,
       coalesce(run.finished, run.fire), coalesce(run.finished, run.fire), 1
FROM job JOIN run ON run.job = job.job AND coalesce(run.last_fire, run.fire) = job.alert_fire
WHERE job.alert_fire IS NOT NULL GROUP BY job.job;
ALTER TABLE job DROP COLUMN alert_fire;
CREATE VIEW alerts AS SELECT
    run, job, kind, runs,
    strftime('%Y-%m-%dT%H:%M:%SZ', opened, 'unixepoch') AS opened,
    strftime('%Y-%m-%dT%H:%M:%SZ', told, 'unixepoch') AS told,
    strftime('%Y-%m-%dT%H:%M:%SZ', acked, 'unixepoch') AS acked, acked_by, ack_reason,
    strftime('%Y-%m-%dT%H:%M:%SZ', closed, 'unixepoch') AS closed, closed_by, close_reason
FROM alert;
ALTER TABLE run ADD COLUMN start_only TEXT NOT NULL DEFAULT '';
)sql";

// The Slack message that began an alert's thread.
constexpr const char* version_10 = R"sql(
CREATE TABLE slack_thread (
    target  TEXT    NOT NULL,
    alert   INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    channel TEXT    NOT NULL,
    ts      TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (alert, target)
) STRICT, WITHOUT ROWID;
)sql";

// Indexes for `runs` in a ledger of many years: a job's failed runs, and the runs of a range of dates. Nearly all runs
// have a date near their fire and are found by the fire; run_far_date has the others.
constexpr const char* version_11 = R"sql(
CREATE INDEX run_by_job_state ON run (job, state, fire)
    WHERE state NOT IN ('success', 'scheduled', 'waiting', 'queued', 'running', 'retrying');
CREATE INDEX run_far_date ON run (logical_date) WHERE abs(logical_date - fire / 86400) > 10;
)sql";

// The kinds of an alert's notifications; the alert that counts a run, so that none counts it twice; and the configured
// channel for which a bot posted its message.
constexpr const char* version_12 = R"sql(
ALTER TABLE alert ADD COLUMN told_as TEXT NOT NULL DEFAULT '';
UPDATE alert SET told_as = kind;
ALTER TABLE run ADD COLUMN alert INTEGER NOT NULL DEFAULT 0;
ALTER TABLE slack_thread ADD COLUMN configured TEXT NOT NULL DEFAULT '';
)sql";

// The targets that an alert notified for blocked jobs; when a run got its present state; and the title of its job.
constexpr const char* version_13 = R"sql(
ALTER TABLE alert ADD COLUMN told_too TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN since INTEGER;
ALTER TABLE run ADD COLUMN title TEXT NOT NULL DEFAULT '';
)sql";

// The name of the ledger, which the files of attempts contain. A copy has the same name.
constexpr const char* version_14 = R"sql(
ALTER TABLE meta ADD COLUMN ledger TEXT NOT NULL DEFAULT '';
UPDATE meta SET ledger = lower(hex(randomblob(16)));
)sql";

// The size and hash of an attempt's sealed output: NULL until it is sealed, '' if there is nothing to seal, as for all
// attempts of older versions.
constexpr const char* version_15 = R"sql(
ALTER TABLE attempt ADD COLUMN output_sha256 TEXT DEFAULT '';
ALTER TABLE attempt ADD COLUMN output_bytes INTEGER DEFAULT 0;
CREATE INDEX attempt_unsealed ON attempt (run, number) WHERE output_sha256 IS NULL;
DROP VIEW attempts;
CREATE VIEW attempts AS SELECT
    run, number, state, reason,
    strftime('%Y-%m-%dT%H:%M:%SZ', started, 'unixepoch') AS started,
    strftime('%Y-%m-%dT%H:%M:%SZ', finished, 'unixepoch') AS finished,
    exit_code, signal, max_rss_bytes, cpu_seconds, output_sha256, output_bytes
FROM attempt;
)sql";

// The facts of a run's reason, as JSON; '' if there are none. clear_part says what a clear does with the run; before
// this version, the sign of `clearing` did.
constexpr const char* version_16 = R"sql(
ALTER TABLE run ADD COLUMN clear_part TEXT NOT NULL DEFAULT 'reset';
ALTER TABLE run RENAME COLUMN past_gates TO bypasses_gates;
ALTER TABLE run RENAME COLUMN start_only TO start_options;
UPDATE run SET clear_part = 'nothing', clearing = -clearing WHERE clearing < 0;
ALTER TABLE run ADD COLUMN reason_data TEXT NOT NULL DEFAULT '';
DROP VIEW runs;
CREATE VIEW runs AS SELECT
    id, job, key,
    strftime('%Y-%m-%dT%H:%M:%SZ', fire, 'unixepoch') AS fire,
    date(logical_date * 86400, 'unixepoch') AS logical_date,
    date(session * 86400, 'unixepoch') AS session,
    origin, state, reason, detail, attempt,
    strftime('%Y-%m-%dT%H:%M:%SZ', started, 'unixepoch') AS started,
    strftime('%Y-%m-%dT%H:%M:%SZ', finished, 'unixepoch') AS finished,
    exit_code, signal, max_rss_bytes, cpu_seconds, fires,
    strftime('%Y-%m-%dT%H:%M:%SZ', last_fire, 'unixepoch') AS last_fire,
    generation, reason_data
FROM run;
)sql";

// migrations[n] turns a file of version n into one of version n + 1. Never edit a released migration.
constexpr std::array migrations{version_1,  version_2,  version_3,  version_4,  version_5,  version_6,
                                version_7,  version_8,  version_9,  version_10, version_11, version_12,
                                version_13, version_14, version_15, version_16};

struct Stamp {
    std::int64_t application_id = 0;
    std::int64_t version = 0;
    std::int64_t tables = 0;
};

Result<Stamp> read_stamp(Database& database) {
    Stamp stamp;
    return database
        .query(
            "SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_schema) "
            "FROM pragma_application_id AS a, pragma_user_version AS v",
            [&](Row& row) { row.read(stamp.application_id, stamp.version, stamp.tables); })
        .map([&] { return stamp; });
}

Result<void> refuse_foreign(const Database& database, const Stamp& stamp) {
    const bool is_new = stamp.application_id == 0 && stamp.version == 0 && stamp.tables == 0;
    if (!is_new && stamp.application_id != ledger_application_id)
        return fail(Error::Kind::store,
                    fmt::format("{} is a database, but not a ledger of marketcron", database.path()),
                    "set [daemon] state to a separate directory");
    if (stamp.version > current_version())
        return fail(Error::Kind::store,
                    fmt::format("the ledger {} is of version {}, written by a newer marketcron; "
                                "this one supports version {}",
                                database.path(), stamp.version, current_version()),
                    "install that marketcron again, or restore a backup made before it");
    return {};
}

}  // namespace

int current_version() { return static_cast<int>(migrations.size()); }

Result<bool> is_foreign(Database& database) {
    return read_stamp(database).map([&](const Stamp& stamp) { return !refuse_foreign(database, stamp); });
}

Result<void> require_current(Database& database) {
    const auto stamp = read_stamp(database);
    if (!stamp) return tl::unexpected(stamp.error());
    if (auto done = refuse_foreign(database, *stamp); !done) return done;
    if (stamp->version == 0)
        return fail(Error::Kind::store, fmt::format("the ledger {} is empty: a daemon is creating it", database.path()),
                    "try again in a moment, or start the daemon");
    if (stamp->version < current_version())
        return fail(Error::Kind::store,
                    fmt::format("the ledger {} is of version {}, and this marketcron supports version {}",
                                database.path(), stamp->version, current_version()),
                    "start the daemon once: it brings the ledger up to date");
    return {};
}

// One transaction for all versions: other processes see the ledger as it was, or up to date. The version is read under
// the write lock, so that no other process migrates at the same time.
Result<void> migrate(Database& database) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return tl::unexpected(transaction.error());
    const auto stamp = read_stamp(database);
    if (!stamp) return tl::unexpected(stamp.error());
    if (auto done = refuse_foreign(database, *stamp); !done) return done;
    if (stamp->version == current_version()) return {};
    for (auto version = static_cast<std::size_t>(stamp->version); version < migrations.size(); ++version)
        if (auto done = database.script(migrations[version]); !done) return done;
    const std::string mark =
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", ledger_application_id, current_version());
    if (auto done = database.script(mark.c_str()); !done) return done;
    return transaction->commit();
}

}  // namespace mc::store
