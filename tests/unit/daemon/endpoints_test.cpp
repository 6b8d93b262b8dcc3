// The table of endpoints: what each row must satisfy, and that docs/control-api.md has them.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "daemon/route.h"

using namespace mc;
using namespace mc::app;

namespace {

std::string text_of(const Parameter& parameter) {
    std::string more(parameter.note);
    const bool is_text = parameter.type == Type::text || parameter.type == Type::line;
    if (more.empty() && !is_text) more = to_text(parameter.type);
    if (parameter.need == Need::wanted) more += more.empty() ? "required" : ", required";
    return fmt::format("`{}`{}", parameter.name, more.empty() ? "" : fmt::format(" ({})", more));
}

// The table as the documentation has it.
std::string drawn() {
    std::string text = "| method and path | right | parameters | effect or answer |\n| --- | --- | --- | --- |\n";
    for (const Endpoint& endpoint : endpoints()) {
        std::string parameters;
        for (const Parameter& one : endpoint.parameters) parameters += (parameters.empty() ? "" : ", ") + text_of(one);
        text += fmt::format("| {} {} | {} | {} | {} |\n", to_text(endpoint.method), endpoint.path,
                            to_text(endpoint.right), parameters, endpoint.help);
    }
    return text;
}

bool only_reads(const Endpoint& endpoint) {
    return endpoint.work == Work::reads || endpoint.work == Work::reads_always;
}

}  // namespace

TEST_CASE("docs/control-api.md has the table of endpoints") {
    std::ifstream file(MARKETCRON_ROOT "/docs/control-api.md");
    const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    INFO("it has to be:\n" << drawn());
    CHECK(page.find("<!-- endpoints -->\n" + drawn() + "<!-- end of endpoints -->") != std::string::npos);
}

TEST_CASE("each row of the table is consistent, and unique") {
    std::set<std::pair<Method, std::string_view>> seen;
    for (const Endpoint& endpoint : endpoints()) {
        INFO(to_text(endpoint.method) << " " << endpoint.path);
        CHECK(seen.emplace(endpoint.method, endpoint.path).second);
        CHECK(endpoint.path.starts_with("/v1/"));
        CHECK(endpoint.answer != nullptr);
        CHECK_FALSE(endpoint.help.empty());
        CHECK_FALSE(endpoint.help.ends_with("."));
        // A GET may be repeated, and a browser may send it in advance.
        CHECK((endpoint.method == Method::get) == only_reads(endpoint));
        CHECK(only_reads(endpoint) == (endpoint.right == Right::view || endpoint.right == Right::anyone));
        std::set<std::string_view> names;
        int runs = 0;
        for (const Parameter& parameter : endpoint.parameters) {
            INFO(parameter.name);
            CHECK(names.insert(parameter.name).second);
            runs += parameter.type == Type::run ? 1 : 0;
            const bool is_for_a_body =
                parameter.type == Type::positive || parameter.type == Type::texts || parameter.type == Type::jobs;
            CHECK_FALSE((endpoint.method == Method::get && is_for_a_body));
        }
        CHECK(runs <= 1);  // Call has one
    }
}

TEST_CASE("a path and a method lead to one endpoint, or to the methods that the path has") {
    const auto none = [](const Call&) { return ControlAnswer{}; };
    const std::vector<Endpoint> table{
        {Method::get, "/v1/a", Right::view, Work::reads, "reads", {}, none},
        {Method::get, "/v1/b", Right::view, Work::reads, "reads", {}, none},
        {Method::post, "/v1/b", Right::operate, Work::changes, "changes", {}, none},
    };
    CHECK(route(table, "GET", "/v1/a").endpoint == &table[0]);
    CHECK(route(table, "GET", "/v1/b").endpoint == &table[1]);
    CHECK(route(table, "POST", "/v1/b").endpoint == &table[2]);
    CHECK(route(table, "POST", "/v1/a").endpoint == nullptr);
    CHECK(route(table, "POST", "/v1/a").allow == "GET");
    CHECK(route(table, "DELETE", "/v1/b").allow == "GET, POST");
    for (const char* path : {"/v1/c", "/v1/", "/v1", "/v1/a/", "/v1/ab", ""})
        CHECK(route(table, "GET", path).allow.empty());
}
