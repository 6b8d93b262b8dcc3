// The decisions of Control for every endpoint, checked for each row of the table.
#include "daemon/control.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "store/forwarding_store.h"
#include "support/control_room.h"

using namespace mc;
using namespace mc::app;

namespace {

const Access root{Access::Role::all, "root"}, group{Access::Role::operate, "ops"}, ann{Access::Role::own, "ann"},
    carl{Access::Role::own, "carl"};  // a user without jobs

struct Told {
    int status = 0;
    std::string error, allow;
};

class Office {
   public:
    Office() : room_(test::plan_of(test::desk_of_ann_and_bob)) {}

    Told ask(ControlRequest request, const Access& access) {
        request.access = access;
        request.uid = access.role == Access::Role::all ? 0 : 1000;
        const ControlAnswer answer = room_.control.answer(request, parse_instant("2026-11-20T12:00:00Z").value());
        const Json json = Json::parse(answer.body).value_or(Json());
        REQUIRE(json.is_object());
        return {answer.status, json.value("error", ""), answer.allow};
    }
    // Sets the parameters that the row requires to these values.
    Told ask(const Endpoint& row, const Access& access, const std::string& job, RunId run) {
        ControlRequest request;
        request.method = to_text(row.method);
        request.path = row.path;
        Json body = Json::object();
        for (const Parameter& one : row.parameters) {
            if (one.need != Need::wanted) continue;
            const std::string name(one.name);
            body[name] = "x";
            if (one.type == Type::date) body[name] = "2026-11-20";
            if (one.type == Type::job || name == "job") body[name] = job;
            if (one.type == Type::jobs) body[name] = Json::array({job});
            if (one.type == Type::run || one.type == Type::alert) body[name] = run;
            request.query[name] = body[name].is_string() ? body[name].get<std::string>() : body[name].dump();
        }
        if (row.method == Method::post) {
            request.query.clear();
            request.body = body.dump();
        }
        return ask(request, access);
    }
    // A new run of that job, started by root; returns its number.
    RunId started(const std::string& job) {
        const Reply reply = room_.shell.step(StartAsked{JobName(job), {}, false, "root", false, {}});
        REQUIRE(reply.ok);
        return reply.runs.front();
    }
    test::ControlRoom& room() { return room_; }

   private:
    test::ControlRoom room_;
};

// A ledger that refuses reads and writes while `refuses` is set.
class Refusing final : public ForwardingStore {
   public:
    using ForwardingStore::ForwardingStore;
    bool refuses = false;
    Result<void> commit(const StepWrites& batch) override {
        if (refuses) return fail(Error::Kind::store, "the disk is full");
        return ForwardingStore::commit(batch);
    }
    Result<Recovered> recover() const override {
        if (refuses) return fail(Error::Kind::store, "the disk is full");
        return ForwardingStore::recover();
    }
};

bool has(const Endpoint& row, Type type) {
    return std::any_of(row.parameters.begin(), row.parameters.end(),
                       [&](const Parameter& one) { return one.type == type; });
}

}  // namespace

TEST_CASE("an unknown path, and a method that a path does not have") {
    Office desk;
    ControlRequest request;
    request.method = "GET";
    request.path = "/v1/nothing";
    CHECK(desk.ask(request, root).status == 404);
    for (const Endpoint& row : endpoints()) {
        INFO(row.path);
        request.path = row.path;
        request.method = row.method == Method::get ? "POST" : "GET";
        const Told answer = desk.ask(request, root);
        CHECK(answer.status == 405);
        CHECK(answer.allow == to_text(row.method));
        CHECK(answer.error == fmt::format("{} needs the method {}", row.path, to_text(row.method)));
    }
}

TEST_CASE("a caller without the right is refused before anything else is checked") {
    for (const Endpoint& row : endpoints()) {
        Office desk;
        INFO(row.path);
        for (const Access& access : {root, group, ann}) {
            const Told answer = desk.ask(row, access, "a", 1);
            const std::string refusal = fmt::format("uid 1000 has no permission for {}", row.path);
            CHECK((answer.error == refusal) == !access.may(row.right));
            if (!access.may(row.right)) CHECK(answer.status == 403);
        }
    }
}

TEST_CASE("a user without jobs gets only what every user may see") {
    Office desk;
    for (const Endpoint& row : endpoints()) {
        INFO(row.path);
        CHECK((desk.ask(row, carl, "a", 1).status == 403) == (row.right != Right::anyone));
    }
    ControlRequest request;
    request.method = "GET";
    request.path = "/v1/nothing";
    CHECK(desk.ask(request, carl).status == 403);
}

TEST_CASE("for a user, jobs and runs of other users do not exist, in any request") {
    Office desk;
    const RunId run = desk.started("c");
    for (const Endpoint& row : endpoints()) {
        if (!ann.may(row.right)) continue;
        INFO(row.path);
        const Told answer = desk.ask(row, ann, "c", run);
        if (has(row, Type::job) || has(row, Type::jobs)) CHECK(answer.error == "unknown job `c`");
        if (has(row, Type::run)) CHECK(answer.error == fmt::format("there is no run {}", run));
        if (has(row, Type::alert)) CHECK(answer.error == fmt::format("there is no open alert {}", run));
        if (answer.error.empty()) CHECK(answer.status == 200);
    }
}

TEST_CASE("a POST takes no query, and an endpoint takes no parameter that its row does not have") {
    Office desk;
    for (const Endpoint& row : endpoints()) {
        INFO(row.path);
        ControlRequest request;
        request.method = to_text(row.method);
        request.path = row.path;
        request.query = {{"unknown", "1"}};
        CHECK(desk.ask(request, root).error == "unknown query parameter `unknown`");
        if (row.method == Method::get) continue;
        request.query.clear();
        request.body = R"({"unknown": 1})";
        CHECK(desk.ask(request, root).error == "unknown field `unknown`");
    }
}

TEST_CASE("while the ledger cannot be written, requests that need it get an error, and every change is refused") {
    auto ledger = std::make_unique<Refusing>(make_memory_store());
    Refusing& store = *ledger;
    test::ControlRoom room(test::plan_of(test::desk_of_ann_and_bob), "/nonexistent", std::move(ledger));
    store.refuses = true;
    room.shell.step(StartAsked{JobName("a"), {}, false, "root", false, {}});
    REQUIRE(room.shell.engine_or_null() == nullptr);
    const auto ask = [&](const Endpoint& row, const std::string& body) {
        ControlRequest request;
        request.method = to_text(row.method);
        request.path = row.path;
        request.body = body;
        if (row.path == "/v1/why") request.query = {{"job", "a"}};
        if (row.path == "/v1/logs") request.query = {{"run", "1"}};
        request.access = ann;
        request.uid = 1000;
        return room.control.answer(request, os::instant_now()).status;
    };
    for (const Endpoint& row : endpoints()) {
        INFO(row.path);
        if (row.work == Work::reads) CHECK(ask(row, "") == 503);
        if (row.work == Work::reads_always) CHECK(ask(row, "") == 200);
        // For a user who is not an operator, unfinished runs are counted first.
        if (row.path == "/v1/start") CHECK(ask(row, R"({"job": "a"})") == 503);
    }
}
