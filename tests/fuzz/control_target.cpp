// control_target.cpp — a request to the control API of a daemon without a keeper, by each of the three kinds of callers.
//
// The input: a letter for who asks, the path behind /v1/ up to a line's end, then the body of a POST or the query of a
// GET ("job=a&n=3").
#include <algorithm>
#include <array>

#include "fuzz/targets.h"
#include "support/control_room.h"

namespace mc::fuzz {

namespace {

using namespace app;

std::shared_ptr<const Plan> plan() {
    static const auto read = test::plan_of(test::desk_of_ann_and_bob);
    return read;
}

bool is_post(const std::string& path) {
    const auto& all = endpoints();
    return std::any_of(all.begin(), all.end(),
                       [&](const Endpoint& row) { return row.path == path && row.method == Method::post; });
}

std::map<std::string, std::string> query_of(std::string_view text) {
    std::map<std::string, std::string> query;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        query.emplace(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
    }
    return query;
}

Access access_by(char letter) {
    switch (letter % 3) {
        case 0: return {Access::Role::all, "root"};
        case 1: return {Access::Role::operate, "ops"};
        default: return {Access::Role::own, "ann"};
    }
}

}  // namespace

void control(std::string_view input) {
    if (input.empty()) return;
    test::ControlRoom room(plan());  // fresh for each input, so that an input alone says what happens
    const std::size_t end = std::min(input.find('\n'), input.size());
    ControlRequest request;
    request.path = "/v1/" + std::string(input.substr(1, end - 1));
    const std::string_view rest = input.substr(std::min(end + 1, input.size()));
    request.access = access_by(input[0]);
    request.uid = request.access.role == Access::Role::all ? 0 : 1000;
    request.method = is_post(request.path) ? "POST" : "GET";
    if (is_post(request.path)) request.body = rest;
    else request.query = query_of(rest);
    const Instant now = parse_instant("2026-11-20T12:00:00Z").value();
    for (int times = 0; times < 2; ++times) {
        const ControlAnswer answer = room.control.answer(request, now);
        check(Json::parse(answer.body).value_or(Json()).is_object(), "an answer is an object");
        constexpr std::array known{200, 400, 403, 404, 409};
        check(std::find(known.begin(), known.end(), answer.status) != known.end(), "an answer has a documented status");
        check(room.shell.engine_or_null() != nullptr, "the engine lives");
    }
}

}  // namespace mc::fuzz
