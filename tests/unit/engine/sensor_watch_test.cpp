// Sensors of due runs: when they are checked, and what an answer means.
#include <catch2/catch.hpp>

#include "unit/engine/parts_fixture.h"

using namespace mc;
using namespace mc::test;

namespace {

struct Desk : Bench {
    const Run* waits;
    explicit Desk(const std::string& sensor)
        : Bench("[job.a]\nschedule = '0 6 * * *'\nwait = [" + sensor + "]\n", "2026-11-20T05:00:00Z"), waits(nullptr) {
        set("2026-11-20T06:00:00Z");
        waits = &run("a", "2026-11-20T06:00:00Z");
    }
    bool lets_start() { return parts.sensors.lets_start(job("a"), *waits); }
    std::vector<Probe> probes() {
        std::vector<Probe> all;
        for (const Action& action : std::exchange(parts.step.effects, {}))
            if (const auto* probe = std::get_if<Probe>(&action)) all.push_back(*probe);
        return all;
    }
    void answer(const Probe& probe, bool passed, const std::string& text = "") {
        parts.sensors.answered({{{probe.run, probe.sensor, probe.look, passed, text, {}}}});
    }
};

const std::string file = "{ file = '/data/x', poll = '30s', timeout = '1h' }";

}  // namespace

TEST_CASE("sensors: a run waits until its sensor has passed") {
    Desk d(file);
    CHECK_FALSE(d.lets_start());
    CHECK(d.waits->reason == Reason::sensor);
    CHECK(d.waits->sensing_since == utc("2026-11-20T06:00:00Z"));
    const auto probes = d.probes();
    REQUIRE(probes.size() == 1);
    CHECK(probes.front().what == "/data/x");
    CHECK_FALSE(d.lets_start());
    CHECK(d.probes().empty());  // a check is in progress
    d.answer(probes.front(), true);
    CHECK(d.lets_start());
    CHECK(d.waits->state == State::queued);
    CHECK_FALSE(d.waits->sensing_since);
}

TEST_CASE("sensors: a sensor that has not passed is checked again within `poll`") {
    Desk d(file);
    (void)d.lets_start();
    d.answer(d.probes().front(), false, "Permission denied");
    CHECK_FALSE(d.lets_start());
    CHECK(d.waits->detail.ends_with(": Permission denied"));
    Wake wake;
    d.parts.sensors.add_wakes(wake);
    REQUIRE(wake.up);
    CHECK(*wake.up > d.parts.step.now.up);
    CHECK(*wake.up <= d.parts.step.now.up + Seconds{31});
    d.set(d.parts.step.now.wall + (*wake.up - d.parts.step.now.up));
    (void)d.lets_start();
    CHECK(d.probes().size() == 1);
}

TEST_CASE("sensors: a timeout ends the run, after one more check") {
    Desk d(file);
    (void)d.lets_start();
    d.answer(d.probes().front(), false);
    d.set("2026-11-20T07:00:00Z");
    CHECK_FALSE(d.lets_start());
    const auto last = d.probes();
    REQUIRE(last.size() == 1);
    CHECK(d.waits->state == State::waiting);
    d.answer(last.front(), false);
    CHECK_FALSE(d.lets_start());
    CHECK(d.waits->state == State::failed);
    CHECK(d.waits->reason == Reason::sensor_timeout);
}

TEST_CASE("sensors: a run that waits for something else again forgets what its sensors found") {
    Desk d(file);
    (void)d.lets_start();
    const auto probes = d.probes();
    d.parts.sensors.stop(*d.waits);
    CHECK_FALSE(d.waits->sensing_since);
    d.answer(probes.front(), true);  // the answer to a check that was given up
    CHECK_FALSE(d.lets_start());
}

TEST_CASE("sensors: an operator who bypasses a run's gates also bypasses its sensors") {
    Desk d(file);
    d.parts.book.bypass_gates(*d.waits);
    CHECK(d.lets_start());
}
