// What `wait` may contain, and how an invalid entry is reported.
#include <catch2/catch.hpp>

#include "world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::string head = "[job.a]\nschedule = '@daily'\ncommand = 'true'\n";

std::string errors(const std::string& wait) { return errors_of(read(head + "wait = " + wait + "\n")); }

}  // namespace

TEST_CASE("every kind of sensor is read, with its defaults") {
    const auto plan = read(head + R"(
wait = [{ file = "data/x", stable = "30s", poll = "1s", timeout = "2h", on_timeout = "skip" },
        { http = "https://h/{{date}}", status = 204 }, { command = ["test", "-s", "x"] }, { command = "true" },
        { job = "b", of = "previous" }]
[job.b]
schedule = "@daily"
command = "true"
)");
    INFO(errors_of(plan));
    REQUIRE(plan);
    const auto& wait = *plan->jobs.at(JobName("a")).wait;
    REQUIRE(wait.size() == 5);
    CHECK(std::get<FileSensor>(wait[0].kind).path.text() == "/home/desk/data/x");
    CHECK(std::get<FileSensor>(wait[0].kind).stable == Seconds{30});
    CHECK(wait[0].poll == Seconds{1});
    CHECK(wait[0].timeout == Seconds{7200});
    CHECK(wait[0].on_timeout == Sensor::OnTimeout::skip);
    CHECK(std::get<HttpSensor>(wait[1].kind).status == std::vector{204});
    CHECK(wait[1].poll == Seconds{30});
    CHECK_FALSE(wait[1].timeout);
    CHECK(std::get<JobSensor>(wait[4].kind).previous);
    CHECK_FALSE(plan->jobs.at(JobName("b")).wait);
}

TEST_CASE("a sensor that checks for an object") {
    const auto plan = read(head + R"(
env = { AWS_ACCESS_KEY_ID = "id" }
secret_env = { AWS_SECRET_ACCESS_KEY = "/key" }
[[job.a.wait]]
s3 = "s3://bucket/in/{{date}}/a b"
[[job.a.wait]]
s3 = "s3://other/k"
region = "eu-west-2"
endpoint = "http://127.0.0.1:9000/"
access_key_file = "id"
secret_key_file = "/key"
session_token_file = "/token"
)");
    INFO(errors_of(plan));
    REQUIRE(plan);
    const auto& wait = *plan->jobs.at(JobName("a")).wait;
    const auto& own = std::get<S3Sensor>(wait.at(0).kind);
    CHECK(own.address.text() == "s3://bucket/in/{{date}}/a b");
    CHECK(own.signing.region == "us-east-1");
    CHECK(own.signing.service == "s3");
    CHECK(own.endpoint == "");
    const auto& other = std::get<S3Sensor>(wait.at(1).kind);
    CHECK(other.endpoint == "http://127.0.0.1:9000");
    CHECK(other.signing.region == "eu-west-2");
    CHECK(other.signing.access_key_file == "/home/desk/id");
    CHECK(other.signing.session_token_file == "/token");
}

TEST_CASE("an error in `wait` is reported with its place") {
    const auto says = [](const std::string& wait, const std::string& text) {
        INFO(wait);
        const std::string told = errors(wait);
        INFO(told);
        CHECK(told.find("jobs.toml:4:") != std::string::npos);
        CHECK(told.find(text) != std::string::npos);
    };
    says("'x'", "`wait` must be a list of sensors");
    says("['x']", "a sensor must be a table");
    says("[{ fil = '/x' }]", "`wait`; did you mean file?");
    says("[{ poll = '30s' }]", "does not say what it checks");
    says("[{ file = '/x', job = 'b' }]", "checks more than one thing");
    says("[{ file = '' }]", "non-empty");
    says("[{ file = '/{{sesion}}' }]", "sesion");
    says("[{ file = '/{{session}}' }]", "needs a calendar");
    says("[{ file = '/x', poll = '0s' }]", "at least 1s");
    says("[{ file = '/x', status = 200 }]", "belongs to a sensor with `http`");
    says("[{ file = '/x', ca_file = 'y' }]", "belongs to a sensor with `http` or `s3`");
    says("[{ command = 'x', stable = '1s' }]", "belongs to a sensor with `file`");
    says("[{ file = '/x', on_timeout = 'skip' }]", "needs a `timeout`");
    says("[{ file = '/x', timeout = '1h', on_timeout = 'skp' }]", "skip");
    says("[{ http = 'ftp://x' }]", "`http` is not a web address; write http = ");
    says("[{ http = 'https://u:p@h/' }]", "login");
    says("[{ http = 'https://h/', status = 103 }]", "from 200 to 599");
    says("[{ http = 'https://h/', status = [] }]", "an empty list");
    says("[{ http = 'https://h/a b' }]", "`http` has a space");
    says("[{ file = \"/x\\ny\" }]", "line break");
    says("[{ file = \"/x\\u0000y\" }]", "NUL");
    says("[{ file = '/x', stable = '1h', timeout = '1h' }]", "can never pass");
    says("[{ s3 = 's3://bucket/k' }]", "a sensor with `s3` of job \"a\" has no keys");
    const std::string keys = ", access_key_file = '/i', secret_key_file = '/k'";
    says("[{ s3 = 'https://bucket/k'" + keys + " }]", "is not the address of an object");
    says("[{ s3 = 's3://b/k'" + keys + " }]", "has no valid bucket name");
    says("[{ s3 = 's3://bucket'" + keys + " }]", "has no object key");
    says("[{ s3 = 's3://bucket/k', secret_key_file = '/k' }]", "half of a key pair");
    says("[{ s3 = 's3://bucket/k', endpoint = 'http://h/p'" + keys + " }]", "`endpoint` has a path");
    says("[{ file = '/x', region = 'eu-west-2' }]", "belongs to a sensor with `s3`");
    says("[{ job = 'nobody' }]", "`wait` names \"nobody\", which is not a job");
    says("[{ job = 'a' }]",
         "\"a\" waits for \"a\": none of them can ever start; remove one, or "
         "write { job = \"a\", of = \"previous\" }");
}
