// view_of_daemon.cpp — the LedgerView that asks the daemon's socket.
#include <fmt/format.h>

#include <algorithm>

#include "desk/client.h"
#include "desk/ledger_view.h"

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

// The daemon may send fewer at a time.
std::string path_of(const RunFilter& filter, const std::string& job, std::size_t count) {
    std::string path = fmt::format("/v1/runs?n={}", count);
    if (!job.empty()) path += "&job=" + encoded(job);
    if (filter.from) path += "&from=" + to_string(*filter.from);
    if (filter.to) path += "&to=" + to_string(*filter.to);
    if (filter.state) path += fmt::format("&state={}", to_text(*filter.state));
    return path;
}

class ViewOfDaemon final : public LedgerView {
   public:
    explicit ViewOfDaemon(const LoadedConfig& opened) : socket_(opened.socket) {}

    Result<std::vector<Run>> runs(const RunFilter& filter) override {
        if (filter.jobs.empty()) return runs_of(filter, "");
        std::vector<Run> all;
        for (const JobName& job : filter.jobs) {
            auto runs = runs_of(filter, job);
            if (!runs) return runs;
            all.insert(all.end(), runs->begin(), runs->end());
        }
        std::sort(all.begin(), all.end(), [](const Run& a, const Run& b) {
            return std::pair{a.fire, a.id} > std::pair{b.fire, b.id};
        });
        if (all.size() > filter.limit) all.resize(filter.limit);
        return all;
    }

    Result<std::map<RunId, State>> states(const std::vector<RunId>&, const BackfillAsked& of) override {
        RunFilter filter;
        filter.jobs = of.jobs;
        filter.from = of.from;
        filter.to = of.to;
        const auto found = runs(filter);
        if (!found) return tl::unexpected(found.error());
        std::map<RunId, State> states;
        for (const Run& run : *found) states.emplace(run.id, run.state);
        return states;
    }

    Result<std::vector<WhyLine>> why(const std::string& job, std::optional<Date> date) override {
        const auto answer =
            get(fmt::format("/v1/why?job={}{}", encoded(job), date ? "&date=" + to_string(*date) : std::string()));
        if (!answer) return tl::unexpected(answer.error());
        std::vector<WhyLine> lines;
        for (const Json& row : answer->value("lines", Json::array())) {
            auto line = read_why_json(row);
            if (!line) return tl::unexpected(line.error());
            lines.push_back(*std::move(line));
        }
        return lines;
    }

    Result<std::vector<Json>> alerts(AlertsAsked which) override {
        return list_in(get(which == AlertsAsked::all ? "/v1/alerts?all=1" : "/v1/alerts"), "alerts");
    }

    Result<ComingFires> next(const std::vector<std::string>& jobs, std::size_t n,
                             std::optional<Instant> from) override {
        check(!from, "the daemon only answers for fires after now");
        ComingFires coming;
        for (const std::string& job : jobs.empty() ? std::vector<std::string>{""} : jobs) {
            const auto fires =
                list_in(get(fmt::format("/v1/next?n={}{}", n, job.empty() ? "" : "&job=" + encoded(job))), "fires");
            if (!fires) return tl::unexpected(fires.error());
            coming.fires.insert(coming.fires.end(), fires->begin(), fires->end());
        }
        std::stable_sort(coming.fires.begin(), coming.fires.end(),
                         [](const Json& a, const Json& b) { return a.value("fire", "") < b.value("fire", ""); });
        if (coming.fires.size() > n) coming.fires.resize(n);
        return coming;
    }

    Result<std::vector<Json>> would_backfill(const BackfillAsked& asked) override {
        Json body = backfill_body(asked);
        body["dry_run"] = true;
        return list_in(ask_daemon(socket_, "POST", "/v1/backfill", sent(body)), "items");
    }

    Result<LogPiece> log(RunId run, int attempt, std::uint64_t offset) override {
        const auto answer = get(fmt::format("/v1/logs?run={}&offset={}&attempt={}", run, offset, attempt));
        if (!answer) return tl::unexpected(answer.error());
        auto told = read_run_json(answer->value("run", Json::object()));
        if (!told) return tl::unexpected(told.error());
        return LogPiece{*std::move(told),
                        answer->value("text", std::string()),
                        answer->value("next", offset),
                        answer->value("over", true),
                        answer->value("more", false),
                        answer->value("hidden", false),
                        answer->value("shortened", false)};
    }

    Result<OutputState> output(RunId run, int attempt) override {
        const auto answer = get(fmt::format("/v1/logs?run={}&attempt={}&check=1", run, attempt));
        if (!answer) return tl::unexpected(answer.error());
        OutputState state;
        state.attempt = {run, answer->value("attempt", attempt)};
        state.check.is_intact = answer->value("output_intact", true);
        if (const Json* sha256 = answer->find("output_sha256"); sha256 && sha256->is_string())
            state.check.seal = OutputSeal{sha256->get<std::string>(), answer->value("output_bytes", std::int64_t{0})};
        return state;
    }

   private:
    Result<Json> get(const std::string& path) const { return ask_daemon(socket_, "GET", path); }

    static Result<std::vector<Json>> list_in(const Result<Json>& answer, const char* name) {
        if (!answer) return tl::unexpected(answer.error());
        const Json list = answer->value(name, Json::array());
        return std::vector<Json>(list.begin(), list.end());
    }

    // Of one job, or with job "" of all jobs that the user may see; page by page.
    Result<std::vector<Run>> runs_of(const RunFilter& filter, const std::string& job) const {
        std::vector<Run> runs;
        for (std::string before; runs.size() < filter.limit;) {
            const auto answer = get(path_of(filter, job, filter.limit - runs.size()) + before);
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

    std::string socket_;
};

}  // namespace

std::unique_ptr<LedgerView> view_of_daemon(const LoadedConfig& opened) {
    return std::make_unique<ViewOfDaemon>(opened);
}

}  // namespace mc::app
