// The values of options.
#include <catch2/catch.hpp>
#include <cstdint>

#include "desk/command.h"

using namespace mc;
using namespace mc::app;

namespace {

Args with(const std::string& option, const std::string& value) {
    Args args;
    args.options[option] = value;
    return args;
}

}  // namespace

TEST_CASE("an option that is a number has only digits, and is within its limits") {
    const auto number = [](const char* text) { return with("--limit", text).number("--limit", 0, 50); };
    CHECK(number("0").value() == 0);
    CHECK(number("50").value() == 50);
    for (const char* text : {"", "-1", "51", "5x", "x", " 5", "5 ", "5.0", "99999999999999999999"}) {
        INFO(text);
        const auto wrong = number(text);
        REQUIRE_FALSE(wrong);
        CHECK(wrong.error().kind == Error::Kind::usage);
        CHECK(wrong.error().what == std::string("--limit `") + text + "` is not a whole number from 0 to 50");
        CHECK(wrong.error().hint == "write --limit 1");
    }
    CHECK(with("--limit", "x").number("--limit", 7, 50).error().hint == "write --limit 7");
}

TEST_CASE("the number of a run is at least 1, and its error uses the word of the command") {
    CHECK(run_number("1").value() == 1);
    CHECK(run_number("9223372036854775807").value() == INT64_MAX);
    CHECK_FALSE(run_number("9223372036854775808"));
    CHECK(run_number("0").error().what.starts_with("RUN `0` is not"));
    CHECK(run_number("a", "ALERT").error().what.starts_with("ALERT `a` is not"));
}

TEST_CASE("an option that is a date, and what is wrong with it") {
    CHECK(to_string(with("--from", "2026-11-20").date("--from").value()) == "2026-11-20");
    CHECK(with("--from", "2026-11-31").date("--from").error().what.starts_with("--from: "));
    const auto missing = Args{}.date("--from");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().sentence() == "--from is missing; write --from 2026-11-20");
}

TEST_CASE("an option that is absent has its default, and one that repeats all its values") {
    Args args = with("--job", "load");
    args.repeated["--env"] = {"A=1", "B=2"};
    CHECK(args.has("--job"));
    CHECK_FALSE(args.has("--pool"));
    CHECK(args.get("--job", "all") == "load");
    CHECK(args.get("--pool", "all") == "all");
    CHECK(args.get("--pool").empty());
    CHECK(args.all("--env") == std::vector<std::string>{"A=1", "B=2"});
    CHECK(args.all("--pool").empty());
}

TEST_CASE("the exit code of several errors is that of the last, and of none 2") {
    CHECK(report(Errors{}) == 2);
    CHECK(report(Errors{{Error::Kind::usage, "a", "", {}}, {Error::Kind::no_daemon, "b", "", {}}}) ==
          exit_code(Error::Kind::no_daemon));
}
