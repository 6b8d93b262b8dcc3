// The two implementations of LedgerView give the same answers for the same ledger: from the files and from the daemon.
#include "desk/ledger_view.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "exec/keeper.h"
#include "net/http_server.h"
#include "os/event_loop.h"
#include "store/open_store.h"
#include "support/control_room.h"
#include "unit/os/temporary.h"

using namespace mc;
using namespace mc::app;
using os::test::TemporaryDirectory;

namespace {

const char* const desk = R"(
[defaults]
command = "true"
[job.bars]
schedule = "@close+15m"
calendar = "XNYS"
[job.report]
after = ["bars"]
[job.yearly]
schedule = "0 9 1 6 *"
timezone = "Asia/Tokyo"
[job.idle]
enabled = false
schedule = "0 9 1 7 *"
)";

Instant at(const char* text) { return parse_instant(text).value(); }

Run run_of(RunId id, const std::string& job, const char* date, State state) {
    Run run;
    run.id = id;
    run.job = JobName(job);
    run.logical_date = parse_date(date).value();
    run.session = run.logical_date;
    run.fire = at((std::string(date) + "T21:15:00Z").c_str());
    run.key =
        job == "bars" ? FireKey::of_session(run.logical_date, "XNYS@close", 1, 0) : FireKey::of_date(run.logical_date);
    run.state = state;
    run.attempt = state == State::upstream_failed ? 0 : 1;
    run.finished = run.fire + Seconds{60};
    if (run.attempt > 0) run.started = run.fire;
    if (state == State::failed) run.exit_code = 3;
    if (state == State::failed) run.reason = Reason::exit_code;
    if (state == State::upstream_failed) run.reason = Reason::upstream_failed;
    return run;
}

// 15 runs, some failed, with an open and a closed alert; and a job that is no longer in the configuration.
StepWrites history() {
    StepWrites batch;
    RunId id = 0;
    for (const char* date : {"2026-10-05", "2026-10-06", "2026-10-07", "2026-10-08", "2026-10-09"}) {
        const bool failed = std::string_view(date) >= "2026-10-08";
        batch.inserted.push_back(run_of(++id, "bars", date, failed ? State::failed : State::success));
        batch.inserted.push_back(run_of(++id, "report", date, failed ? State::upstream_failed : State::success));
        batch.inserted.push_back(run_of(++id, "gone", date, State::success));
        if (!failed) continue;
        Alert alert;
        alert.run = id - 2;
        alert.job = JobName("bars");
        alert.fire = batch.inserted[batch.inserted.size() - 3].fire;
        alert.opened = alert.told = alert.fire + Seconds{60};
        if (std::string_view(date) == "2026-10-08") {
            alert.closed = alert.opened + Seconds{60};
            alert.closed_by = "root";
            alert.close_reason = "loaded by hand";
        }
        batch.alerts.push_back(alert);
    }
    batch.planned_through = at("2026-10-10T00:00:00Z");
    return batch;
}

// A daemon with that history, and both views of it, while a test needs them.
class Office {
   public:
    Office() : plan_(test::plan_of(desk)), state_(folder_ / "state") {
        std::filesystem::create_directory(state_);
        auto store = open_store(state_ + "/ledger.db", OpenMode::read_write).value();
        REQUIRE(store->commit(history()));
        room_ = std::make_unique<test::ControlRoom>(plan_, state_, std::move(store));
        opened_.plan = plan_;
        opened_.context = test::read_context();
        opened_.state = state_;
        opened_.socket = folder_ / "control";
        files_ = view_of_files(opened_);
        daemon_ = view_of_daemon(opened_);
    }

    // Asks from its own thread, while the daemon answers from this one.
    template <class Questions>
    void ask(Questions questions) {
        os::EventLoop loop;
        auto server = os::HttpServer::listen(loop, opened_.socket, 0600, [&](const os::HttpRequest& request) {
            const ControlAnswer answer = room_->control.answer({request.method,
                                                                request.path,
                                                                request.body,
                                                                request.query,
                                                                request.bad_query,
                                                                0,
                                                                {Access::Role::all, "root"}},
                                                               os::instant_now());
            return os::HttpReply{answer.status, answer.body, {}};
        });
        REQUIRE(server);
        os::MonotonicTimer look(loop, [&] {
            if (over_) loop.stop();
            else look.arm(os::monotonic_now().time_since_epoch() + std::chrono::milliseconds(10));
        });
        look.arm(os::monotonic_now().time_since_epoch());
        std::thread client([&] {
            questions(*files_, *daemon_);
            over_ = true;
        });
        loop.run();
        client.join();
    }

    void write_output(RunId run, const std::string& text) const {
        const std::string path = os::attempt_file(state_, run, 1, "output");
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        os::test::write_text(path, text);
    }

   private:
    TemporaryDirectory folder_;
    std::shared_ptr<const Plan> plan_;
    std::string state_;
    LoadedConfig opened_;
    std::unique_ptr<test::ControlRoom> room_;
    std::unique_ptr<LedgerView> files_, daemon_;
    std::atomic<bool> over_ = false;
};

std::string shown(const Run& run) { return run_json(run).dump(); }
std::string shown(const WhyLine& line) { return why_json(line).dump(); }
std::string shown(const Json& json) { return json.dump(); }

template <class T>
std::vector<std::string> shown(const Result<std::vector<T>>& list) {
    if (!list) return {"error: " + list.error().sentence()};
    std::vector<std::string> lines;
    for (const T& one : *list) lines.push_back(shown(one));
    return lines;
}

// Piece by piece, as `logs` does.
std::string whole_log(LedgerView& view, RunId run, int attempt) {
    std::string text;
    for (std::uint64_t offset = 0;;) {
        const auto piece = view.log(run, attempt, offset);
        if (!piece) return "error: " + piece.error().sentence();
        text += piece->text;
        offset = piece->next;
        if (piece->over) return text + " over: " + shown(piece->run) + (piece->shortened ? " shortened" : "");
    }
}

}  // namespace

TEST_CASE("runs are the same from the files and from the daemon") {
    Office office;
    office.ask([](LedgerView& files, LedgerView& daemon) {
        std::vector<RunFilter> filters(7);
        filters[1].jobs = {JobName("bars")};
        filters[2].jobs = {JobName("bars"), JobName("report")};
        filters[2].limit = 3;
        filters[3].jobs = {JobName("gone")};
        filters[4].state = State::failed;
        filters[5].from = parse_date("2026-10-06").value();
        filters[5].to = parse_date("2026-10-07").value();
        filters[6].limit = 0;
        for (const RunFilter& filter : filters) {
            const auto lines = shown(files.runs(filter));
            CHECK(lines == shown(daemon.runs(filter)));
            CHECK(lines.empty() == (filter.limit == 0));
        }
        CHECK(shown(files.runs({})).size() == 15);
        BackfillAsked of;
        of.jobs = {JobName("bars"), JobName("report")};
        of.from = parse_date("2026-10-05").value();
        of.to = parse_date("2026-10-09").value();
        const auto near = files.states({1, 2, 10, 99}, of), far = daemon.states({1, 2, 10, 99}, of);
        REQUIRE(near);
        REQUIRE(far);
        CHECK(*near == std::map<RunId, State>{{1, State::success}, {2, State::success}, {10, State::failed}});
        for (const auto& [id, state] : *near) CHECK(far->at(id) == state);
        CHECK_FALSE(far->contains(99));
    });
}

TEST_CASE("why, alerts and a backfill's list are the same from the files and from the daemon") {
    Office office;
    office.ask([](LedgerView& files, LedgerView& daemon) {
        for (const char* job : {"bars", "report", "gone", "yearly"})
            for (const char* date : {"2026-10-06", "2026-10-09", "2026-10-10", "2019-10-10", "2030-06-01"}) {
                INFO(job << " " << date);
                const auto lines = shown(files.why(job, parse_date(date).value()));
                CHECK_FALSE(lines.empty());
                if (!lines.front().starts_with("error"))
                    CHECK(lines == shown(daemon.why(job, parse_date(date).value())));
            }
        for (const AlertsAsked which : {AlertsAsked::open, AlertsAsked::all})
            CHECK(shown(files.alerts(which)) == shown(daemon.alerts(which)));
        CHECK(shown(files.alerts(AlertsAsked::open)).size() == 1);
        CHECK(shown(files.alerts(AlertsAsked::all)).size() == 2);
        BackfillAsked asked;
        asked.jobs = {JobName("bars")};
        asked.from = parse_date("2026-10-01").value();
        asked.to = parse_date("2026-10-09").value();
        asked.rerun = BackfillAsked::Rerun::failed;
        CHECK(shown(files.would_backfill(asked)) == shown(daemon.would_backfill(asked)));
        CHECK(shown(files.would_backfill(asked)).size() == 7);
    });
}

TEST_CASE("the next fires are the same from the files and from the daemon") {
    Office office;
    office.ask([](LedgerView& files, LedgerView& daemon) {
        for (const std::vector<std::string>& jobs :
             {std::vector<std::string>{}, {"yearly"}, {"bars"}, {"report"}, {"idle"}, {"yearly", "idle"}})
            for (const std::size_t n : {1U, 2U, 30U}) {
                const auto near = files.next(jobs, n), far = daemon.next(jobs, n);
                REQUIRE(near);
                REQUIRE(far);
                CHECK(shown(Result<std::vector<Json>>(near->fires)) == shown(Result<std::vector<Json>>(far->fires)));
                const bool is_idle = jobs == std::vector<std::string>{"idle"};  // it is disabled
                CHECK(near->fires.size() == (is_idle ? 0 : n));
            }
    });
}

TEST_CASE("an attempt's output is the same from the files and from the daemon") {
    Office office;
    office.write_output(1, "short\n");
    office.write_output(4, std::string(3'000'000, 'x') + "\xc3\xa4\n");
    office.ask([](LedgerView& files, LedgerView& daemon) {
        for (const RunId run : {1, 4, 7, 11})  // the last ones printed nothing, or never started
            for (const int attempt : {0, 1, 2}) {
                INFO(run << "." << attempt);
                const std::string text = whole_log(files, run, attempt);
                CHECK((text == whole_log(daemon, run, attempt)));
                CHECK(text.starts_with("error") == (attempt > (run == 11 ? 0 : 1)));
                const auto near = files.output(run, attempt), far = daemon.output(run, attempt);
                REQUIRE(near.has_value() == far.has_value());
                if (!near) continue;
                CHECK(near->attempt == far->attempt);
                CHECK(near->check.is_intact == far->check.is_intact);
                CHECK(near->check.seal == far->check.seal);
            }
        CHECK(whole_log(files, 1, 0).starts_with("short\n over"));
        const std::string none = "error: there is no run 99; marketcron runs lists them";
        for (LedgerView* view : {&files, &daemon}) CHECK(whole_log(*view, 99, 0) == none);
    });
}

TEST_CASE("both report that a job is unknown, but show its runs") {
    Office office;
    office.ask([](LedgerView& files, LedgerView& daemon) {
        for (LedgerView* view : {&files, &daemon}) {
            CHECK(shown(view->why("nothing", {})).front().starts_with("error: unknown job `nothing`"));
            CHECK(view->next({"nothing"}, 3).error().what.starts_with("unknown job"));
        }
        RunFilter filter;
        filter.jobs = {JobName("nothing")};
        CHECK(shown(files.runs(filter)).front().starts_with("error: unknown job `nothing`"));
        CHECK(shown(daemon.runs(filter)).empty());
    });
}
