// `runs --json`: the keys of SPEC 4, all of them, no others, in their order.
#include "store/run_json.h"

#include <catch2/catch.hpp>

#include "worlds.h"

using namespace mc;

TEST_CASE("a run that ended, as one line of JSON") {
    Run run = make_run(17, "ingest \"bars\"", 1'795'208'400, State::failed);
    run.session = make_date(2026, 11, 20);
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
    CHECK(run_json(run) == R"({"run":17,"job":"ingest \"bars\"","fire":"2026-11-20T21:00:00Z",)"
                           R"("logical_date":"2026-11-20","session":"2026-11-20","origin":"catch_up","state":"failed",)"
                           R"("reason":"exit_code","attempt":3,"started":"2026-11-20T21:00:01Z",)"
                           R"("finished":"2026-11-20T21:01:01Z","exit_code":3,"signal":9,"max_rss_bytes":8000000000,)"
                           R"("cpu_seconds":0.25,"fires":2,"last_fire":"2026-11-20T21:01:00Z"})");
}

TEST_CASE("what is not known of a run is null") {
    CHECK(run_json(make_run(0, "a", 0)) ==
          R"({"run":null,"job":"a","fire":"1970-01-01T00:00:00Z","logical_date":"1970-01-01",)"
          R"("session":null,"origin":"live","state":"scheduled","reason":null,"attempt":0,)"
          R"("started":null,"finished":null,"exit_code":null,"signal":null,"max_rss_bytes":null,)"
          R"("cpu_seconds":null,"fires":1,"last_fire":null})");
}
