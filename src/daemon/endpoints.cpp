// endpoints.cpp — the table of endpoints. docs/control-api.md has the same rows; a test compares them.
#include "daemon/endpoint.h"

namespace mc::app {

namespace {

constexpr Method get = Method::get, post = Method::post;
constexpr Need wanted = Need::wanted;

// clang-format off
std::vector<Endpoint> that_read() {
    return {
        {get, "/v1/status", Right::view, Work::reads_always,
         "what is running, waiting and next, and the daemon's troubles", {}, get_status},
        {get, "/v1/runs", Right::view, Work::reads, "runs, newest fire first, at most 10,000",
         {{"job", Type::text, Need::free, "name of a job"}, {"from", Type::date}, {"to", Type::date},
          {"state"}, {"n", Type::number}, {"before", Type::number, Need::free, "number of a run"}}, get_runs},
        {get, "/v1/alerts", Right::view, Work::reads, "open alerts; with `all` also closed ones",
         {{"all", Type::flag}}, get_alerts},
        {get, "/v1/next", Right::view, Work::reads, "the next fires, earliest first",
         {{"job", Type::text, Need::free, "name of a job"}, {"n", Type::number}}, get_next},
        {get, "/v1/why", Right::view, Work::reads, "what happened or will happen to a job on a date, and why",
         {{"job", Type::text, wanted, "name of a job"}, {"date", Type::date}}, get_why},
        {get, "/v1/logs", Right::view, Work::reads, "the output of an attempt, masked; with `check` whether it is intact",
         {{"run", Type::run, wanted}, {"offset", Type::number}, {"attempt", Type::number}, {"check", Type::flag}}, get_logs},
        // For every user: a market's hours are not secret, and without the changes a user's commands would show wrong ones.
        {get, "/v1/calendar-overrides", Right::anyone, Work::reads_always, "the changes that `marketcron calendar override` made",
         {}, get_calendar_overrides},
    };
}

std::vector<Endpoint> that_change_runs() {
    return {
        {post, "/v1/start", Right::operate, Work::adds_runs, "run a job by hand",
         {{"job", Type::job, wanted}, {"session", Type::date}, {"force", Type::flag}, {"gates", Type::flag},
          {"memory", Type::positive, Need::free, "bytes"}, {"timeout", Type::positive, Need::free, "seconds"},
          {"env", Type::texts}}, post_start},
        {post, "/v1/stop", Right::operate, Work::changes, "stop a run and all its processes",
         {{"run", Type::run, wanted}}, post_stop},
        {post, "/v1/rerun", Right::operate, Work::adds_runs, "run a finished run again",
         {{"run", Type::run, wanted}, {"force", Type::flag}}, post_rerun},
        {post, "/v1/mark", Right::operate, Work::changes, "set the result of a run by hand",
         {{"run", Type::run, wanted}, {"state", Type::text, wanted, "`success`, `failed` or `skipped`"},
          {"reason", Type::line, wanted}}, post_mark},
        {post, "/v1/alert", Right::operate, Work::changes, "acknowledge or close an open alert",
         {{"alert", Type::alert, wanted}, {"do", Type::text, wanted, "`ack` or `close`"},
          {"reason", Type::line, wanted}}, post_alert},
        {post, "/v1/clear", Right::operate, Work::adds_runs, "reset the runs of a range of dates; with `dry_run` only list them",
         {{"jobs", Type::jobs, wanted}, {"from", Type::date, wanted}, {"to", Type::date, wanted},
          {"downstream", Type::flag}, {"dry_run", Type::flag}}, post_clear},
        {post, "/v1/backfill", Right::operate, Work::adds_runs, "run past logical dates; with `dry_run` only list the fires",
         {{"jobs", Type::jobs, wanted}, {"from", Type::date, wanted}, {"to", Type::date, wanted},
          {"rerun", Type::text, Need::free, "`failed` or `all`"}, {"parallel", Type::positive}, {"upstream", Type::flag},
          {"assume_upstream", Type::flag}, {"dry_run", Type::flag}}, post_backfill},
    };
}

std::vector<Endpoint> that_change_the_rest() {
    return {
        {post, "/v1/hold", Right::operate, Work::changes, "hold a job: its runs wait until it is released",
         {{"job", Type::job, wanted}, {"until", Type::text, Need::free, "time"}}, post_hold},
        {post, "/v1/ice", Right::operate, Work::changes, "skip a job's due runs until it is released",
         {{"job", Type::job, wanted}, {"until", Type::text, Need::free, "time"}}, post_ice},
        {post, "/v1/release", Right::operate, Work::changes, "end a job's hold or ice",
         {{"job", Type::job, wanted}}, post_release},
        {post, "/v1/calendar-override", Right::manage, Work::changes, "change the hours of a calendar on a date, or undo that",
         {{"calendar", Type::text, wanted}, {"date", Type::date, wanted},
          {"what", Type::text, wanted, "`closed`, `open`, `close` or `clear`"},
          {"time", Type::text, Need::free, "time of day"}, {"reason", Type::line}}, post_calendar_override},
        {post, "/v1/reload", Right::manage, Work::changes, "read the configuration again", {}, post_reload},
        {post, "/v1/drain", Right::end, Work::changes, "start no more runs, and stop the daemon when the last running job has ended", {}, post_drain},
        {post, "/v1/notify-test", Right::manage, Work::changes, "send a test message",
         {{"target", Type::text, wanted}}, post_notify_test},
    };
}
// clang-format on

}  // namespace

const std::vector<Endpoint>& endpoints() {
    static const std::vector<Endpoint> table = [] {
        std::vector<Endpoint> all = that_read();
        for (const auto& more : {that_change_runs(), that_change_the_rest()})
            all.insert(all.end(), more.begin(), more.end());
        return all;
    }();
    return table;
}

std::string_view to_text(Method method) {
    switch (method) {
        case Method::get: return "GET";
        case Method::post: return "POST";
    }
    return "";
}

}  // namespace mc::app
