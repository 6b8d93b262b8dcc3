#include "daemon/request_rate.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using mc::app::RequestRate;
using mc::app::TimeBudget;

TEST_CASE("60 requests at once, then one a second") {
    RequestRate rate;
    for (int n = 0; n < 60; ++n) CHECK_FALSE(rate.refuse(1000, 100, 5s));
    CHECK(rate.refuse(1000, 100, 5s) == 1s);
    CHECK_FALSE(rate.refuse(1001, 100, 5s));  // another user
    CHECK(rate.refuse(1000, 100, 5500ms) == 1s);
    CHECK_FALSE(rate.refuse(1000, 100, 6s));
    CHECK(rate.refuse(1000, 100, 6s) == 1s);
    for (int n = 0; n < 60; ++n) CHECK_FALSE(rate.refuse(1000, 100, 1000s));  // the allowance does not grow further
    CHECK(rate.refuse(1000, 100, 1000s));
}

TEST_CASE("a large request costs more") {
    RequestRate rate;
    CHECK_FALSE(rate.refuse(1000, 64 * 1024, 0s));
    CHECK(rate.refuse(1000, 64 * 1024, 0s) == 6s);
    CHECK_FALSE(rate.refuse(1000, 100, 0s));
    CHECK_FALSE(rate.refuse(1001, 100 << 20, 0s));  // more than the whole burst: uses all of it
    CHECK(rate.refuse(1001, 0, 0s) == 1s);
}

TEST_CASE("a request that changed nothing costs nothing") {
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
    for (int n = 0; n < 100; ++n) rate.give_back(1001, 0);  // of a user who made no request
    CHECK_FALSE(rate.refuse(1001, 64 * 1024, 0s));
    CHECK(rate.refuse(1001, 64 * 1024, 0s));
}

TEST_CASE("not every one of many users is remembered") {
    RequestRate rate;
    for (std::uint32_t uid = 0; uid < 5000; ++uid) CHECK_FALSE(rate.refuse(uid, 0, std::chrono::seconds(uid)));
}

TEST_CASE("queries may take two seconds of the daemon's time, then a tenth of it") {
    TimeBudget budget;
    CHECK_FALSE(budget.refuse(1000, 5s));
    budget.spent(1000, 10ms, 5s);  // short queries cost nothing
    budget.spent(1000, 1500ms, 5s);
    CHECK_FALSE(budget.refuse(1000, 5s));
    budget.spent(1000, 2500ms, 8s);
    CHECK(budget.refuse(1000, 8s) == 18s);  // 1.7 s over, regained at a tenth of the passing time
    CHECK_FALSE(budget.refuse(1001, 8s));   // another user
    budget.spent(1002, 2s, 8s);             // exactly all of it
    CHECK(budget.refuse(1002, 8s) == 1s);
    CHECK_FALSE(budget.refuse(1002, 9s));
    CHECK(budget.refuse(1000, 24s));
    CHECK_FALSE(budget.refuse(1000, 26s));
    budget.spent(1000, 2s, 10000s);  // the allowance is at most two seconds
    CHECK(budget.refuse(1000, 10000s));
}

TEST_CASE("full budgets are forgotten") {
    TimeBudget budget;
    for (std::uint32_t uid = 1; uid < 3000; ++uid) budget.spent(uid, 3s, 0s);
    for (std::uint32_t uid = 1; uid < 3000; ++uid) CHECK(budget.refuse(uid, 1s));
    CHECK_FALSE(budget.refuse(1, 100s));
}
