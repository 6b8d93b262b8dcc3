-- A ledger of version 1, as the first release wrote it; it must always be possible to bring it up to date.
-- Never edit: when the tables change, add ledger_version_2.sql beside it.
BEGIN TRANSACTION;
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
INSERT INTO "attempt" VALUES(1,1,'failed','exit_code',1700000000,1700000002,3,NULL,4096,0.5);
CREATE TABLE job (
    job        TEXT    NOT NULL PRIMARY KEY,
    schedule   TEXT    NOT NULL,
    since      INTEGER NOT NULL,
    enabled    INTEGER NOT NULL,
    alert_open INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "job" VALUES('a','* * * * *',1699999000,1,0);
CREATE TABLE meta (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    planned_through INTEGER,                       -- every fire up to here has its row
    boot_id         TEXT    NOT NULL DEFAULT '',   -- of the boot in which the ledger was last written
    last_run        INTEGER NOT NULL DEFAULT 0,    -- ids are never used again, even after a prune
    last_notice     INTEGER NOT NULL DEFAULT 0,
    last_batch      INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO "meta" VALUES(1,1700000060,'c0ffee',2,1,0);
CREATE TABLE operation (
    id              INTEGER PRIMARY KEY,
    planned_through INTEGER,
    note            TEXT NOT NULL
) STRICT;
INSERT INTO "operation" VALUES(1,1700000000,'start a by root');
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
INSERT INTO "outbox" VALUES(1,'slack:ops','a',1,'failure',1700000002,0,'{"attempt":1,"attempts":1,"detail":"","duration_seconds":2,"fires":1,"logical_date":"2023-11-14","reason":"exit_code","retry_at":null,"runbook":"","state":"failed","tail":"line","text":""}','pending',0,NULL,NULL,'');
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
INSERT INTO "run" VALUES(1,'a','fire 1',1700000000,19675,NULL,'live','failed','exit_code','',1,0,1700000000,1700000002,3,NULL,4096,0.5,1,NULL,NULL,NULL,NULL,NULL,NULL,'running',0,1,0,'00ff00ff00ff00ff');
INSERT INTO "run" VALUES(2,'a','fire 2',1700000060,19675,19675,'live','waiting','sensor','wait_until 22:15',0,0,NULL,NULL,NULL,NULL,NULL,NULL,1,NULL,1700000100,NULL,NULL,NULL,NULL,'running',0,1,0,'');
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
COMMIT;
PRAGMA application_id = 0x6d63726e;
PRAGMA user_version = 1;
