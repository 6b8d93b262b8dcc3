// control_target.cpp — a request to the control API of a daemon without a keeper, by each of the three kinds of callers.
//
// The input: a letter for who asks, one for the path, then the body of a POST or the query of a GET ("job=a&n=3").
#include <array>
#include <cstdlib>

#include "base/result.h"
#include "daemon/control.h"
#include "exec/keeper_executor.h"
#include "fuzz/targets.h"
#include "store/store.h"
#include "support/context.h"

namespace mc::fuzz {

namespace {

using namespace app;

constexpr std::array paths{"/v1/status",
                           "/v1/runs",
                           "/v1/next",
                           "/v1/why",
                           "/v1/logs",
                           "/v1/alerts",
                           "/v1/start",
                           "/v1/stop",
                           "/v1/rerun",
                           "/v1/mark",
                           "/v1/alert",
                           "/v1/clear",
                           "/v1/backfill",
                           "/v1/hold",
                           "/v1/ice",
                           "/v1/release",
                           "/v1/calendar-override",
                           "/v1/reload",
                           "/v1/drain",
                           "/v1/notify-test"};
constexpr std::size_t gets = 6;

const char* const desk = R"(
[job.a]
schedule = "@close+15m"
calendar = "XNYS"
command = "true"
user = "ann"
[job.b]
after = ["a"]
command = "true"
user = "ann"
[job.c]
schedule = "0 9 * * *"
command = "true"
user = "bob"
)";

std::shared_ptr<const Plan> plan() {
    static const auto read = std::make_shared<const Plan>(read_plan({"desk.toml", desk}, test::read_context()).value());
    return read;
}

// Fresh for each input, so that an input alone says what happens. Its state is nowhere: no process is started.
struct Room {
    Troubles troubles{[](const std::string&) {}};
    std::unique_ptr<Store> store = make_memory_store();
    os::KeeperExecutor executor{"/nonexistent", std::nullopt};
    AttemptOutputs outputs{"/nonexistent", *store};
    Shell shell{{executor, os::machine_clock(), outputs, *store}, test::read_context(), {}};
    Control control{
        shell,
        *store,
        outputs,
        {[] { return Reply{}; }, [](const std::string&) { return Reply{}; }, [this] { return troubles.list(); },
         [](const std::string&) {}, [](const CalendarOverride&, const std::string&) { return Reply{}; }},
        "desk.toml",
        Instant{}};
};

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
    if (input.size() < 2) return;
    Room room;
    check(room.shell.load(plan()).has_value(), "a ledger in memory can be written");
    const std::size_t path = static_cast<unsigned char>(input[1]) % paths.size();
    ControlRequest request;
    request.path = paths[path];
    request.method = path < gets ? "GET" : "POST";
    request.access = access_by(input[0]);
    request.uid = request.access.role == Access::Role::all ? 0 : 1000;
    if (path < gets) request.query = query_of(input.substr(2));
    else request.body = input.substr(2);
    const Instant now = parse_instant("2026-11-20T12:00:00Z").value();
    for (int times = 0; times < 2; ++times) {
        const ControlAnswer answer = room.control.answer(request, now);
        check(Json::parse(answer.body).value_or(Json()).is_object(), "an answer is an object");
        constexpr std::array known{200, 400, 403, 409};
        check(std::find(known.begin(), known.end(), answer.status) != known.end(), "an answer has a documented status");
        check(room.shell.engine_or_null() != nullptr, "the engine lives");
    }
}

}  // namespace mc::fuzz
