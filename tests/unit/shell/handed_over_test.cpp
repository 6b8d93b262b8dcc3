// A keeper that accepts launches and does nothing is noticed, one that is only busy is not.
#include "shell/handed_over.h"

#include <catch2/catch.hpp>

using namespace mc;
using namespace mc::app;
using Catch::Contains;

namespace {

Now at(int seconds) { return {Instant{Seconds{1'000'000'000 + seconds}}, Seconds{seconds}}; }
std::optional<Instant> never(AttemptName) { return std::nullopt; }

}  // namespace

TEST_CASE("a launch that has not started after some time is reported, with the keeper's pid, until it starts") {
    HandedOver handed;
    handed.add({7, 1}, "load", at(100));
    CHECK(handed.next() == Seconds{105});
    CHECK(handed.look(at(104), never).empty());
    CHECK(handed.look(at(105), never) == std::vector<AttemptName>{{7, 1}});  // the keeper is asked, once
    CHECK(handed.trouble(42).empty());
    CHECK(handed.next() == Seconds{110});
    CHECK(handed.look(at(110), never).empty());
    CHECK_THAT(handed.trouble(42), Contains("the keeper (process 42) has not answered since 2001-09-09T01:48:20Z") &&
                                       Contains("run 7 of load was handed to it") && Contains("kill -CONT 42"));
    CHECK(handed.next() == Seconds{115});
    handed.add({8, 1}, "load", at(112));
    CHECK_THAT(handed.trouble(42), Contains("run 7 of load (and 1 more)"));
    handed.look(at(115),
                [](AttemptName attempt) { return attempt.run == 7 ? std::optional(at(114).wall) : std::nullopt; });
    CHECK(handed.trouble(42).empty());
    CHECK(handed.next() == Seconds{117});
}

TEST_CASE(
    "an attempt that started at once is no later sign of life: a keeper that hangs after it is reported in time") {
    HandedOver handed;
    handed.add({7, 1}, "load", at(100));
    handed.add({8, 1}, "load", at(102));
    const auto first = [](AttemptName attempt) {
        return attempt.run == 7 ? std::optional(at(100).wall) : std::nullopt;
    };
    handed.look(at(110), first);
    CHECK(handed.next() == Seconds{112});
    handed.look(at(112), first);
    CHECK_THAT(handed.trouble(42), Contains("run 8 of load was handed to it"));
}

TEST_CASE("a result from the keeper is a sign of life, and needs no check") {
    HandedOver handed;
    handed.add({7, 1}, "load", at(100));
    handed.add({8, 1}, "load", at(100));
    handed.remove({7, 1}, at(109));
    handed.look(at(110), never);
    CHECK(handed.trouble(42).empty());  // it is busy
    handed.look(at(119), never);
    CHECK_FALSE(handed.trouble(42).empty());
    handed.remove({8, 1}, at(120));
    CHECK(handed.trouble(42).empty());
    CHECK_FALSE(handed.next());
}

TEST_CASE("a repeated launch keeps its first time, and with another keeper the list starts empty") {
    HandedOver handed;
    handed.add({7, 1}, "load", at(100));
    handed.add({7, 1}, "load", at(108));
    CHECK(handed.next() == Seconds{105});
    handed.look(at(110), never);
    CHECK_FALSE(handed.trouble(42).empty());
    handed.clear();
    CHECK(handed.trouble(42).empty());
    CHECK_FALSE(handed.next());
}
