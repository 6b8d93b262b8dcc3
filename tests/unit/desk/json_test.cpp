// `runs --json`: the documented keys in their order, and the facts of a reason.
#include "desk/json.h"

#include <catch2/catch.hpp>

namespace mc::app {

namespace {

Instant at(std::int64_t seconds) { return Instant{Seconds{seconds}}; }

}  // namespace

TEST_CASE("a finished run as one line of JSON") {
    Run run;
    run.id = 17;
    run.job = JobName("ingest \"bars\"");
    run.fire = at(1'795'208'400);
    run.logical_date = Date{date::year{2026} / 11 / 20};
    run.session = run.logical_date;
    run.state = State::failed;
    run.origin = Origin::catch_up;
    run.reason = Reason::exit_code;
    run.attempt = 3;
    run.started = at(1'795'208'401);
    run.finished = at(1'795'208'461);
    run.exit_code = 3;
    run.signal = 9;
    run.max_rss_bytes = 8'000'000'000;
    run.cpu_seconds = 0.25;
    run.fires = 2;
    run.last_fire = at(1'795'208'460);
    run.detail = "exit code 3";
    run.reason_data = ReasonData(PoolFull{"db", 4});
    CHECK(run_json(run).dump() ==
          R"({"run":17,"job":"ingest \"bars\"","fire":"2026-11-20T21:00:00Z",)"
          R"("logical_date":"2026-11-20","session":"2026-11-20","origin":"catch_up","state":"failed",)"
          R"("reason":"exit_code","attempt":3,"started":"2026-11-20T21:00:01Z",)"
          R"("finished":"2026-11-20T21:01:01Z","exit_code":3,"signal":9,"max_rss_bytes":8000000000,)"
          R"("cpu_seconds":0.25,"fires":2,"last_fire":"2026-11-20T21:01:00Z","detail":"exit code 3",)"
          R"("reason_data":{"kind":"pool_full","pool":"db","slots":4}})");
    CHECK(read_run_json(run_json(run))->reason_data == run.reason_data);
}

TEST_CASE("unknown facts of a run are null") {
    Run run;
    run.id = 1;
    run.job = JobName("a");
    CHECK(run_json(run).dump() ==
          R"({"run":1,"job":"a","fire":"1970-01-01T00:00:00Z","logical_date":"1970-01-01",)"
          R"("session":null,"origin":"live","state":"scheduled","reason":null,"attempt":0,)"
          R"("started":null,"finished":null,"exit_code":null,"signal":null,"max_rss_bytes":null,)"
          R"("cpu_seconds":null,"fires":1,"last_fire":null,"detail":"","reason_data":null})");
}

TEST_CASE("a fire that only one of two plans has, or that moves") {
    Job job;
    job.name = JobName("eod");
    job.schedule.zone = Zone::utc();
    Fire fire{at(1'795'208'400), FireKey("key"), {}, Date{date::year{2026} / 11 / 20}, {}, false, {}};
    FireChange change{Change::added, nullptr, &job, {}, fire};
    CHECK(change_json(change).dump() ==
          R"({"run":null,"job":"eod","fire":"2026-11-20T21:00:00Z","logical_date":"2026-11-20","session":null,)"
          R"("change":"added","old_fire":null,"old_logical_date":null,"local":"2026-11-20T21:00:00+00:00"})");
    change = {Change::dropped, &job, nullptr, fire, {}};
    CHECK(change_json(change)["change"] == "dropped");
    CHECK(change_json(change)["fire"] == "2026-11-20T21:00:00Z");
    CHECK(change_json(change)["old_fire"].is_null());
    Fire later = fire;
    later.due += Seconds{60};
    later.session = later.logical_date;
    change = {Change::moved, &job, &job, fire, later};
    CHECK(change_json(change)["fire"] == "2026-11-20T21:01:00Z");
    CHECK(change_json(change)["session"] == "2026-11-20");
    CHECK(change_json(change)["old_fire"] == "2026-11-20T21:00:00Z");
    CHECK(change_json(change)["old_logical_date"] == "2026-11-20");
}

}  // namespace mc::app
