// A template gives JSON whatever its fields contain, or is refused with the place of its error.
#include "notify/json_template.h"

#include <catch2/catch.hpp>
#include <random>

#include "base/json.h"

using namespace mc;
using namespace mc::notify;

namespace {

const Fields known{
    {"job", "load"}, {"run", std::int64_t{17}}, {"created", parse_instant("2026-11-20T21:00:00Z").value()}};

Result<JsonTemplate> parse(std::string_view text, std::size_t* at = nullptr) {
    std::size_t offset = 0;
    Result<JsonTemplate> made = JsonTemplate::parse(text, known, offset);
    if (at) *at = offset;
    return made;
}

}  // namespace

TEST_CASE("outside quotes a field is a JSON value, inside quotes its text") {
    const auto [text, filled] = GENERATE(table<std::string, std::string>({
        {R"({"a": {{job}}})", R"({"a": "load"})"},
        {R"({"a": {{run}}})", R"({"a": 17})"},
        {R"(["run {{run}} of {{job}}"])", R"(["run 17 of load"])"},
        {R"({"{{job}}": 1})", R"({"load": 1})"},
        {R"({{{job}}: 1})", R"({"load": 1})"},
        {R"(["{{created}}", {{created+24h}}])", R"(["2026-11-20T21:00:00Z", "2026-11-21T21:00:00Z"])"},
        {R"(["{{{{job}}"])", R"(["{{job}}"])"},
        {R"(["\"{{job}}\\", {{job}}])", R"(["\"load\\", "load"])"},
        {"{{job}}", "\"load\""},
    }));
    INFO(text);
    CHECK(Json::parse(parse(text).value().fill(known)).value() == Json::parse(filled).value());
}

TEST_CASE("an error in a template has its place") {
    struct Row {
        std::string text;
        std::size_t offset;
        std::string what;
    };
    const Row row = GENERATE(values<Row>({
        {R"({"a": {{jb}}})", 6, "unknown field {{jb}}"},
        {R"({"a": {{job})", 6, "a field is not closed"},
        {R"({"a": {{job+2h}}})", 6, "{{job}} is not an instant"},
        {R"({"a": {{created+2x}}})", 6, "\"2x\""},
        {R"({"a": {{job}} {{run}}})", 14, "the template is not JSON here"},
        {R"({"a": 1)", 6, "the template is not JSON here"},
        {R"({"a": })", 6, "the template is not JSON here"},
        {R"({"a": "{{job}}}, "b": 1})", 18, "the template is not JSON here"},
        {R"([{{run}}1])", 8, "the template is not JSON here"},
    }));
    INFO(row.text);
    std::size_t at = 0;
    const Result<JsonTemplate> made = parse(row.text, &at);
    REQUIRE_FALSE(made);
    CHECK(at == row.offset);
    CHECK(made.error().what.find(row.what) != std::string::npos);
    CHECK_FALSE(made.error().hint.empty());
}

TEST_CASE("the result is JSON of the same structure, whatever bytes a field contains") {
    const JsonTemplate made = parse(R"({"text": "a {{job}} b", "value": {{job}}, "run": {{run}}})").value();
    std::mt19937 draw(20261201);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(draw() % 40, ' ');
        for (char& c : bytes) c = static_cast<char>(draw() % 256);
        const Json json = Json::parse(made.fill({{"job", bytes}, {"run", Field{}}})).value();
        REQUIRE(json.is_object());
        CHECK(json.size() == 3);
        CHECK(json["run"].is_null());
        const auto value = json["value"].get<std::string>();
        CHECK(json["text"] == "a " + value + " b");
    }
}

TEST_CASE("an empty template gives no message") { CHECK(parse("").value().empty()); }
