// This JSON reads and writes like the library behind it, byte for byte, and reports errors in the library's words.
#include "base/json.h"

#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

using namespace mc;

namespace {

using Library = nlohmann::ordered_json;

std::string by_library(std::string_view text) {
    return Library::parse(text).dump(-1, ' ', false, Library::error_handler_t::replace);
}

std::string sentence_of(const std::string& text) {
    const auto parsed = Json::parse(text);
    return parsed ? "" : parsed.error().text;
}

template <class Function>
std::string thrown_by(Function function) {
    try {
        function();
    } catch (const JsonError& error) {
        return error.what();
    }
    return "";
}

std::string random_text(std::mt19937& random, int size) {
    std::string text;
    for (int i = 0; i < size; ++i) text += static_cast<char>(random() % (random() % 2 == 0 ? 128 : 256));
    return text;
}

// A nested value of every kind, and the library's value.
std::pair<Json, Library> random_value(std::mt19937& random, int depth) {
    const auto wide = static_cast<std::int64_t>((std::uint64_t{random()} << 32) | random());
    switch (random() % (depth > 0 ? 8 : 6)) {
        case 0: return {nullptr, nullptr};
        case 1: return {wide > 0, wide > 0};
        case 2: return {wide, wide};
        case 3: return {static_cast<std::uint64_t>(wide), static_cast<std::uint64_t>(wide)};
        case 4: return {static_cast<double>(wide) / 1e9, static_cast<double>(wide) / 1e9};
        case 5: {
            const std::string text = random_text(random, 6);
            return {text, text};
        }
        default: break;
    }
    std::pair<Json, Library> made{Json::array(), Library::array()};
    if (random() % 2 == 0) made = {Json::object(), Library::object()};
    for (auto i = random() % 4; i > 0; --i) {
        const auto [ours, theirs] = random_value(random, depth - 1);
        const std::string name = random_text(random, 2);
        if (made.first.is_array()) {
            made.first.push_back(ours);
            made.second.push_back(theirs);
        } else {
            made.first[name] = ours;
            made.second[name] = theirs;
        }
    }
    return made;
}

}  // namespace

TEST_CASE("an object is built from its members and keeps their order") {
    const std::optional<int> code = 3;
    Json json{{"job", "load"}, {"run", 17}, {"code", code ? Json(*code) : Json()}, {"times", 0.25}};
    json["ok"] = true;
    json["list"].push_back("a");
    json["list"].push_back({{"b", nullptr}});
    json["list"].push_front(std::string_view("first"));
    json["run"] = std::uint64_t{18};
    json["env"] = std::map<std::string, std::string>{{"B", "2"}, {"A", "1"}};
    json["runs"] = std::vector<std::int64_t>{1, -2};
    json["none"] = Json::array();
    json["nothing"] = Json::object();
    CHECK(json.dump() == R"({"job":"load","run":18,"code":3,"times":0.25,"ok":true,"list":["first","a",{"b":null}],)"
                         R"("env":{"A":"1","B":"2"},"runs":[1,-2],"none":[],"nothing":{}})");
    CHECK(json.size() == 10);
    CHECK(json["list"].size() == 3);
    CHECK(Json{{"b", Json{{"z", 1}, {"y", 2}}}, {"a", 3}}.dump(Json::Names::sorted) == R"({"a":3,"b":{"y":2,"z":1}})");
}

TEST_CASE("a value in a list is an element; a pair of texts in it is not a member") {
    CHECK(Json::array({"a", 1, Json::array({"b", "c"})}).dump() == R"(["a",1,["b","c"]])");
    CHECK(Json::array({{{"a", "b"}}}).dump() == R"([{"a":"b"}])");
    CHECK(Json{{"a", {{"b", {{"c", 1}}}}}}.dump() == R"({"a":{"b":{"c":1}}})");
}

TEST_CASE("the output equals the library's") {
    std::mt19937 random(1);
    for (int i = 0; i < 600; ++i) {
        const auto [ours, theirs] = random_value(random, 4);
        const std::string written = theirs.dump(-1, ' ', false, Library::error_handler_t::replace);
        REQUIRE(ours.dump() == written);
        REQUIRE(ours.dump(Json::Names::sorted) ==
                nlohmann::json(theirs).dump(-1, ' ', false, Library::error_handler_t::replace));
        REQUIRE(Json::parse(written).value().dump() == by_library(written));
        REQUIRE(ours.is_utf8() == (Library::parse(written) == theirs));
    }
}

TEST_CASE("input is read as the library reads it, and refused with the same words") {
    const std::string text = R"({"a":[1,-2,3.5,true,null,"A\n\u00e4"],"b":{"c":{}},"b2":18446744073709551615})";
    std::mt19937 random(2);
    for (int i = 0; i < 1500; ++i) {
        std::string changed = text;
        changed[random() % changed.size()] = static_cast<char>(random() % 256);
        if (random() % 2 == 0) changed.erase(random() % changed.size(), random() % 4);
        INFO(changed);
        const auto parsed = Json::parse(changed);
        try {
            const std::string expected = by_library(changed);
            REQUIRE(parsed);
            REQUIRE(parsed->dump() == expected);
        } catch (const Library::exception& error) {
            REQUIRE_FALSE(parsed);
            REQUIRE(parsed.error().text == error.what());
            REQUIRE(parsed.error().kind == JsonFault::Kind::syntax);
            if (const auto* syntax = dynamic_cast<const Library::parse_error*>(&error))
                REQUIRE(parsed.error().byte == syntax->byte);
        }
    }
    CHECK(sentence_of("1e999").find("number overflow") != std::string::npos);
    CHECK(sentence_of("").find("unexpected end of input") != std::string::npos);
    CHECK(sentence_of("1 2") != "");
}

TEST_CASE("if a name is repeated, the last value counts, at the place of the first") {
    CHECK(Json::parse(R"({"a":1,"b":2,"a":{"c":[3]}})").value().dump() == R"({"a":{"c":[3]},"b":2})");
}

TEST_CASE("input that is too deep, too large or too repetitive is refused") {
    const JsonLimits limits{.depth = 2, .names = 2, .name_bytes = 3};
    const auto kind_of = [&](const char* text) {
        const auto parsed = Json::parse(text, limits);
        return parsed ? std::optional<JsonFault::Kind>() : parsed.error().kind;
    };
    CHECK_FALSE(kind_of(R"({"a":{"abc":1},"b":[1]})"));
    CHECK(kind_of("[[[1]]]") == JsonFault::Kind::depth);
    CHECK(kind_of(R"({"a":1,"b":2,"c":3})") == JsonFault::Kind::names);
    CHECK(kind_of(R"({"abcd":1})") == JsonFault::Kind::name_bytes);
    CHECK(kind_of(R"([{"a":1},{"a":1}])") == std::nullopt);
    CHECK(kind_of(R"({"a":1,"a":1})") == JsonFault::Kind::repeated_name);
    CHECK(Json::parse(R"({"a":1,"a":1})", limits).error().text == "a");
    CHECK(kind_of(R"({"a":1)") == JsonFault::Kind::syntax);
}

TEST_CASE("a value is returned only as its own type") {
    const Json json = Json::parse(R"({"n":-5,"u":18446744073709551615,"big":5000000000,"d":1.5,"s":"x","t":true,
        "l":["a","b"],"m":{"a":1},"z":null})")
                          .value();
    CHECK(json["n"].get<int>() == -5);
    CHECK(json["u"].get<std::uint64_t>() == std::numeric_limits<std::uint64_t>::max());
    CHECK(json["big"].get<std::int64_t>() == 5'000'000'000);
    CHECK(json["d"].get<double>() == 1.5);
    CHECK(json["n"].get<double>() == -5);
    CHECK(json["t"].get<bool>());
    CHECK(json["l"].get<std::vector<std::string>>() == std::vector<std::string>{"a", "b"});
    CHECK(json["m"].get<std::map<std::string, int>>() == std::map<std::string, int>{{"a", 1}});
    CHECK(json.value("s", "y") == "x");
    CHECK(json.value("none", "y") == "y");
    CHECK(json.value("none", std::uint64_t{3}) == 3);
    CHECK(thrown_by([&] { json["s"].get<int>(); }) ==
          "[json.exception.type_error.302] type must be number, but is string");
    CHECK(thrown_by([&] { json["z"].get<std::string>(); }) ==
          "[json.exception.type_error.302] type must be string, but is null");
    CHECK(thrown_by([&] { json["n"].get<bool>(); }) != "");
    CHECK(thrown_by([&] { json["n"].get<std::uint64_t>(); }) != "");
    CHECK(thrown_by([&] { json["big"].get<int>(); }) != "");
    CHECK(thrown_by([&] { json["u"].get<std::int64_t>(); }) != "");
    CHECK(thrown_by([&] { json["l"].get<std::vector<int>>(); }) != "");
    CHECK(thrown_by([&] { json["m"].get<std::vector<int>>(); }) != "");
    CHECK(thrown_by([&] { json.value("n", ""); }) != "");
    CHECK(thrown_by([&] { (void)json.at("none"); }) == "[json.exception.out_of_range.403] key 'none' not found");
    CHECK(thrown_by([&] { (void)json["l"].at("a"); }) == "[json.exception.type_error.304] cannot use at() with array");
    CHECK(thrown_by([&] { (void)json["l"][2]; }) != "");
    CHECK(thrown_by([&] { Json(1)["a"] = 1; }) != "");
    CHECK(thrown_by([&] { Json(1).push_back(1); }) != "");
}

TEST_CASE("kinds of values, and their contents") {
    const Json json = Json::parse(R"([null,true,1,-1,18446744073709551615,1.5,"",[],{}])").value();
    const auto marks = [&](bool (Json::*is)() const) {
        std::string text;
        for (const Json& one : json) text += (one.*is)() ? 'x' : '.';
        return text;
    };
    CHECK(marks(&Json::is_null) == "x........");
    CHECK(marks(&Json::is_boolean) == ".x.......");
    CHECK(marks(&Json::is_number_integer) == "..xxx....");
    CHECK(marks(&Json::is_number_unsigned) == "..x.x....");
    CHECK(marks(&Json::is_string) == "......x..");
    CHECK(marks(&Json::is_array) == ".......x.");
    CHECK(marks(&Json::is_object) == "........x");
    for (const Json& one : json) {
        CHECK(one.empty());
        CHECK(one.items().empty());
        CHECK(one.begin() == one.end());
        CHECK_FALSE(one.contains("a"));
    }
}

TEST_CASE("values are equal if their contents are equal, wherever they come from") {
    CHECK(Json::parse("17").value() == 17);
    CHECK(Json::parse("17").value() == std::uint64_t{17});
    CHECK(Json::parse(R"({"a":["b",1]})").value() == Json{{"a", Json::array({"b", 1})}});
    CHECK(Json(true) != Json(1));
    CHECK(Json("a") == "a");
    CHECK(Json{{"a", 1}, {"b", 2}} != Json{{"b", 2}, {"a", 1}});
}

TEST_CASE("a very deeply nested value can be read and destroyed") {
    const int depth = 200'000;
    std::string text;
    for (int i = 0; i < depth; ++i) text += i % 2 == 0 ? "[" : "{\"a\":";
    text += "1";
    for (int i = depth; i-- > 0;) text += i % 2 == 0 ? "]" : "}";
    Json json = Json::parse(text).value();
    CHECK(json.is_array());
    json = nullptr;
    CHECK(json.is_null());
    CHECK_FALSE(Json::parse(text.substr(0, depth)));
}

TEST_CASE("a moved-from value is null") {
    Json json{{"a", Json::array({1, 2})}};
    Json moved = std::move(json);
    CHECK(json.is_null());  // NOLINT(bugprone-use-after-move): it is what is tested
    CHECK(moved.dump() == R"({"a":[1,2]})");
    moved = Json(moved["a"]);
    CHECK(moved.dump() == "[1,2]");
}
