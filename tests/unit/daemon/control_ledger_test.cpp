// The control API while the ledger cannot be read: 503 and the reason; nothing is done, and nothing is allowed that
// would otherwise be refused.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "base/json.h"
#include "daemon/control.h"
#include "support/world.h"

using namespace mc;
using namespace mc::app;
using namespace mc::test;

namespace {

const char* const desk = R"(
[slack.ops]
webhook_env = "X"
[defaults]
timezone = "UTC"
command = "true"
user = "ann"
notify = { failure = ["slack:ops"] }
[job.load]
schedule = "0 6 * * *"
[job.clean]
after = ["load"]
trigger = "all_done"
)";

const Access root{Access::Role::all, "root"}, ann{Access::Role::own, "ann"};

// A daemon on the second day; `load` succeeded on the first and failed on the second, and has an open alert.
struct Room {
    World w{"2026-11-20T05:00:00Z"};
    std::unique_ptr<AttemptOutputs> outputs;
    std::unique_ptr<Control> control;

    Room() {
        w.script("load", {{}, {.exit_code = 3}, {}});
        w.plan(desk);
        w.run_until("2026-11-21T09:00:00Z");
        outputs = std::make_unique<AttemptOutputs>("/nonexistent", w.questions());
        outputs->plan_loaded(w.shell().plan_pointer());
        control =
            std::make_unique<Control>(w.shell(), w.questions(), *outputs,
                                      ControlHooks{[] { return Reply{}; }, [](const std::string&) { return Reply{}; },
                                                   [] { return std::vector<Trouble>{}; }, [](const std::string&) {},
                                                   [](const CalendarOverride&, const std::string&) { return Reply{}; }},
                                      "desk.toml", Instant{});
    }
    ControlAnswer get(const std::string& path, std::map<std::string, std::string> query = {}) {
        ControlRequest request;
        request.method = "GET";
        request.path = path;
        request.query = std::move(query);
        request.access = root;
        return control->answer(request, w.now());
    }
    ControlAnswer post(const std::string& path, const Json& body, const Access& by = root) {
        ControlRequest request;
        request.method = "POST";
        request.path = path;
        request.body = body.dump();
        request.access = by;
        request.uid = by.role == Access::Role::all ? 0 : 1000;
        return control->answer(request, w.now());
    }
    bool is_held(const std::string& job) {
        const auto record = w.store().record_of(JobName(job)).value();
        return record && record->held();
    }
};

void check_unanswered(const ControlAnswer& answer) {
    INFO(answer.body);
    CHECK(answer.status == 503);
    const Json body = Json::parse(answer.body).value();
    const std::string why =
        body.contains("error") ? body.at("error").get<std::string>() : body.at("text").get<std::string>();
    CHECK(why.find(FailingQuestions::why) != std::string::npos);
    CHECK(body.at("exit_code").get<int>() == 1);
}

}  // namespace

TEST_CASE("each answer that needs the ledger is 503 if one of its queries fails") {
    Room room;
    const std::vector<std::pair<std::string, std::map<std::string, std::string>>> requests{
        {"/v1/runs", {{"before", "2"}}},  {"/v1/alerts", {}},
        {"/v1/next", {{"n", "3"}}},       {"/v1/why", {{"job", "clean"}, {"date", "2026-11-21"}}},
        {"/v1/why", {{"job", "absent"}}}, {"/v1/logs", {{"run", "1"}}}};
    for (const auto& [path, query] : requests) {
        room.w.questions().fail_all(false);
        const ControlAnswer expected = room.get(path, query);
        int number = 1;
        for (;; ++number) {
            INFO(path << ", question " << number);
            room.w.questions().fail(number);
            const ControlAnswer answer = room.get(path, query);
            if (!room.w.questions().has_failed()) {
                CHECK(answer.body == expected.body);
                break;
            }
            check_unanswered(answer);
        }
        CHECK(number > 1);
    }
}

TEST_CASE("status shows what is known, and why the rest is not") {
    Room room;
    CHECK(Json::parse(room.get("/v1/status").body).value().at("trouble").get<std::string>().empty());
    room.w.questions().fail_all(true);
    const ControlAnswer answer = room.get("/v1/status");
    CHECK(answer.status == 200);
    const Json body = Json::parse(answer.body).value();
    CHECK(body.at("trouble").get<std::string>() == "the disk fails; look for a failing disk");
    CHECK(body.at("next").empty());
    CHECK(body.at("alerts").get<int>() == 1);
}

TEST_CASE("an action is done completely or not at all, whichever query fails; a second request does it") {
    const RunId load = Room().w.runs("load").back().id;
    const Json dates{{"jobs", Json::array({"load"})}, {"from", "2026-11-20"}, {"to", "2026-11-21"}};
    Json backfill = dates;
    backfill["rerun"] = "failed";
    const std::vector<std::pair<std::string, Json>> requests{
        {"/v1/start", Json{{"job", "load"}, {"session", "2026-11-19"}}},
        {"/v1/rerun", Json{{"run", load}}},
        {"/v1/mark", Json{{"run", load}, {"state", "success"}, {"reason", "by hand"}}},
        {"/v1/alert", Json{{"alert", load}, {"do", "close"}, {"reason", "known"}}},
        {"/v1/clear", dates},
        {"/v1/backfill", backfill},
        {"/v1/hold", Json{{"job", "load"}}},
        {"/v1/ice", Json{{"job", "load"}}}};
    for (const auto& [path, body] : requests) {
        Room plain;
        const ControlAnswer done = plain.post(path, body);
        INFO(path << ": " << done.body);
        REQUIRE(done.status == 200);
        plain.w.run_until("2026-11-22T09:00:00Z");
        int number = 1;
        for (;; ++number) {
            INFO(path << ", question " << number);
            Room room;
            const auto rows = room.w.runs();
            room.w.questions().fail(number);
            const ControlAnswer answer = room.post(path, body);
            if (!room.w.questions().has_failed()) break;
            check_unanswered(answer);
            CHECK(room.w.runs() == rows);
            CHECK_FALSE(room.is_held("load"));
            CHECK(room.post(path, body).status == 200);
            room.w.run_until("2026-11-22T09:00:00Z");
            CHECK(fates(room.w, "load") == fates(plain.w, "load"));
            CHECK(fates(room.w, "clean") == fates(plain.w, "clean"));
            CHECK(room.w.started("load").size() == plain.w.started("load").size());
            CHECK(room.is_held("load") == plain.is_held("load"));
        }
        CHECK(number > 1);
    }
}

TEST_CASE("a permission that depends on the ledger is not given while the ledger cannot be read") {
    Room room;
    REQUIRE(room.post("/v1/hold", Json{{"job", "load"}}).status == 200);
    REQUIRE(room.is_held("load"));
    CHECK(room.post("/v1/release", Json{{"job", "load"}}, ann).status == 409);  // it belongs to root
    room.w.questions().fail(1);
    check_unanswered(room.post("/v1/release", Json{{"job", "load"}}, ann));
    CHECK(room.w.questions().has_failed());
    CHECK(room.is_held("load"));
    const RunId clean = room.w.runs("clean").back().id;
    for (const char* path : {"/v1/stop", "/v1/rerun"}) {
        room.w.questions().fail(1);
        check_unanswered(room.post(path, Json{{"run", clean}}, ann));
    }
    room.w.questions().fail(1);
    check_unanswered(room.post("/v1/alert", Json{{"alert", 1}, {"do", "ack"}, {"reason", "x"}}, ann));
}
