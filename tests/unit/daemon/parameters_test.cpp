// What a query and a body may contain, by the types of an endpoint's parameters.
#include "daemon/parameters.h"

#include <catch2/catch.hpp>

using namespace mc;
using namespace mc::app;

namespace {

const Parameters all{{"text"},
                     {"line", Type::line},
                     {"flag", Type::flag},
                     {"number", Type::number},
                     {"positive", Type::positive},
                     {"date", Type::date},
                     {"texts", Type::texts},
                     {"job", Type::job},
                     {"jobs", Type::jobs},
                     {"run", Type::run}};

std::string refusal_of_body(const std::string& body, const Parameters& parameters = all) {
    const auto given = read_body(parameters, body);
    return given ? "" : given.error().sentence();
}

std::string refusal_of_query(const std::map<std::string, std::string>& query, const Parameters& parameters = all) {
    const auto given = read_query(parameters, query);
    return given ? "" : given.error().sentence();
}

}  // namespace

TEST_CASE("the values of a body, each by its type") {
    const auto given = read_body(all, R"({"text": "x", "line": "a\nb", "flag": true, "number": -1, "positive": 2,
        "date": "2026-11-20", "texts": {"A": "1"}, "job": "j", "jobs": ["a", "b"], "run": 17})");
    REQUIRE(given);
    CHECK(given->text("text") == "x");
    CHECK(given->text("line") == "a b");
    CHECK(given->flag("flag"));
    CHECK(given->number("number") == -1);
    CHECK(given->positive("positive") == 2);
    CHECK(to_string(given->date("date").value()) == "2026-11-20");
    CHECK(given->texts("texts") == Texts{{"A", "1"}});
    CHECK(given->text("job") == "j");
    CHECK(given->list("jobs") == std::vector<std::string>{"a", "b"});
    CHECK(given->number("run") == 17);
}

TEST_CASE("a parameter that is missing or null has no value") {
    for (const char* body : {"", "{}", R"({"text": null, "flag": null, "date": null})", R"({"date": ""})"}) {
        INFO(body);
        const auto given = read_body(all, body);
        REQUIRE(given);
        for (const Parameter& one : all) CHECK_FALSE(given->has(one.name));
        CHECK(given->text("text").empty());
        CHECK_FALSE(given->flag("flag"));
    }
    const auto given = read_query(all, {{"text", ""}, {"flag", ""}, {"number", ""}});
    REQUIRE(given);
    for (const Parameter& one : all) CHECK_FALSE(given->has(one.name));
}

TEST_CASE("a refused body gets an error that says what to send") {
    CHECK(refusal_of_body(R"({"texd": "x"})") == "unknown field `texd`; did you mean text?");
    CHECK(refusal_of_body(R"({"text": 1})") == "`text` is not a string; send \"text\": \"...\"");
    CHECK(refusal_of_body(R"({"text": "a", "text": "b"})") ==
          "`text` is given twice; send an object such as {\"job\": \"NAME\"}");
    CHECK(refusal_of_body(R"({"flag": 1})") == "`flag` is not true or false; send \"flag\": true");
    CHECK(refusal_of_body(R"({"run": 9223372036854775808})") == "`run` is not the number of a run; send \"run\": 17");
    CHECK(refusal_of_body(R"({"run": 1.5})") == "`run` is not the number of a run; send \"run\": 17");
    CHECK(refusal_of_body(R"({"positive": 0})") == "`positive` is not a whole number above 0; send \"positive\": 1");
    CHECK(refusal_of_body(R"({"jobs": []})") ==
          "`jobs` is not a list of strings that is not empty; send \"jobs\": [\"...\"]");
    CHECK(refusal_of_body(R"({"jobs": ["a", 1]})").starts_with("`jobs` is not a list of strings"));
    CHECK(refusal_of_body(R"({"texts": {"A": 1}})") ==
          "`texts` is not an object of strings; send \"texts\": {\"NAME\": \"value\"}");
    CHECK(refusal_of_body(R"({"date": "soon"})").find("soon") != std::string::npos);
    CHECK(refusal_of_body(R"({"line": ")" + std::string(501, 'x') + R"("})") ==
          "`line` is longer than 500 bytes; write a shorter one");
    CHECK(refusal_of_body("[]") == "the body is not a JSON object; send {\"job\": \"NAME\"}");
    CHECK(refusal_of_body("{").starts_with("the body is not JSON"));
    CHECK(refusal_of_body(R"({"texts": {"a": [[[[[[[[]]]]]]]]}})").starts_with("the body is nested more than 8 deep"));
}

TEST_CASE("a missing required parameter is named, with what to send") {
    const Parameters wanted{{"date", Type::date, Need::wanted}};
    const std::string sentence = "`date` is missing; send \"date\": \"2026-11-02\"";
    for (const char* body : {"", "{}", R"({"date": null})", R"({"date": ""})"})
        CHECK(refusal_of_body(body, wanted) == sentence);
    const Parameters run{{"run", Type::run, Need::wanted}};
    CHECK(refusal_of_query({}, run) == "`run` is missing; write run=17");
    CHECK(refusal_of_query({{"run", ""}}, run) == "`run` is missing; write run=17");
    CHECK(refusal_of_query({}, {{"job", Type::text, Need::wanted}}) == "`job` is missing; write job=NAME");
    CHECK(refusal_of_query({}, {{"date", Type::date, Need::wanted}}) == "`date` is missing; write date=2026-11-20");
}

TEST_CASE("the values of a query") {
    const auto given = read_query(
        all, {{"text", "x"}, {"flag", "0"}, {"number", "3"}, {"date", "2026-11-20"}, {"job", "j"}, {"run", "17"}});
    REQUIRE(given);
    CHECK(given->text("text") == "x");
    CHECK(given->flag("flag"));  // any value
    CHECK(given->number("number") == 3);
    CHECK(to_string(given->date("date").value()) == "2026-11-20");
    CHECK(given->number("run") == 17);
    for (const char* number : {"x", "-1", "1.5", "0x10", "-99999999999999999999", " 1"})
        CHECK(refusal_of_query({{"number", number}}) ==
              std::string("number: `") + number + "` is not a whole number; write number=17");
    // A count larger than the largest number is accepted, such a run number is not.
    CHECK(read_query(all, {{"number", "18446744073709551615"}})->number("number") == INT64_MAX);
    CHECK(refusal_of_query({{"run", "18446744073709551615"}}) ==
          "run: `18446744073709551615` is not a whole number; write run=17");
    CHECK(refusal_of_query({{"nunber", "1"}}) == "unknown query parameter `nunber`; did you mean number?");
    CHECK(refusal_of_query({{"a", "1"}}, {}) == "unknown query parameter `a`; this path takes no query parameter");
    CHECK(refusal_of_query({{"date", "2026-13-45"}}).find("2026-13-45") != std::string::npos);
}
