#include "config/http_call.h"

#include <catch2/catch.hpp>

#include "config/job_parts.h"
#include "config/warnings.h"
#include "world.h"

using namespace mc;
using namespace mc::test;

namespace {

Plan good(const std::string& text) {
    ResultAll<Plan> plan = read(text);
    INFO(errors_of(plan));
    REQUIRE(plan);
    return *std::move(plan);
}

const HttpCall& call_of(const Plan& plan, const std::string& job) {
    return *std::get<HttpAction>(plan.jobs.at(JobName(job)).action);
}

std::vector<std::string> shown(const std::vector<HttpHeader>& headers) {
    std::vector<std::string> texts;
    for (const HttpHeader& header : headers)
        texts.push_back(header.name + ": " + header.value.text.text() + header.value.secret_file);
    std::sort(texts.begin(), texts.end());
    return texts;
}

}  // namespace

TEST_CASE("to check a text, each name in it counts as one letter") {
    CHECK(with_names_filled("") == "");
    CHECK(with_names_filled("https://{{job}}/{{ date }}/a") == "https://x/x/a");
    CHECK(with_names_filled("{{a}}{{b}}") == "xx");
    CHECK(with_names_filled("a{{{{b}}") == "a{{b}}");
    CHECK(with_names_filled("a{{b") == "ax");
    CHECK(check_http_url(with_names_filled("https://{{job}}/")));
    CHECK(check_http_url("https://h"));
    CHECK(check_http_url("http://h:8080?a=~!"));
    for (const char* bad : {"", "h", "ftp://h/", "https://", "https:///p", "https://:80/", "https://?q", "http://a b/",
                            "http://h/\x7f", "http://h/\xc3\xa9", "http://h/#f", "http://u:p@h/", "http://u@h"}) {
        INFO(bad);
        CHECK_FALSE(check_http_url(bad));
    }
    CHECK(check_http_url("http://h/a@b?c@d"));  // no login
}

TEST_CASE("the value of a header is one line") {
    for (const char* good : {"", "Bearer x", "a\tb", "caf\xc3\xa9", "~"}) CHECK(check_header_value(good));
    for (const char* bad : {"a\nb", "a\rb", "\x1f", "\x7f"}) CHECK_FALSE(check_header_value(bad));
}

TEST_CASE("http: defaults") {
    const Plan plan = good("[job.a]\nschedule = '0 6 * * *'\nhttp = { url = 'https://h/x' }\n");
    const HttpCall& call = call_of(plan, "a");
    CHECK(call.sent_method() == "GET");
    CHECK(call.url.text.text() == "https://h/x");
    CHECK(call.url.secret_file.empty());
    CHECK(call.headers.empty());
    CHECK(call.status.empty());
    CHECK_FALSE(call.has_body());
    CHECK_FALSE(call.sigv4);
    CHECK(*plan.jobs.at(JobName("a")).timeout == http_timeout);
}

TEST_CASE("http: all keys") {
    const Plan plan = good(R"(
        [job.a]
        schedule = "0 6 * * *"
        calendar = "XNYS"
        timeout = "10m"
        [job.a.http]
        method = "put"
        url = { file = "secrets/url" }
        headers = { X-Token = { prefix = "Bearer ", file = "/secrets/token" }, X-Day = "{{date}}" }
        body_file = "data/{{session}}.csv"
        status = [200, 204]
        ca_file = "ca.pem"
        sigv4 = { region = "us-east-1", service = "s3", access_key_file = "id", secret_key_file = "/key", session_token_file = "t" }
    )");
    const HttpCall& call = call_of(plan, "a");
    CHECK(call.sent_method() == "PUT");
    CHECK(call.url.secret_file == "/home/desk/secrets/url");
    CHECK(shown(call.headers) == std::vector<std::string>{"X-Day: {{date}}", "X-Token: Bearer /secrets/token"});
    CHECK(call.body_file->text() == "/home/desk/data/{{session}}.csv");
    CHECK(call.status == std::vector<int>{200, 204});
    CHECK(call.ca_file == "/home/desk/ca.pem");
    CHECK(call.sigv4->service == "s3");
    CHECK(call.sigv4->access_key_file == "/home/desk/id");
    CHECK(call.sigv4->secret_key_file == "/key");
    CHECK(*plan.jobs.at(JobName("a")).timeout == Seconds{600});
    CHECK(needs_session(plan.jobs.at(JobName("a"))));
}

TEST_CASE("http: tables merge by key, headers by name; lists replace; a body replaces another kind of body") {
    const Plan plan = good(R"(
        [defaults]
        schedule = "0 6 * * *"
        http = { headers = { Accept = "text/csv", X-Desk = "rates" }, status = [200, 202], body_file = "/x" }
        [group.tower]
        http = { url = "https://tower/", headers = { accept = "text/plain" } }
        [job.near]
        group = "tower"
        http = { body = "x", headers = { X-Run = "{{run}}" }, status = 201 }
        [job.far]
        group = "tower"
        http = {}
        [job.command]
        group = "tower"
        command = "true"
    )");
    const HttpCall& near = call_of(plan, "near");
    CHECK(near.url.text.text() == "https://tower/");
    CHECK(shown(near.headers) == std::vector<std::string>{"X-Desk: rates", "X-Run: {{run}}", "accept: text/plain"});
    CHECK(near.status == std::vector<int>{201});
    CHECK(near.body->text() == "x");
    CHECK_FALSE(near.body_file);
    CHECK(near.sent_method() == "POST");
    CHECK(call_of(plan, "far").body_file->text() == "/x");
    CHECK(std::holds_alternative<ShellCommand>(plan.jobs.at(JobName("command")).action));
    CHECK_FALSE(plan.jobs.at(JobName("command")).timeout);
}

TEST_CASE("http: signing keys may come from the job's environment") {
    const std::string job =
        "[job.a]\nschedule = '0 6 * * *'\nhttp = { url = 'https://h/', sigv4 = { region = 'r', service = 's' } }\n";
    CHECK_FALSE(read(job));
    CHECK(read(job + "env_file = '/x'\n"));
    CHECK(read(job + "env = { AWS_ACCESS_KEY_ID = 'i' }\nsecret_env = { AWS_SECRET_ACCESS_KEY = '/k' }\n"));
    CHECK_FALSE(read(job + "env = { AWS_ACCESS_KEY_ID = 'i' }\n"));
}

TEST_CASE("http: check warns of a run without the session that its texts need") {
    const auto warned = [](const std::string& keys) {
        const Plan plan =
            good("[job.a]\nschedule = '0 6 * * *'\ncalendar = 'XNYS'\n[job.a.http]\nurl = 'https://h/'\n" + keys);
        for (const Warning& warning : plan_warnings(plan, *parse_instant("2026-11-20T00:00:00Z")))
            if (warning.what.find("no_session") != std::string::npos) return true;
        return false;
    };
    CHECK_FALSE(warned(""));
    CHECK(warned("body = '{{session}}'"));
    CHECK(warned("body_file = '/{{session}}'"));
    CHECK(warned("headers = { X = '{{session}}' }"));
}

TEST_CASE("http: addresses") {
    for (const char* url :
         {"http://h", "https://h/", "https://h:8443/a%20b?c=d&e", "http://[::1]:80/", "http://127.0.0.1:1?x"})
        CHECK(check_http_url(url));
    for (const char* url : {"", "h", "HTTP://h/", "ftp://h/", "https://", "https:///x", "https://:443/", "https://?x",
                            "https://h/ ", "https://h/\n", "https://h/\xc3\xa4", "https://u:p@h/", "https://h/#x"})
        CHECK_FALSE(check_http_url(url));
    CHECK(check_http_url("https://h/@x"));
    CHECK(check_http_url("top-secret").error().sentence().find("top-secret") == std::string::npos);
}

TEST_CASE("http: values of headers") {
    for (const char* value : {"", "a b", "a\tb", "\xc3\xa4"}) CHECK(check_header_value(value));
    for (const char* value : {"a\nb", "a\rb", "\x7f", "\x01"}) CHECK_FALSE(check_header_value(value));
    CHECK_FALSE(check_header_value(std::string_view("a\0b", 3)));
}
