#include "daemon/access.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "daemon/endpoint.h"

using namespace mc;
using namespace mc::app;

namespace {

Job job_of(const std::string& user) {
    Job job;
    job.user = user;
    return job;
}

// Whether the caller has the right that the endpoint of that path needs.
bool may(const Access& access, const std::string& path) {
    const auto& all = endpoints();
    const auto row = std::find_if(all.begin(), all.end(), [&](const Endpoint& one) { return one.path == path; });
    REQUIRE(row != all.end());
    return access.may(row->right);
}

}  // namespace

TEST_CASE("root and the daemon's own user may do everything") {
    const Access access = access_of({true, false, "root"});
    for (const char* path : {"/v1/status", "/v1/drain", "/v1/reload"}) CHECK(may(access, path));
    CHECK(access.sees(job_of("ann")));
    CHECK(access.sees(job_of("")));
}

TEST_CASE("the group marketcron reads and operates every job, but cannot end the daemon") {
    const Access access = access_of({false, true, "ann"});
    for (const char* path : {"/v1/status", "/v1/start", "/v1/reload", "/v1/notify-test"}) CHECK(may(access, path));
    CHECK_FALSE(may(access, "/v1/drain"));
    CHECK(access.sees(job_of("bob")));
}

TEST_CASE("another user sees and operates their own jobs") {
    const Access access = access_of({false, false, "ann"});
    for (const char* path : {"/v1/status", "/v1/runs", "/v1/next", "/v1/why", "/v1/logs", "/v1/alerts", "/v1/start",
                             "/v1/stop", "/v1/backfill", "/v1/hold", "/v1/release", "/v1/ice", "/v1/rerun", "/v1/mark",
                             "/v1/clear", "/v1/alert", "/v1/calendar-overrides"})
        CHECK(may(access, path));
    for (const char* path : {"/v1/drain", "/v1/reload", "/v1/notify-test", "/v1/calendar-override"})
        CHECK_FALSE(may(access, path));
    CHECK(access.sees(job_of("ann")));
    CHECK_FALSE(access.sees(job_of("bob")));
    CHECK_FALSE(access.sees(job_of("")));  // a job of the daemon's user
}

TEST_CASE("a uid without a name has no jobs, not even those of the daemon") {
    CHECK_FALSE(access_of({false, false, ""}).sees(job_of("")));
    for (const bool in_group : {false, true}) CHECK_FALSE(access_of({false, in_group, ""}).is_user_of(job_of("")));
}

TEST_CASE("a job's user is the caller of that name") {
    const Access access = access_of({false, true, "ann"});
    CHECK(access.is_user_of(job_of("ann")));
    for (const char* user : {"bob", ""}) CHECK_FALSE(access.is_user_of(job_of(user)));
}
