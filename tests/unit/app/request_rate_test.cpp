#include "app/request_rate.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using mc::app::RequestRate;

TEST_CASE("sixty requests at once, then one a second") {
    RequestRate rate;
    for (int n = 0; n < 60; ++n) CHECK_FALSE(rate.refuse(1000, 100, 5s));
    CHECK(rate.refuse(1000, 100, 5s) == 1s);
    CHECK_FALSE(rate.refuse(1001, 100, 5s));  // another user
    CHECK(rate.refuse(1000, 100, 5500ms) == 1s);
    CHECK_FALSE(rate.refuse(1000, 100, 6s));
    CHECK(rate.refuse(1000, 100, 6s) == 1s);
    for (int n = 0; n < 60; ++n) CHECK_FALSE(rate.refuse(1000, 100, 1000s));  // no more is gathered
    CHECK(rate.refuse(1000, 100, 1000s));
}

TEST_CASE("a large request costs more") {
    RequestRate rate;
    CHECK_FALSE(rate.refuse(1000, 64 * 1024, 0s));
    CHECK(rate.refuse(1000, 64 * 1024, 0s) == 6s);
    CHECK_FALSE(rate.refuse(1000, 100, 0s));
    CHECK_FALSE(rate.refuse(1001, 100 << 20, 0s));  // more than the burst: all of it
    CHECK(rate.refuse(1001, 0, 0s) == 1s);
}

TEST_CASE("what changed nothing costs nothing") {
    RequestRate rate;
    for (int n = 0; n < 200; ++n) {
        CHECK_FALSE(rate.refuse(1000, 64 * 1024, 0s));
        rate.give_back(1000, 64 * 1024);
    }
    for (int n = 0; n < 60; ++n) CHECK_FALSE(rate.refuse(1000, 100, 0s));
    CHECK(rate.refuse(1000, 100, 0s) == 1s);
    rate.give_back(1000, 100);
    CHECK_FALSE(rate.refuse(1000, 100, 0s));
    CHECK(rate.refuse(1000, 100, 0s) == 1s);
    for (int n = 0; n < 100; ++n) rate.give_back(1001, 0);  // nobody's
    CHECK_FALSE(rate.refuse(1001, 64 * 1024, 0s));
    CHECK(rate.refuse(1001, 64 * 1024, 0s));
}

TEST_CASE("many users are not all remembered") {
    RequestRate rate;
    for (std::uint32_t uid = 0; uid < 5000; ++uid) CHECK_FALSE(rate.refuse(uid, 0, std::chrono::seconds(uid)));
}
