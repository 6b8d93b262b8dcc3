#include "engine/present.h"

#include <algorithm>
#include <tuple>

#include "engine/upstream.h"

namespace mc {

const Run* Engine::Body::Present::at_hand(RunId id) const {
    const auto found = body_.open.find(id);
    return found == body_.open.end() ? nullptr : &found->second;
}

std::optional<Run> Engine::Body::Present::by_key(std::string_view job, std::string_view key) const {
    if (const auto keys = body_.open_by_key.find(job); keys != body_.open_by_key.end())
        if (const auto id = keys->second.find(key); id != keys->second.end()) return body_.open.at(id->second);
    return body_.ledger.by_key(job, key);
}

std::optional<Run> Engine::Body::Present::by_id(RunId id) const {
    if (const Run* run = at_hand(id)) return *run;
    return body_.ledger.by_id(id);
}

std::optional<Run> Engine::Body::Present::spanning(std::string_view job, Instant fire) const {
    for (const RunId id : body_.shared) {
        const Run& run = body_.open.at(id);
        if (run.job == job && run.last_fire && run.fire <= fire && fire <= *run.last_fire) return run;
    }
    auto row = body_.ledger.spanning(job, fire);
    if (const Run* changed = row ? at_hand(row->id) : nullptr) return *changed;
    return row;
}

std::optional<JobRecord> Engine::Body::Present::record_of(std::string_view job) const {
    const auto found = body_.records.find(std::string(job));
    if (found == body_.records.end()) return std::nullopt;
    return found->second;
}

std::vector<Run> Engine::Body::Present::by_date(std::string_view job, Date logical_date) const {
    std::vector<Run> runs = body_.ledger.by_date(job, logical_date);
    std::erase_if(runs, [&](const Run& run) { return at_hand(run.id) != nullptr; });
    const auto open = body_.open_by_date.find({std::string(job), logical_date});
    if (open != body_.open_by_date.end())
        for (const RunId id : open->second) runs.push_back(body_.open.at(id));
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
        return std::pair{a.fire, a.id} < std::pair{b.fire, b.id};
    });
    return runs;
}

std::optional<Run> Engine::Body::Present::newest_before(std::string_view job, Date date, Instant fire_before) const {
    std::optional<Run> newest = body_.ledger.newest_before(job, date, fire_before);
    const std::string name(job);
    for (auto at = body_.open_by_date.lower_bound({name, date}); at != body_.open_by_date.begin();) {
        --at;
        if (at->first.first != name || (newest && at->first.second <= newest->logical_date)) break;
        for (const RunId id : at->second)
            if (seen_by_others(body_.open.at(id))) return body_.open.at(id);
    }
    return newest;
}

std::vector<Run> Engine::Body::Present::upstream_failed_after(std::string_view job, Date date) const {
    std::vector<Run> runs = body_.ledger.upstream_failed_after(job, date);
    std::erase_if(runs, [&](const Run& run) { return at_hand(run.id) != nullptr; });
    for (const auto& [id, is_new] : body_.touched) {
        const Run& run = body_.open.at(id);
        if (run.job == job && run.state == State::upstream_failed && run.logical_date > date) runs.push_back(run);
    }
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
        return std::tuple{a.logical_date, a.fire, a.id} < std::tuple{b.logical_date, b.fire, b.id};
    });
    return runs;
}

}  // namespace mc
