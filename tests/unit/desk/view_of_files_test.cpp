// The output of an attempt, read from the files: its pieces, and when it is over.
#include <catch2/catch.hpp>
#include <filesystem>

#include "desk/ledger_view.h"
#include "exec/keeper.h"
#include "store/open_store.h"
#include "support/context.h"
#include "unit/os/temporary.h"

using namespace mc;
using namespace mc::app;
using os::test::TemporaryDirectory;

namespace {

constexpr const char* desk = "[job.load]\nschedule = \"0 9 * * *\"\ntimezone = \"UTC\"\ncommand = \"true\"\n";

// A ledger with one run.
class Desk {
   public:
    Desk(State state, int attempt) {
        opened_.plan = std::make_shared<const Plan>(read_plan({"desk.toml", desk}, test::read_context()).value());
        opened_.context = test::read_context();
        opened_.state = folder_.path();
        Run run;
        run.id = 1;
        run.job = JobName("load");
        run.logical_date = parse_date("2026-10-05").value();
        run.fire = parse_instant("2026-10-05T09:00:00Z").value();
        run.key = FireKey::of_date(run.logical_date);
        run.state = state;
        run.attempt = attempt;
        StepWrites batch;
        batch.inserted.push_back(run);
        REQUIRE(open_store(opened_.state + "/ledger.db", OpenMode::read_write).value()->commit(batch));
        view_ = view_of_files(opened_);
    }

    void print(int attempt, const std::string& text) const {
        const std::string path = os::attempt_file(opened_.state, 1, attempt, "output");
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        os::test::write_text(path, text);
    }
    LedgerView& view() { return *view_; }

   private:
    TemporaryDirectory folder_;
    LoadedConfig opened_;
    std::unique_ptr<LedgerView> view_;
};

}  // namespace

TEST_CASE("an output is over at its end, once its attempt has ended") {
    Desk ended(State::success, 1);
    ended.print(1, "one\ntwo\n");
    const LogPiece first = ended.view().log(1, 0, 0).value();
    CHECK(first.text == "one\ntwo\n");
    CHECK(first.next == 8);
    CHECK_FALSE(first.over);
    CHECK(first.run.id == 1);
    const LogPiece last = ended.view().log(1, 0, first.next).value();
    CHECK(last.text.empty());
    CHECK(last.next == 8);
    CHECK(last.over);
    CHECK_FALSE(last.shortened);
}

TEST_CASE("the output of a running attempt is not over at its end, that of an earlier attempt is") {
    Desk running(State::running, 2);
    running.print(1, "failed\n");
    running.print(2, "again\n");
    CHECK(running.view().log(1, 0, 0)->text == "again\n");  // the latest
    CHECK_FALSE(running.view().log(1, 2, 6)->over);
    CHECK(running.view().log(1, 1, 0)->text == "failed\n");
    CHECK_FALSE(running.view().log(1, 1, 0)->over);
    CHECK(running.view().log(1, 1, 7)->over);
    running.print(2, "again\nmore\n");
    CHECK(running.view().log(1, 2, 6)->text == "more\n");
}

TEST_CASE("a run or an attempt that does not exist is an error") {
    Desk ended(State::success, 1);
    CHECK(ended.view().log(2, 0, 0).error().kind == Error::Kind::usage);
    CHECK(ended.view().log(1, 2, 0).error().kind == Error::Kind::usage);
    CHECK(ended.view().output(1, 2).error().kind == Error::Kind::usage);
}
