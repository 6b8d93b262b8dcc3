// A keeper that takes launches and does nothing is noticed, and one that is merely busy is not.
#include "shell/handed_over.h"

#include <catch2/catch.hpp>

using namespace mc;
using namespace mc::app;
using Catch::Contains;

namespace {

Now at(int seconds) { return {Instant{Seconds{1'000'000'000 + seconds}}, Seconds{seconds}}; }
std::optional<Instant> never(AttemptName) { return std::nullopt; }

}  // namespace

TEST_CASE("a launch that has not begun after a while is told, with the keeper's process, until it begins") {
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

TEST_CASE("what began when it was handed over is no sign of life since: a keeper that hangs after it is told in time") {
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

TEST_CASE("an end that the keeper tells is a sign of its life, and asks for no look") {
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

TEST_CASE("one that is asked for again was asked for first, and with another keeper all begins anew") {
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
