#!/bin/bash
# The inside of clean_room.sh: first the daemon, as a newcomer starts it; then all tests.
set -euo pipefail
cd /root/marketcron
say() { printf 'clean-room: %s\n' "$*"; }

# jobs_ran: how many runs of the quickstart's jobs have succeeded by now.
jobs_ran() {
    build/run/marketcron runs -c examples/quickstart.toml --state success --json 2>/dev/null | wc -l
}

say "./dev run"
began=$SECONDS
./dev run >/root/run.log 2>&1 &
daemon=$!
while ! grep -q '^dev: starting' /root/run.log; do
    if ! kill -0 "$daemon" 2>/dev/null; then
        cat /root/run.log
        say "./dev run ended before the daemon had started"
        exit 1
    fi
    sleep 1
done
say "installed and built in $((SECONDS - began)) s"
started=$SECONDS
until (($(jobs_ran) > 0)); do
    if ((SECONDS - started > 15)) || ! kill -0 "$daemon" 2>/dev/null; then
        cat /root/run.log
        say "no job has run within 15 s"
        exit 1
    fi
    sleep 0.5
done
say "the first job had succeeded within $((SECONDS - started + 1)) s; the terminal said:"
sed -n '/^dev: starting/,$p' /root/run.log
kill -TERM "$daemon"
wait "$daemon" || true

say "./dev test"
began=$SECONDS
./dev test >/root/test.log 2>&1 || { grep -E -B2 -A12 "FAILED:|^FAIL|^ERROR" /root/test.log | head -n 150 || true; tail -n 30 /root/test.log; say "./dev test failed"; exit 1; }
tail -n 25 /root/test.log
say "./dev test: $((SECONDS - began)) s with installing and building"
