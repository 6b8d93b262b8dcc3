#include "base/spelling.h"

#include <catch2/catch.hpp>

using namespace mc;

TEST_CASE("a text in TOML is quoted, and only what must be is escaped") {
    CHECK(toml_quoted("") == R"("")");
    CHECK(toml_quoted("caf\xc3\xa9 'x'") == "\"caf\xc3\xa9 'x'\"");
    CHECK(toml_quoted("a\"b\\c\nd\te\r") == R"("a\"b\\c\nd\te\u000d")");
}

TEST_CASE("the name of an environment variable") {
    for (const char* text : {"a", "z", "A", "Z", "_", "_0", "A9", "PATH_2x"}) {
        INFO(text);
        CHECK(is_environment_name(text));
    }
    for (const char* text :
         {"", "0", "9A", "a-b", "a b", "a=b", "a.b", "a@", "a[", "a`", "a{", "a/", "a:", "\xc3\xa9"}) {
        INFO(text);
        CHECK_FALSE(is_environment_name(text));
    }
}

TEST_CASE("a text without anything visible is blank") {
    CHECK(is_blank(""));
    CHECK(is_blank(" \t\r\n"));
    CHECK_FALSE(is_blank(" a "));
}

TEST_CASE("names in a sentence, at most so many") {
    CHECK(listed({}, 3).empty());
    CHECK(listed({"a"}, 3) == "a");
    CHECK(listed({"a", "b"}, 3) == "a and b");
    CHECK(listed({"a", "b", "c"}, 3) == "a, b and c");
    CHECK(listed({"a", "b", "c", "d"}, 3) == "a, b, c and 1 more");
    CHECK(listed({"a", "b", "c", "d"}, 1) == "a and 3 more");
}

TEST_CASE("a number of things") {
    CHECK(counted(0, "run") == "0 runs");
    CHECK(counted(1, "run") == "1 run");
    CHECK(counted(2, "run") == "2 runs");
}
