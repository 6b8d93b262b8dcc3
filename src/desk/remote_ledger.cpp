#include "desk/remote_ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/open_store.h"

namespace mc::app {

namespace {

std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.' || c == '/';
        out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

// The daemon gives fewer at once.
std::string path_of(const RunFilter& filter, const std::string& job, std::size_t count) {
    std::string path = fmt::format("/v1/runs?n={}", count);
    if (!job.empty()) path += "&job=" + encoded(job);
    if (filter.from) path += "&from=" + to_string(*filter.from);
    if (filter.to) path += "&to=" + to_string(*filter.to);
    if (filter.state) path += fmt::format("&state={}", to_text(*filter.state));
    return path;
}

// For one job, or for all that we may see. It asks page by page.
Result<std::vector<Run>> runs_of(const LoadedConfig& opened, const RunFilter& filter, const std::string& job) {
    std::vector<Run> runs;
    for (std::string before; runs.size() < filter.limit;) {
        const auto answer = ask_daemon(opened.socket, "GET", path_of(filter, job, filter.limit - runs.size()) + before);
        if (!answer) return tl::unexpected(answer.error());
        for (const Json& row : answer->value("runs", Json::array())) {
            auto run = read_run_json(row);
            if (!run) return tl::unexpected(run.error());
            runs.push_back(*std::move(run));
        }
        const Json* next = answer->find("next");
        if (!next || !next->is_number_integer()) break;
        before = fmt::format("&before={}", next->get<RunId>());
    }
    return runs;
}

}  // namespace

bool ledger_is_closed(const LoadedConfig& opened) { return is_store_closed(ledger_address(opened)); }

Result<std::vector<Run>> remote_runs(const LoadedConfig& opened, const RunFilter& filter) {
    if (filter.jobs.empty()) return runs_of(opened, filter, "");
    std::vector<Run> all;
    for (const std::string& job : filter.jobs) {
        auto runs = runs_of(opened, filter, job);
        if (!runs) return runs;
        all.insert(all.end(), runs->begin(), runs->end());
    }
    std::sort(all.begin(), all.end(), [](const Run& a, const Run& b) {
        return std::pair{a.fire, a.id} > std::pair{b.fire, b.id};
    });
    if (all.size() > filter.limit) all.resize(filter.limit);
    return all;
}

Result<std::vector<WhyLine>> remote_why(const LoadedConfig& opened, const std::string& job, const std::string& date) {
    const auto answer =
        ask_daemon(opened.socket, "GET",
                   fmt::format("/v1/why?job={}{}", encoded(job), date.empty() ? "" : "&date=" + encoded(date)));
    if (!answer) return tl::unexpected(answer.error());
    std::vector<WhyLine> lines;
    for (const Json& row : answer->value("lines", Json::array())) {
        auto line = read_why_json(row);
        if (!line) return tl::unexpected(line.error());
        lines.push_back(*std::move(line));
    }
    return lines;
}

Result<std::vector<Json>> remote_alerts(const LoadedConfig& opened, AlertsAsked asked) {
    const auto answer = ask_daemon(opened.socket, "GET", asked == AlertsAsked::all ? "/v1/alerts?all=1" : "/v1/alerts");
    if (!answer) return tl::unexpected(answer.error());
    const Json list = answer->value("alerts", Json::array());
    return std::vector<Json>(list.begin(), list.end());
}

Result<std::vector<Json>> remote_next(const LoadedConfig& opened, const std::vector<std::string>& jobs, std::size_t n) {
    std::vector<Json> fires;
    for (const std::string& job : jobs.empty() ? std::vector<std::string>{""} : jobs) {
        const auto answer = ask_daemon(opened.socket, "GET",
                                       fmt::format("/v1/next?n={}{}", n, job.empty() ? "" : "&job=" + encoded(job)));
        if (!answer) return tl::unexpected(answer.error());
        for (const Json& fire : answer->value("fires", Json::array())) fires.push_back(fire);
    }
    std::stable_sort(fires.begin(), fires.end(),
                     [](const Json& a, const Json& b) { return a.value("fire", "") < b.value("fire", ""); });
    if (fires.size() > n) fires.resize(n);
    return fires;
}

Result<std::vector<Json>> far_backfill(const LoadedConfig& opened, Json body) {
    body["dry_run"] = true;
    const auto answer = ask_daemon(opened.socket, "POST", "/v1/backfill", sent(body));
    if (!answer) return tl::unexpected(answer.error());
    const Json items = answer->value("items", Json::array());
    return std::vector<Json>(items.begin(), items.end());
}

Result<RemoteLog> remote_log(const LoadedConfig& opened, RunId run, int attempt, std::size_t offset) {
    const auto answer =
        ask_daemon(opened.socket, "GET", fmt::format("/v1/logs?run={}&offset={}&attempt={}", run, offset, attempt));
    if (!answer) return tl::unexpected(answer.error());
    auto told = read_run_json(answer->value("run", Json::object()));
    if (!told) return tl::unexpected(told.error());
    return RemoteLog{*std::move(told),
                     answer->value("text", std::string()),
                     answer->value("next", offset),
                     answer->value("over", true),
                     answer->value("more", false),
                     answer->value("hidden", false),
                     answer->value("shortened", false)};
}

}  // namespace mc::app
