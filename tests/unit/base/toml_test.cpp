// Mistakes in TOML are errors with their place, although toml++ itself fails assertions on many of them.
#include "base/toml.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/toml_keys.h"

namespace mc {

namespace {

std::string repeated(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

std::string error_of(const std::string& text) {
    const auto parsed = parse_toml(text, "x.toml");
    return parsed ? "good" : parsed.error().text();
}

}  // namespace

TEST_CASE("input on which toml++ fails an assertion is an error with its place and a remedy") {
    struct Row {
        std::string text, error;
    };
    const std::string more = "; write a key or a value before it, close the list or table, or write the text in quotes";
    const std::vector<Row> rows{
        {"tags = [\"x\",}", "x.toml:1:13: error: invalid TOML: '}' is not expected here" + more},
        {"[=]", "x.toml:1:2: error: invalid TOML: '=' is not expected here" + more},
        {"d = 2026-11-02 9",
         "x.toml:1:16: error: invalid TOML: expected a comment or whitespace, saw '9'; "
         "https://toml.io has the rules"},
        {"a = 1\n\n  [\u00FC]",
         "x.toml:3:4: error: invalid TOML: '\u00FC' cannot be in a key without quotes; write the key in quotes"},
        {"\u00E4tze = 1",
         "x.toml:1:1: error: invalid TOML: expected keys, tables, whitespace or comments, saw "
         "'\u00E4'; write a key or text with letters other than A-Z in quotes"},
        {"a.\u00E9 = 1",
         "x.toml:1:3: error: invalid TOML: expected bare key starting character or string "
         "delimiter, saw '\u00E9'; write a key or text with letters other than A-Z in quotes"},
    };
    for (const Row& row : rows) CHECK(error_of(row.text) == row.error);
}

TEST_CASE("other letters may be in texts, comments and quoted keys") {
    CHECK(error_of("# \u00E4\n\"\u00E9\" = \"\u00FC\"\na = \"\"\"\\\n  \u00E9\"\"\"") == "good");
    CHECK(parse_toml("a = \"\"\"\\\n  \u00E9\"\"\"", "x")->get("a")->value_or(std::string()) == "\u00E9");
}

TEST_CASE("values that are nested too deep are an error, at any length") {
    const std::string nested = "error: unsupported TOML: values are nested more than 32 deep";
    CHECK_THAT(error_of("a = " + repeated("[", 100'000)), Catch::Contains("x.toml:1:37: " + nested));
    CHECK_THAT(error_of("a = " + repeated("{a=", 100'000)), Catch::Contains(nested));
    const std::string parts = "error: unsupported TOML: the key has more than 32 parts; remove dots";
    CHECK_THAT(error_of(repeated("a.", 100'000) + "b = 1"), Catch::Contains("x.toml:1:65: " + parts));
    CHECK_THAT(error_of("x = 1\n[" + repeated("\"a\" . ", 100'000) + "b]"), Catch::Contains("x.toml:2:194: " + parts));
    CHECK(error_of(repeated("a.", 31) + "b = " + repeated("[", 31) + repeated("]", 31)) == "good");
}

TEST_CASE("a file with too many dotted keys is an error, because each is compared with all others") {
    std::string text;
    for (int i = 0; i <= 100'000; ++i) text += "a" + std::to_string(i) + ".b = 1\n";
    CHECK_THAT(error_of(text), Catch::Contains("x.toml:100001:9: error: the file has more than 100000 keys with dots"));
}

TEST_CASE("dots in texts, comments and numbers do not count as parts of keys") {
    for (const std::string& text :
         {"a = \"" + repeated("a.", 50) + "\"", "a = '" + repeated("a.", 50) + "'",
          "a = \"\"\"\n\" " + repeated("a.", 50) + "\"\"\"\"", "a = '''\n' " + repeated("a.", 50) + "''''",
          "# " + repeated("a.", 50), "a = [" + repeated("1.5,", 50) + "]", "a = \"\\\" " + repeated("a.", 50) + "\"",
          repeated("[[x.y]]\n", 50)}) {
        CHECK_FALSE(too_many_keys(text));
        CHECK(error_of(text) == "good");
    }
}

}  // namespace mc
