// The full rows, and that they are full: no member and no column has its default value.
#include "full_rows.h"

#include <catch2/catch.hpp>

#include "store/rows.h"

namespace mc {

Run full_run() {
    Run run = make_run(7, "ingest_bars", 1'700'000'000, State::retrying);
    run.key = FireKey("2023-11-14 XNYS.close 1");
    run.session = make_date(2023, 11, 14);
    run.origin = Origin::catch_up;
    run.reason = Reason::exit_code;
    run.reason_data = ReasonData(PoolFull{"db", 4});
    run.detail = "exit code 3; the next attempt is at 22:18:20";
    run.attempt = 3;
    run.attempts_before = 1;
    run.started = at(1'700'000'001);
    run.finished = at(1'700'000'009);
    run.exit_code = 3;
    run.signal = 9;
    run.max_rss_bytes = 8'000'000'000;
    run.cpu_seconds = 12.25;
    run.fires = 4;
    run.last_fire = at(1'700'000'300);
    run.not_before = at(1'700'000'100);
    run.not_after = at(1'700'003'600);
    run.deadline = at(1'700'007'200);
    run.timeout_up = Seconds{123};
    run.kill_up = Seconds{133};
    run.sensing_since = Instant{Seconds{137}};
    run.ending = State::timed_out;
    run.clearing = 4;
    run.clear_part = ClearPart::nothing;
    run.batch = 5;
    run.batch_width = 2;
    run.forced = true;
    run.bypasses_gates = true;
    run.assume_upstream = true;
    run.generation = "00ff00ff00ff00ff";
    run.user = "ann";
    run.alert = 7;
    run.since = at(4711);
    run.title = "/etc/crontab:7";
    run.start_options = StartOptions{8ULL << 30, Seconds{90}, {{"DEPTH", "full \"x\""}}};
    return run;
}

Attempt full_attempt() {
    Attempt attempt = make_attempt(7, 2);
    attempt.state = State::timed_out;
    attempt.reason = Reason::timeout;
    attempt.exit_code = 0;
    attempt.signal = 15;
    attempt.max_rss_bytes = 5'000'000'000;
    attempt.cpu_seconds = 0.5;
    return attempt;
}

Notice full_notice() {
    Notice notice = make_notice(11, "ingest_bars");
    notice.title = "/etc/crontab:7";
    notice.run = 7;
    notice.kind = NoticeKind::retry;
    notice.is_action = true;
    notice.text = "It's that time! \"Lunch\"\n";
    notice.logical_date = "2023-11-14";
    notice.state = State::retrying;
    notice.reason = Reason::oom;
    notice.detail = "killed for memory";
    notice.attempt = 2;
    notice.attempts = 3;
    notice.attempt_number = 5;
    notice.duration = Seconds{61};
    notice.fires = 2;
    notice.tail = "line one\nline two \xc3\xa9\n";
    notice.runbook = "https://runbooks.example/ingest";
    notice.retry_at = at(1'700'000'100);
    notice.cron_mail = CronMail{"ann", "load-bars", "cron@desk", "text/plain; charset=UTF-8", "8bit", true};
    notice.alert = 7;
    notice.open_since = at(1'700'000'050);
    notice.alert_runs = 4;
    notice.behind = "risk, report and 8 more";
    return notice;
}

Alert full_alert() {
    Alert alert;
    alert.run = 7;
    alert.job = JobName("ingest_bars");
    alert.fire = at(100);
    alert.kind = NoticeKind::missed;
    alert.opened = at(160);
    alert.told = at(170);
    alert.runs = 3;
    alert.acked = at(180);
    alert.acked_by = "ann";
    alert.ack_reason = "known";
    alert.closed = at(190);
    alert.closed_by = "root";
    alert.close_reason = "fixed";
    alert.told_as = {NoticeKind::missed, NoticeKind::late};
    alert.told_too = {{"mail:ann@example.com", {17, true}}};
    return alert;
}

JobRecord full_record() {
    return {JobName("ingest_bars"), "@open", at(30), false, Hold{at(31), at(99), "root"}, Hold{at(41), at(109), "ann"}};
}

SlackThread full_thread() { return {"slack:ops", 7, "C1", "17.5", R"({"text":"x"})", "#ops"}; }

}  // namespace mc

using namespace mc;

namespace {

// The index of the first member with its default value; -1 if there is none.
template <class Struct>
int first_default(const Struct& full) {
    const Struct plain{};
    const auto all = members(full), defaults = members(plain);
    int found = -1;
    const auto look = [&]<std::size_t... n>(std::index_sequence<n...>) {
        (void)((std::get<n>(all) == std::get<n>(defaults) ? (found = static_cast<int>(n), true) : false) || ...);
    };
    look(std::make_index_sequence<std::tuple_size_v<decltype(all)>>());
    return found;
}

// The columns that are equal in the two rows.
template <class Struct>
std::vector<std::string> alike(const Struct& full, const Struct& plain) {
    std::vector<std::string> names;
    store::TableOf<Struct>::with_columns(full, [&](const auto&... of_full) {
        store::TableOf<Struct>::with_columns(plain, [&](const auto&... of_plain) {
            const auto compare = [&](const char* name, bool is_alike) {
                if (is_alike) names.emplace_back(name);
            };
            (compare(of_full.name, of_full.field == of_plain.field), ...);
        });
    });
    return names;
}

}  // namespace

TEST_CASE("no member of a full row has its default value") {
    const Run run = full_run();
    CHECK(first_default<RunIdentity>(run) == -1);
    CHECK(first_default<RunProgress>(run) == -1);
    CHECK(first_default<RunWaits>(run) == -1);
    CHECK(first_default<RunOverrides>(run) == -1);
    CHECK(first_default(*run.start_options) == -1);
    CHECK(first_default(full_attempt()) == -1);
    CHECK(first_default(full_notice()) == -1);
    CHECK(first_default(*full_notice().cron_mail) == -1);
    CHECK(first_default(full_alert()) == -1);
    CHECK(first_default(full_alert().told_too.begin()->second) == -1);
    CHECK(first_default(full_record()) == -1);
    CHECK(first_default(*full_record().hold) == -1);
    CHECK(first_default(*full_record().ice) == -1);
    CHECK(first_default(full_thread()) == -1);
}

TEST_CASE("no column of a full row equals that of a default row") {
    const std::vector<std::string> none;
    CHECK(alike(full_run(), Run{}) == none);
    CHECK(alike(full_attempt(), Attempt{}) == none);
    CHECK(alike(full_alert(), Alert{}) == none);
    CHECK(alike(full_record(), JobRecord{}) == none);
    CHECK(alike(full_thread(), SlackThread{}) == none);
    CHECK(alike(store::StoredMessage{{full_notice(), 1, at(5), "no route"}, "{}"}, store::StoredMessage{}) == none);
}
