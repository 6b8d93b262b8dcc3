// The test suite of RunStore's behaviour: the ledger in memory and the ledger in SQLite both pass it, and
// so must every future store.
#include <catch2/catch.hpp>

#include "full_rows.h"

using namespace mc;

ON_EVERY_STORE("an empty store contains nothing") {
    TestType world;
    const Recovered all = must(world.store->recover());
    CHECK(all.unfinished.empty());
    CHECK(all.jobs.empty());
    CHECK_FALSE(all.planned_through);
    CHECK(all.last_run == 0);
    CHECK(all.last_notice == 0);
    CHECK(all.last_batch == 0);
    CHECK(all.boot_id.empty());
    CHECK_FALSE(world.store->by_id(1).value());
    CHECK_FALSE(world.store->by_key(JobName("a"), FireKey("b")).value());
    CHECK(must(world.store->runs({})).empty());
    CHECK(must(world.store->pending(10)).empty());
    CHECK(world.store->commit({}));
}

ON_EVERY_STORE("the number of attempts that the runs in a range of numbers have started") {
    TestType world;
    must(world.store->commit(
        inserts({full_run(), make_run(8, "plain", 1'700'000'000), make_run(10, "x", 1'700'000'000)})));
    CHECK(must(world.store->begun(7, 9)) == std::map<RunId, int>{{7, 3}, {8, 0}});
    CHECK(must(world.store->begun(11, 99)).empty());
}

ON_EVERY_STORE("a run is read back with every field") {
    TestType world;
    const Run run = full_run();
    must(world.store->commit(inserts({run, make_run(8, "plain", 1'700'000'000)})));
    world.reopen();
    CHECK(world.store->by_id(7).value() == run);
    CHECK(world.store->by_key(run.job, run.key).value() == run);
    CHECK(world.store->by_id(8).value() == make_run(8, "plain", 1'700'000'000));
    CHECK_FALSE(world.store->by_key(JobName("plain"), run.key).value());
    CHECK(must(world.store->recover()).last_batch == 5);
}

ON_EVERY_STORE("an update changes every field but the identity") {
    TestType world;
    Run before = make_run(7, "ingest_bars", 5);
    before.key = full_run().key;
    must(world.store->commit(inserts({before})));
    must(world.store->commit(updates({full_run()})));
    world.reopen();
    CHECK(world.store->by_id(7).value() == full_run());
    CHECK(world.store->by_date(JobName("ingest_bars"), before.logical_date).value().empty());
    CHECK(world.store->by_date(JobName("ingest_bars"), full_run().logical_date).value().size() == 1);
    must(world.store->commit(updates({before})));
    CHECK(world.store->by_id(7).value() == before);
}

ON_EVERY_STORE("a run may be inserted and updated in one batch") {
    TestType world;
    StepWrites batch = inserts({make_run(1, "a", 100)});
    batch.updated = {make_run(1, "a", 100, State::running)};
    must(world.store->commit(batch));
    CHECK(world.store->by_id(1).value()->state == State::running);
}

ON_EVERY_STORE("nothing of a refused batch is stored") {
    TestType world;
    StepWrites first = inserts({make_run(1, "a", 100)});
    first.notices = {make_action(1, "a", 1)};
    must(world.store->commit(first));

    StepWrites second = inserts({make_run(2, "b", 100)});
    second.updated = {make_run(1, "a", 100, State::success)};
    second.attempts = {make_attempt(1, 1)};
    second.jobs = {JobRecord{JobName("b"), "@close", at(1), true}};
    second.notices = {make_notice(2, "b")};
    second.cancelled_actions = {1};
    second.planned_through = at(200);
    second.operator_note = "start b by root";
    SECTION("the same job and key under another id") { second.inserted.push_back(make_run(3, "a", 100)); }
    SECTION("the same job and key twice in the batch") { second.inserted.push_back(make_run(3, "b", 100)); }
    SECTION("the same id under another key") { second.inserted.push_back(make_run(1, "c", 100)); }
    SECTION("an update of no run") { second.updated.push_back(make_run(9, "c", 100)); }
    SECTION("an update that would rename a run") { second.updated.push_back(make_run(1, "c", 100)); }
    SECTION("an attempt of no run") { second.attempts.push_back(make_attempt(9, 1)); }
    SECTION("a notice that is there already") { second.notices.push_back(make_notice(1, "a")); }
    SECTION("a notice twice in the batch") { second.notices.push_back(make_notice(2, "b")); }

    const auto refused = world.store->commit(second);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == Error::Kind::store);
    world.reopen();
    CHECK(ids_of(must(world.store->runs({}))) == std::vector<RunId>{1});
    CHECK(world.store->by_id(1).value() == make_run(1, "a", 100));
    CHECK(must(world.store->attempts(1)).empty());
    CHECK(ids_of(must(world.store->pending(10))) == std::vector<std::int64_t>{1});
    const Recovered all = must(world.store->recover());
    CHECK(all.jobs.empty());
    CHECK_FALSE(all.planned_through);
    CHECK(all.last_run == 1);
    CHECK(all.last_notice == 1);

    // And the store still works.
    must(world.store->commit(inserts({make_run(2, "b", 100)})));
    CHECK(world.store->by_id(2).value());
}

ON_EVERY_STORE("a clear in progress and an ice are stored for the next daemon") {
    TestType world;
    Run ended = make_run(1, "a", 100, State::success), waits = make_run(2, "a", 200, State::waiting);
    ended.clearing = waits.clearing = 9;
    StepWrites batch = inserts({make_run(1, "a", 100, State::success), waits, make_run(3, "a", 300, State::success)});
    batch.updated = {ended};
    JobRecord record;
    record.job = JobName("a");
    record.ice = Hold{at(50), at(500), "root"};
    batch.jobs = {record};
    must(world.store->commit(batch));
    world.reopen();
    const Recovered all = must(world.store->recover());
    CHECK(ids_of(all.clearing) == std::vector<RunId>{1, 2});
    CHECK(all.last_batch == 9);
    REQUIRE(all.jobs.size() == 1);
    CHECK(all.jobs.front() == record);
    CHECK(all.jobs.front().iced());
    CHECK_FALSE(all.jobs.front().held());
}

ON_EVERY_STORE("recover gives exactly the unfinished runs, in order of id") {
    TestType world;
    StepWrites batch;
    for (int state = static_cast<int>(State::lost); state >= 0; --state)
        batch.inserted.push_back(make_run(100 - state, "job", state, static_cast<State>(state)));
    batch.planned_through = at(500);
    batch.coverage_told = at(400);
    must(world.store->commit(batch));
    must(world.store->remember_boot("c0ffee"));
    world.reopen();
    Recovered all = must(world.store->recover());
    CHECK(ids_of(all.unfinished) == std::vector<RunId>{96, 97, 98, 99, 100});
    CHECK(all.planned_through == at(500));
    CHECK(all.last_run == 100);
    CHECK(all.boot_id == "c0ffee");

    must(world.store->commit(updates({make_run(98, "job", 2, State::success)})));
    must(world.store->commit(updates({make_run(88, "job", 12, State::waiting)})));
    all = must(world.store->recover());
    CHECK(ids_of(all.unfinished) == std::vector<RunId>{88, 96, 97, 99, 100});
    CHECK(all.planned_through == at(500));
    CHECK(all.coverage_told == at(400));
}

ON_EVERY_STORE("by_date gives the job's runs of that date, oldest fire first") {
    TestType world;
    Run late = make_run(1, "a", 86'400 + 300);
    Run early = make_run(2, "a", 86'400 + 100);
    Run other_day = make_run(3, "a", 86'400 + 200);
    other_day.logical_date = make_date(1970, 1, 1);
    must(world.store->commit(inserts({late, early, other_day, make_run(4, "b", 86'400 + 100)})));
    CHECK(ids_of(world.store->by_date(JobName("a"), make_date(1970, 1, 2)).value()) == std::vector<RunId>{2, 1});
    CHECK(ids_of(world.store->by_date(JobName("a"), make_date(1970, 1, 1)).value()) == std::vector<RunId>{3});
    CHECK(world.store->by_date(JobName("b"), make_date(1970, 1, 1)).value().empty());
    CHECK(world.store->by_date(JobName("c"), make_date(1970, 1, 2)).value().empty());
}

ON_EVERY_STORE("runs are filtered by all criteria, newest fire first") {
    TestType world;
    const std::int64_t day = 86'400;
    must(world.store->commit(inserts({
        make_run(1, "a", 1 * day, State::success),
        make_run(2, "a", 3 * day, State::failed),
        make_run(3, "b", 2 * day, State::failed),
        make_run(4, "b", 3 * day, State::running),
        make_run(5, "c", 4 * day, State::success),
        make_run(6, "a'; --", 0, State::skipped),
    })));
    const auto ids = [&](RunFilter filter) { return ids_of(must(world.store->runs(filter))); };
    const auto date = [](unsigned n) { return make_date(1970, 1, n + 1); };
    using Ids = std::vector<RunId>;
    CHECK(ids({}) == Ids{5, 4, 2, 3, 1, 6});
    CHECK(ids({.limit = 2}) == Ids{5, 4});
    CHECK(ids({.limit = 0}).empty());
    CHECK(ids({.before = {{at(3 * day), 4}}}) == Ids{2, 3, 1, 6});
    CHECK(ids({.before = {{at(3 * day), 4}}, .limit = 1}) == Ids{2});
    CHECK(ids({.jobs = {JobName("a"), JobName("b")}, .before = {{at(3 * day), 2}}}) == Ids{3, 1});
    CHECK(ids({.before = {{at(0), 6}}}).empty());
    CHECK(ids({.jobs = {JobName("a")}}) == Ids{2, 1});
    CHECK(ids({.jobs = {JobName("a")}, .limit = 1}) == Ids{2});
    CHECK(ids({.jobs = {JobName("a"), JobName("c"), JobName("nobody")}}) == Ids{5, 2, 1});
    CHECK(ids({.jobs = {JobName("a'; --")}}) == Ids{6});
    CHECK(ids({.jobs = {JobName("\xff"), JobName("a'; --")}}) == Ids{6});
    CHECK(ids({.from = date(3)}) == Ids{5, 4, 2});
    CHECK(ids({.to = date(1)}) == Ids{1, 6});
    CHECK(ids({.from = date(2), .to = date(3)}) == Ids{4, 2, 3});
    CHECK(ids({.state = State::failed}) == Ids{2, 3});
    CHECK(ids({.state = State::success}) == Ids{5, 1});
    CHECK(ids({.state = State::missed}).empty());
    CHECK(ids({.jobs = {JobName("b")}, .from = date(3), .state = State::running, .limit = 5}) == Ids{4});
    CHECK(ids({.jobs = {JobName("a"), JobName("b")}, .to = date(3), .state = State::failed, .limit = 1}) == Ids{2});
}

ON_EVERY_STORE("a run is found by its date, however far that is from its fire") {
    TestType world;
    const std::int64_t day = 86'400;
    std::vector<Run> runs;
    for (int i = 0; i < 6; ++i) runs.push_back(make_run(i + 1, "a", 500 * day + i, State::success));
    for (int i = 0; i < 6; ++i)
        runs[static_cast<std::size_t>(i)].logical_date = make_date(1970, 1, 1) + date::days{500 + (i - 3) * 10};
    runs.push_back(make_run(7, "a", 600 * day, State::failed));
    runs.back().logical_date = make_date(1970, 1, 1) + date::days{500};
    must(world.store->commit(inserts(runs)));
    const auto ids = [&](RunFilter filter) { return ids_of(must(world.store->runs(filter))); };
    const auto date = [](int n) { return make_date(1970, 1, 1) + date::days{n}; };
    using Ids = std::vector<RunId>;
    CHECK(ids({.from = date(480), .to = date(510)}) == Ids{7, 5, 4, 3, 2});
    CHECK(ids({.from = date(480), .to = date(510), .before = {{at(500 * day + 3), 4}}}) == Ids{3, 2});
    CHECK(ids({.from = date(500), .to = date(500)}) == Ids{7, 4});
    CHECK(ids({.to = date(479)}) == Ids{1});
    CHECK(ids({.from = date(511)}) == Ids{6});
    CHECK(ids({.jobs = {JobName("a")}, .from = date(400), .limit = 2}) == Ids{7, 6});
    CHECK(ids({.from = date(400), .state = State::failed}) == Ids{7});
}

ON_EVERY_STORE("a shared row is found by each date that it spans") {
    TestType world;
    const std::int64_t day = 86'400;
    Run shared = make_run(1, "a", 1 * day, State::missed);
    shared.fires = 4;
    shared.last_fire = at(4 * day);
    must(world.store->commit(inserts({shared, make_run(2, "b", 3 * day, State::success)})));
    const auto ids = [&](RunFilter filter) { return ids_of(must(world.store->runs(filter))); };
    const auto date = [](unsigned n) { return make_date(1970, 1, n + 1); };
    using Ids = std::vector<RunId>;
    CHECK(ids({.from = date(3), .to = date(3)}) == Ids{2, 1});
    CHECK(ids({.from = date(4)}) == Ids{1});
    CHECK(ids({.from = date(1)}) == Ids{2, 1});
    CHECK(ids({.from = date(5)}).empty());
    CHECK(ids({.to = date(0)}).empty());
    CHECK(ids({.jobs = {JobName("b")}, .from = date(3)}) == Ids{2});
    CHECK(ids({.from = date(3), .state = State::missed}) == Ids{1});
    CHECK(ids({.from = date(3), .limit = 1}) == Ids{2});
}

ON_EVERY_STORE("a finished run with a future deadline is owed until its deadline is removed") {
    TestType world;
    Run late = make_run(1, "a", 1);
    late.state = State::failed;
    late.deadline = at(50);
    Run waits = make_run(2, "a", 2);
    waits.deadline = at(60);
    must(world.store->commit(inserts({late, waits})));
    world.reopen();
    CHECK(ids_of(must(world.store->recover()).owed) == std::vector<RunId>{1});
    CHECK(ids_of(must(world.store->recover()).unfinished) == std::vector<RunId>{2});
    late.deadline.reset();
    StepWrites told;
    told.updated = {late};
    must(world.store->commit(told));
    world.reopen();
    CHECK(must(world.store->recover()).owed.empty());
}

ON_EVERY_STORE("the output of an attempt is unsealed until its seal is stored") {
    TestType world;
    must(world.store->commit(inserts({make_run(1, "a", 1), make_run(2, "a", 2)})));
    StepWrites batch;
    batch.attempts = {make_attempt(1, 1), make_attempt(1, 2), make_attempt(2, 1)};
    must(world.store->commit(batch));
    using Names = std::vector<AttemptName>;
    CHECK(must(world.store->unsealed(10)) == Names{{1, 1}, {1, 2}, {2, 1}});
    CHECK(must(world.store->unsealed(2)) == Names{{1, 1}, {1, 2}});
    CHECK_FALSE(must(world.store->output_seal({1, 1})));
    const OutputSeal seal{std::string(64, 'a'), 12}, nothing;
    must(world.store->keep_seal({1, 1}, seal));
    must(world.store->keep_seal({2, 1}, nothing));
    must(world.store->keep_seal({9, 1}, seal));  // pruned meanwhile
    CHECK(must(world.store->unsealed(10)) == Names{{1, 2}});
    CHECK(must(world.store->output_seal({1, 1})) == seal);
    CHECK(must(world.store->output_seal({2, 1})) == nothing);
    CHECK_FALSE(must(world.store->output_seal({9, 1})));
}

ON_EVERY_STORE("attempts are stored by run and number, and the last write counts") {
    TestType world;
    must(world.store->commit(inserts({make_run(1, "a", 1), make_run(2, "a", 2)})));
    Attempt lost = make_attempt(1, 1);
    lost.state = State::lost;
    Attempt second = make_attempt(1, 2);
    second.reason = Reason::signal;
    second.signal = 9;
    second.max_rss_bytes = 5'000'000'000;
    second.cpu_seconds = 0.5;
    Attempt first = lost;
    first.state = State::success;
    first.exit_code = 0;
    StepWrites batch;
    batch.attempts = {second, lost, make_attempt(2, 1)};
    must(world.store->commit(batch));
    batch.attempts = {first};
    must(world.store->commit(batch));
    world.reopen();
    CHECK(must(world.store->attempts(1)) == std::vector<Attempt>{first, second});
    CHECK(must(world.store->attempts(2)).size() == 1);
    CHECK(must(world.store->attempts(3)).empty());
}

ON_EVERY_STORE("job records are stored, replaced and removed") {
    TestType world;
    const JobRecord a{JobName("a"), "0 6 * * *", at(10), true};
    const JobRecord b{JobName("b"), "@close", at(20), false};
    StepWrites batch;
    batch.jobs = {b, a};
    must(world.store->commit(batch));
    CHECK(must(world.store->recover()).jobs == std::vector<JobRecord>{a, b});
    const JobRecord edited{JobName("b"), "@open", at(30), true, Hold{at(31), at(99), "root"}};
    StepWrites next;
    next.jobs = {edited};
    next.removed_jobs = {JobName("a"), JobName("never there")};
    must(world.store->commit(next));
    world.reopen();
    CHECK(must(world.store->recover()).jobs == std::vector<JobRecord>{edited});
    CHECK(world.store->record_of(JobName("b")).value() == edited);
    CHECK_FALSE(world.store->record_of(JobName("a")).value());
}

ON_EVERY_STORE("an attempt, a job's record, an alert and a thread are read back with every field") {
    TestType world;
    StepWrites batch = inserts({full_run()});
    batch.attempts = {full_attempt()};
    batch.jobs = {full_record()};
    batch.alerts = {full_alert()};
    must(world.store->commit(batch));
    must(world.store->keep_thread(full_thread()));
    world.reopen();
    CHECK(must(world.store->attempts(7)) == std::vector<Attempt>{full_attempt()});
    CHECK(world.store->record_of(JobName("ingest_bars")).value() == full_record());
    CHECK(must(world.store->alerts(AlertsAsked::all)) == std::vector<Alert>{full_alert()});
    CHECK(must(world.store->thread("slack:ops", 7)) == full_thread());
    using Closed = std::vector<std::pair<SlackThread, Alert>>;
    CHECK(must(world.store->closed_threads()) == Closed{{full_thread(), full_alert()}});
}

ON_EVERY_STORE("a notice is read back with every field") {
    TestType world;
    must(world.store->commit(tells({full_notice()})));
    world.reopen();
    const auto rows = must(world.store->pending(10));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].notice == full_notice());
    CHECK(rows[0].tries == 0);
    CHECK_FALSE(rows[0].next_try);
    CHECK(rows[0].last_error.empty());
}

ON_EVERY_STORE("the outbox gives undelivered notices, oldest first") {
    TestType world;
    using Ids = std::vector<std::int64_t>;
    must(world.store->commit(tells({make_notice(3, "a"), make_notice(1, "b"), make_notice(2, "a")})));
    must(world.store->commit(tells({make_notice(4, "c"), make_notice(5, "c")})));
    CHECK(ids_of(must(world.store->pending(100))) == Ids{1, 2, 3, 4, 5});
    CHECK(ids_of(must(world.store->pending(2))) == Ids{1, 2});

    must(world.store->try_later({1, 2}, at(60), "500 Internal Server Error"));
    must(world.store->try_later({1}, at(120), "no answer"));
    must(world.store->delivered({3}, at(50)));
    must(world.store->given_up({4, 5}, at(70), "404: no such webhook"));
    // Settled notices do not change.
    must(world.store->try_later({3, 4, 5}, at(80), "late answer"));
    world.reopen();

    const auto rows = must(world.store->pending(100));
    REQUIRE(ids_of(rows) == Ids{1, 2});
    CHECK(rows[0].tries == 2);
    CHECK(rows[0].next_try == at(120));
    CHECK(rows[0].last_error == "no answer");
    CHECK(rows[1].tries == 1);
    CHECK(rows[1].next_try == at(60));
    CHECK(must(world.store->recover()).last_notice == 5);
}

ON_EVERY_STORE("a cancelled action is not sent; notifications about its run are") {
    TestType world;
    Notice told = make_notice(3, "lunch");
    told.run = 1;
    must(world.store->commit(tells({make_action(1, "lunch", 1), make_action(2, "lunch", 2), told})));
    StepWrites cancel;
    cancel.cancelled_actions = {1, 77};
    must(world.store->commit(cancel));
    CHECK(ids_of(must(world.store->pending(10))) == std::vector<std::int64_t>{2, 3});
    // An action in the same batch is the run's next attempt.
    StepWrites both = tells({make_action(4, "lunch", 2)});
    both.cancelled_actions = {2};
    must(world.store->commit(both));
    world.reopen();
    CHECK(ids_of(must(world.store->pending(10))) == std::vector<std::int64_t>{3, 4});
}

ON_EVERY_STORE("prune removes old finished runs, oldest first, and their attempts") {
    TestType world;
    StepWrites batch = inserts({make_run(1, "a", 300, State::success), make_run(2, "a", 100, State::failed),
                                make_run(3, "a", 200, State::running), make_run(4, "a", 250, State::missed),
                                make_run(5, "a", 400, State::success)});
    batch.attempts = {make_attempt(2, 1), make_attempt(5, 1)};
    Notice undelivered = make_notice(1, "a");
    undelivered.run = 2;
    batch.notices = {undelivered};
    must(world.store->commit(batch));

    using Ids = std::vector<RunId>;
    CHECK(must(world.store->prune(at(400), 2)) == Ids{2, 4});
    CHECK(must(world.store->prune(at(400), 2)) == Ids{1});
    CHECK(must(world.store->prune(at(400), 2)).empty());
    world.reopen();
    CHECK(ids_of(must(world.store->runs({}))) == Ids{5, 3});
    CHECK_FALSE(world.store->by_key(JobName("a"), FireKey("fire 100")).value());
    CHECK(must(world.store->attempts(2)).empty());
    CHECK(must(world.store->attempts(5)).size() == 1);
    CHECK(ids_of(must(world.store->pending(10))) == std::vector<std::int64_t>{1});

    // A recently backfilled run is kept, however old its fire.
    Run late = make_run(6, "a", 50, State::success);
    late.finished = at(500);
    must(world.store->commit(inserts({late})));
    CHECK(must(world.store->prune(at(350), 10)).empty());
    CHECK(must(world.store->prune(at(501), 10)) == Ids{6, 5});

    // Ids are never reused, even after the newest run was removed.
    world.reopen();
    CHECK(must(world.store->recover()).last_run == 6);
}

ON_EVERY_STORE("alerts are stored and replaced; a prune keeps the runs of open ones") {
    TestType world;
    Alert a;
    a.run = 1;
    a.job = JobName("a");
    a.fire = at(100);
    a.kind = NoticeKind::missed;
    a.opened = at(160);
    a.told = at(170);
    a.runs = 3;
    a.told_as = {NoticeKind::missed, NoticeKind::late};
    a.told_too = {{"mail:ann@example.com", {17, true}}, {"slack:books", {0, false}}};
    Alert b = a;
    b.run = 2;
    b.job = JobName("b");
    b.opened = at(150);
    StepWrites batch = inserts({make_run(1, "a", 100, State::missed), make_run(2, "b", 100, State::failed)});
    batch.alerts = {a, b};
    must(world.store->commit(batch));
    world.reopen();
    CHECK(must(world.store->recover()).alerts == std::vector<Alert>{b, a});
    b.acked = at(180);
    b.acked_by = "ann";
    b.ack_reason = "known";
    a.closed = at(190);
    a.closed_by = "root";
    a.close_reason = "mended";
    StepWrites later;
    later.alerts = {a, b};
    must(world.store->commit(later));
    world.reopen();
    CHECK(must(world.store->alerts(AlertsAsked::open)) == std::vector<Alert>{b});
    CHECK(must(world.store->alerts(AlertsAsked::all)) == std::vector<Alert>{b, a});
    const SlackThread thread{"slack:ops", 1, "C1", "17.5", "{}", "#ops"};
    must(world.store->keep_thread({"slack:ops", 1, "C1", "16.5", "{}", "#ops"}));
    must(world.store->keep_thread(thread));
    must(world.store->keep_thread({"slack:ops", 2, "C1", "18.5", "{}", "C1"}));
    world.reopen();
    CHECK(must(world.store->thread("slack:ops", 1)) == thread);
    CHECK_FALSE(must(world.store->thread("slack:books", 1)));
    using Closed = std::vector<std::pair<SlackThread, Alert>>;
    CHECK(must(world.store->closed_threads()) == Closed{{thread, a}});
    StepWrites message;
    message.notices = {make_notice(1, "a")};
    must(world.store->commit(message));
    CHECK(must(world.store->closed_threads()).empty());
    must(world.store->delivered({1}, at(200)));
    must(world.store->drop_thread("slack:ops", 2));
    CHECK_FALSE(must(world.store->thread("slack:ops", 2)));
    CHECK(must(world.store->prune(at(1000), 10)) == std::vector<RunId>{1});
    CHECK_FALSE(must(world.store->thread("slack:ops", 1)));
    CHECK(must(world.store->alerts(AlertsAsked::all)) == std::vector<Alert>{b});
}
