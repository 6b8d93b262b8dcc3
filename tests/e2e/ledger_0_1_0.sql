-- The ledger of version 0.1.0 (schema 13), empty. Never edited: it is what that version wrote.
PRAGMA application_id = 1835233902;
PRAGMA user_version = 13;
BEGIN TRANSACTION;
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
, told_as TEXT NOT NULL DEFAULT '', told_too TEXT NOT NULL DEFAULT '') STRICT;
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
    held_since INTEGER, held_until INTEGER, held_by TEXT NOT NULL DEFAULT '', iced_since INTEGER, iced_until INTEGER, iced_by TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
CREATE TABLE meta (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    planned_through INTEGER,                       -- every fire up to here has its row
    boot_id         TEXT    NOT NULL DEFAULT '',   -- of the boot in which the ledger was last written
    last_run        INTEGER NOT NULL DEFAULT 0,    -- ids are never used again, even after a prune
    last_notice     INTEGER NOT NULL DEFAULT 0,
    last_batch      INTEGER NOT NULL DEFAULT 0
, coverage_told INTEGER) STRICT;
INSERT INTO "meta" VALUES(1,NULL,'',0,0,0,NULL);
CREATE TABLE operation (
    id              INTEGER PRIMARY KEY,
    planned_through INTEGER,
    note            TEXT NOT NULL
) STRICT;
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
, user TEXT NOT NULL DEFAULT '', past_gates INTEGER NOT NULL DEFAULT 0, assume_upstream INTEGER NOT NULL DEFAULT 0, clearing INTEGER NOT NULL DEFAULT 0, sensing_since INTEGER, start_only TEXT NOT NULL DEFAULT '', alert INTEGER NOT NULL DEFAULT 0, since INTEGER, title TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE slack_thread (
    target  TEXT    NOT NULL,
    alert   INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    channel TEXT    NOT NULL,
    ts      TEXT    NOT NULL,
    body    TEXT    NOT NULL, configured TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (alert, target)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX run_by_key ON run (key, job);
CREATE INDEX run_by_fire ON run (fire);
CREATE INDEX run_by_job_fire ON run (job, fire);
CREATE INDEX run_by_date ON run (logical_date, job);
CREATE INDEX run_by_state ON run (state, fire) WHERE state <> 'success';
CREATE INDEX outbox_pending ON outbox (id) WHERE status = 'pending';
CREATE INDEX outbox_by_run ON outbox (run);
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
CREATE INDEX run_shared ON run (job, fire) WHERE fires > 1;
CREATE INDEX run_by_deadline ON run (deadline) WHERE deadline IS NOT NULL;
CREATE INDEX run_clearing ON run (clearing) WHERE clearing <> 0;
CREATE INDEX alert_open ON alert (job) WHERE closed IS NULL;
CREATE VIEW alerts AS SELECT
    run, job, kind, runs,
    strftime('%Y-%m-%dT%H:%M:%SZ', opened, 'unixepoch') AS opened,
    strftime('%Y-%m-%dT%H:%M:%SZ', told, 'unixepoch') AS told,
    strftime('%Y-%m-%dT%H:%M:%SZ', acked, 'unixepoch') AS acked, acked_by, ack_reason,
    strftime('%Y-%m-%dT%H:%M:%SZ', closed, 'unixepoch') AS closed, closed_by, close_reason
FROM alert;
CREATE INDEX run_by_job_state ON run (job, state, fire)
    WHERE state NOT IN ('success', 'scheduled', 'waiting', 'queued', 'running', 'retrying');
CREATE INDEX run_far_date ON run (logical_date) WHERE abs(logical_date - fire / 86400) > 10;
COMMIT;
