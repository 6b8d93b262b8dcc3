// known.cpp — checker 11: the ledger has what the daemon knows, and a daemon that starts now decides nothing else.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "sim/chance.h"
#include "support/context.h"

namespace mc::sim {

namespace {

using Runs = std::map<RunId, Run>;

// A second engine at each step, or with many runs, would make the simulator several times as slow.
constexpr int steps_between = 6;
constexpr std::size_t runs_max = 60;

std::string text_of(const Runs& runs, RunId id) {
    const auto run = runs.find(id);
    if (run == runs.end()) return "not there";
    return fmt::format("{} {} ({})", to_text(run->second.state), to_text(run->second.reason), run->second.detail);
}

// The first run that differs; "" if there is none.
std::string difference(const Runs& known, const Runs& others,
                       const std::function<bool(const Run&, const Run&)>& differ) {
    std::set<RunId> ids;
    for (const Runs* runs : {&known, &others})
        for (const auto& [id, run] : *runs) ids.insert(id);
    for (const RunId id : ids) {
        const auto one = known.find(id), two = others.find(id);
        if (one == known.end() || two == others.end() || differ(one->second, two->second))
            return fmt::format("run {} is {} instead of {}", id, text_of(others, id), text_of(known, id));
    }
    return "";
}

std::string check_ledger(const Engine& engine, const Recovered& stored) {
    Runs rows;
    for (const Run& run : stored.unfinished) rows.emplace(run.id, run);
    if (auto what = difference(engine.unfinished(), rows, std::not_equal_to<Run>()); !what.empty())
        return "checker 11: the ledger does not have what the daemon knows: " + what;
    OpenAlerts alerts;
    for (const Alert& alert : stored.alerts) alerts.emplace(alert.job, alert);
    if (alerts != engine.alerts()) return "checker 11: the ledger does not have the daemon's open alerts";
    return "";
}

bool waits_for_sensors(const Engine& engine) {
    const auto senses = [](const auto& entry) { return entry.second.reason == Reason::sensor; };
    return std::any_of(engine.unfinished().begin(), engine.unfinished().end(), senses);
}

}  // namespace

// Each daemon checks sensors again, and notices again that the machine refuses starts: these are not compared.
std::string Sim::check_known() {
    const Engine* engine = shell_->engine_or_null();
    const bool is_asked =
        planted_ == Planted::none || planted_ == Planted::unwritten_waits || planted_ == Planted::decides_anew;
    if (!engine || !is_asked || !faults_ || ++steps_ % steps_between != 0) return "";
    if (engine->unfinished().size() > runs_max) return "";
    Recovered stored = *ledger_->recover();
    if (auto what = check_ledger(*engine, stored); !what.empty()) return what;
    if (!engine->start_troubles().empty()) return "";
    Engine other(std::move(stored), store_, test::read_context(), machine_.boot());
    const auto plan = planted_ == Planted::decides_anew ? planted_plan(loaded_, Planted::forget_order) : loaded_;
    if (const auto actions = other.step(PlanLoaded{plan}, now()); !actions)
        return "checker 11: " + actions.error().what;
    const auto decides = [&](const Run& one, const Run& two) {
        return !story_.plan->jobs.at(one.job).wait && (one.state != two.state || one.reason != two.reason);
    };
    auto what = difference(engine->unfinished(), other.unfinished(), decides);
    if (what.empty() && engine->held() != other.held()) what = "other jobs are held";
    const std::optional<Instant> wake = engine->next_wake().wall, others = other.next_wake().wall;
    if (what.empty() && !waits_for_sensors(other) && others && (!wake || *wake > *others))
        what = fmt::format("it wakes at {}, before the daemon", to_string(*others));
    return what.empty() ? "" : "checker 11: a daemon that starts now decides otherwise: " + what;
}

}  // namespace mc::sim
