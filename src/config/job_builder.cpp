#include "config/job_builder.h"

#include <algorithm>

#include "config/http_keys.h"
#include "config/job_parts.h"
#include "schedule/session_moments.h"

namespace mc {

namespace {

constexpr std::string_view calendar_hint = "write calendar = \"XNYS\"";

// Reports an unknown calendar. `name` is "" for the job's own calendar: reports if the job has none.
void check_calendar(const CalendarName& name, std::string_view asker, const Spot& spot, const JobDraft& draft,
                    Scope& scope) {
    if (name.empty()) {
        if (draft.job.schedule.calendar.empty() && !draft.calendar_unknown)
            scope.problems.report(spot,
                                  fmt::format("{} needs a calendar, and job \"{}\" has none", asker, draft.job.name),
                                  std::string{calendar_hint});
    } else if (Result<CalendarPtr> found = scope.calendars.find(name); !found) {
        scope.problems.report(spot, std::move(found.error()));
    }
}

// Whether any session of the calendar has the event; the newest sessions are checked first.
bool knows(const Calendar& calendar, SessionEvent event) {
    if (event == SessionEvent::open || event == SessionEvent::close) return true;
    const Coverage coverage = calendar.coverage();
    for (Date day = coverage.to; day >= coverage.from; day -= date::days{1})
        if (const auto session = calendar.session(day);
            session && *session && !event_instants(**session, event).empty())
            return true;
    return false;
}

// `@pre` of a market without pre-market hours would never fire, and the reason would be hard to find.
void check_event(const EventSchedule& event, const std::string& text, const Spot& spot, const JobDraft& draft,
                 Scope& scope) {
    const CalendarName& name = event.calendar.empty() ? draft.job.schedule.calendar : event.calendar;
    const Result<CalendarPtr> calendar = scope.calendars.find(name);
    if (name.empty() || !calendar || knows(**calendar, event.event)) return;
    const bool breaks = event.event == SessionEvent::break_start || event.event == SessionEvent::break_end;
    scope.problems.report(spot,
                          fmt::format("\"{}\": calendar {} has no {}", text, (*calendar)->name(),
                                      breaks ? "breaks" : "hours before its open or after its close"),
                          "write @open or @close, with an offset: \"@open-1h30m\"");
}

void read_texts(const JobDraft& draft, JobSchedule& schedule, Scope& scope) {
    for (const WrittenText& written : draft.schedules) {
        Result<Schedule> read = parse_schedule(written.text, draft.job.name);
        const Spot spot = spot_of(*written.node);
        if (!read) {
            scope.problems.report(spot, std::move(read.error()));
            continue;
        }
        for (const CalendarName& name : calendars_of(*read))
            check_calendar(name, fmt::format("\"{}\"", written.text), spot, draft, scope);
        if (const auto* event = std::get_if<EventSchedule>(&*read))
            check_event(*event, written.text, spot, draft, scope);
        if (const auto* every = std::get_if<EveryInSession>(&*read)) {
            check_event(every->from, written.text, spot, draft, scope);
            check_event(every->to, written.text, spot, draft, scope);
        }
        schedule.schedules.push_back(*std::move(read));
        schedule.texts.push_back(written.text);
    }
}

void check_run_for(const JobDraft& draft, const JobSchedule& schedule, Scope& scope) {
    using Kind = RunFor::Kind;
    if (!schedule.run_for_given || !schedule.calendar.empty() || schedule.run_for.kind == Kind::date) return;
    // Fires of a named calendar's sessions are counted on that calendar.
    const bool all_of_sessions = std::all_of(schedule.schedules.begin(), schedule.schedules.end(), of_sessions);
    if (all_of_sessions && schedule.run_for.kind != Kind::trading_session) return;
    check_calendar({}, "`run_for`", draft.spot("run_for"), draft, scope);
}

void check_roll(const JobDraft& draft, const JobSchedule& schedule, Scope& scope) {
    if (schedule.roll == Roll::none) return;
    check_calendar({}, "`roll`", draft.spot("roll"), draft, scope);
    const auto cron = [](const Schedule& s) { return std::holds_alternative<CronExpr>(s); };
    if (!schedule.schedules.empty() && std::none_of(schedule.schedules.begin(), schedule.schedules.end(), cron))
        scope.problems.report(draft.spot("roll"),
                              fmt::format("`roll` moves cron fires, and job \"{}\" has none", draft.job.name),
                              "remove it, or write a schedule such as \"0 18 15 * *\"");
}

void check_limits(const JobDraft& draft, Scope& scope) {
    const auto check_limit = [&](std::string_view key, const BoxedOptional<Limit>& limit) {
        if (!limit) return;
        const auto* event = std::get_if<EventSchedule>(&limit->rule);
        if (!event) return;
        check_calendar(event->calendar, fmt::format("`{}`", key), draft.spot(key), draft, scope);
        check_event(*event, limit->text, draft.spot(key), draft, scope);
    };
    check_limit("wait_until", draft.job.wait_until);
    check_limit("not_after", draft.job.not_after);
    check_limit("deadline", draft.job.deadline);
}

// Whether the run's environment may contain Amazon's keys. The content of an env_file is only known to the run.
bool may_hold_aws_keys(const Job& job) {
    const auto has = [&](const char* name) { return job.env.contains(name) || job.secret_env.contains(name); };
    return !job.env_file.empty() || (has("AWS_ACCESS_KEY_ID") && has("AWS_SECRET_ACCESS_KEY"));
}

void check_wait(const JobDraft& draft, const Job& job, Scope& scope) {
    const auto has_no_keys = [](const Sensor& sensor) {
        const auto* s3 = std::get_if<S3Sensor>(&sensor.kind);
        return s3 != nullptr && s3->signing.access_key_file.empty();
    };
    if (!job.wait || may_hold_aws_keys(job) || std::none_of(job.wait->begin(), job.wait->end(), has_no_keys)) return;
    scope.problems.report(draft.spot("wait"), fmt::format("a sensor with `s3` of job \"{}\" has no keys", job.name),
                          "write access_key_file and secret_key_file, or declare AWS_ACCESS_KEY_ID and "
                          "AWS_SECRET_ACCESS_KEY in env, secret_env or env_file");
}

void choose_http(const JobDraft& draft, Job& job, Scope& scope) {
    const Spot spot = draft.spot("http");
    if (job.stdin_text)
        scope.problems.report(draft.spot("stdin"), "an `http` request does not read `stdin`",
                              "write body = \"...\" in `http`");
    const auto* table = draft.where.at("http")->as_table();
    if (table && !table->contains("url") && !draft.http->url.given())
        scope.problems.report(spot, fmt::format("`http` of job \"{}\" has no url", job.name),
                              "write url = \"https://HOST/PATH\"");
    check_http(*draft.http, spot, may_hold_aws_keys(job) ? AwsKeys::maybe_in_environment : AwsKeys::in_files, scope);
    if (!job.timeout) job.timeout = http_timeout;
    job.action = draft.http;
}

void choose_action(const JobDraft& draft, Job& job, Scope& scope) {
    switch (draft.action) {
        case ActionKind::none:
            scope.problems.report(
                job.spot, fmt::format("job \"{}\" does nothing", job.name),
                "write command = \"...\", slack = { to = \"...\", text = \"...\" } or http = { url = \"...\" }");
            return;
        case ActionKind::command:
            if (draft.command) job.action = *draft.command;
            return;
        case ActionKind::http: choose_http(draft, job, scope); return;
        case ActionKind::slack: break;
    }
    if (draft.slack_to.empty() && draft.slack_text)
        scope.problems.report(draft.spot("slack"), "`slack` has no `to`",
                              "write to = \"NAME\", with a [slack.NAME] section");
    if (!draft.slack_text && !draft.slack_to.empty())
        scope.problems.report(draft.spot("slack"), fmt::format("`slack` of job \"{}\" has no text", job.name),
                              "write text = \"...\"");
    if (draft.slack_text) job.action = SlackPost{draft.slack_to, *draft.slack_text};
}

// A job without a calendar whose schedules are not session events never has a session for its texts.
void check_template(const Template& text, std::string_view key, const JobDraft& draft, const Job& job, Scope& scope) {
    const JobSchedule& schedule = job.schedule;
    if (!schedule.calendar.empty()) return;
    const bool has_sessions = std::any_of(schedule.schedules.begin(), schedule.schedules.end(), of_sessions);
    const bool only_sessions = std::all_of(schedule.schedules.begin(), schedule.schedules.end(), of_sessions);
    if (has_sessions && only_sessions) return;  // each of a named calendar, which is then the run's calendar
    if (!text.needs_calendar() && (!text.needs_session() || has_sessions)) return;
    check_calendar({}, fmt::format("`{}` uses sessions: it", key), draft.spot(key), draft, scope);
}

}  // namespace

JobSchedule finish_schedule(const JobDraft& draft, Scope& scope) {
    JobSchedule schedule = draft.job.schedule;
    schedule.job = draft.job.name;
    read_texts(draft, schedule, scope);

    schedule.zone = draft.timezone;
    if (!schedule.zone && !schedule.calendar.empty()) {
        if (Result<CalendarPtr> calendar = scope.calendars.find(schedule.calendar)) schedule.zone = (*calendar)->zone();
    }
    if (!schedule.zone) schedule.zone = scope.host_zone;

    if (!schedule.run_for_given)
        schedule.run_for.kind = schedule.calendar.empty() ? RunFor::Kind::date : RunFor::Kind::session;
    if (schedule.when && schedule.when->needs_calendar())
        check_calendar({}, "`when`", draft.spot("when"), draft, scope);
    check_run_for(draft, schedule, scope);
    check_roll(draft, schedule, scope);
    return schedule;
}

namespace {

// "prices", "prices@previous"
void finish_after(const JobDraft& draft, Job& job, Scope& scope) {
    constexpr std::string_view previous = "@previous";
    if (draft.after.empty()) return;
    After after{{}, draft.trigger};
    for (const WrittenText& written : draft.after) {
        const bool is_previous = written.text.ends_with(previous);
        std::string name = written.text;
        if (is_previous) name.resize(name.size() - previous.size());
        Upstream upstream{JobName(std::move(name)), is_previous};
        if (std::find(after.upstreams.begin(), after.upstreams.end(), upstream) != after.upstreams.end())
            scope.problems.report(spot_of(*written.node), fmt::format("`after` names \"{}\" twice", written.text),
                                  "write it once");
        after.upstreams.push_back(std::move(upstream));
    }
    job.after = std::move(after);
}

// Reports keys that a job without a schedule cannot have.
void check_without_schedule(const JobDraft& draft, const Job& job, Scope& scope) {
    if (draft.where.contains("schedule")) return;
    const auto same_date = [](const Upstream& upstream) { return !upstream.previous; };
    const auto& upstreams = job.after ? job.after->upstreams : std::vector<Upstream>{};
    if (upstreams.empty())
        scope.problems.report(job.spot, fmt::format("job \"{}\" has no schedule", job.name),
                              "write schedule = \"@close+15m\", schedule = \"0 18 * * 1-5\" or after = [\"JOB\"]");
    else if (std::none_of(upstreams.begin(), upstreams.end(), same_date))
        scope.problems.report(
            draft.spot("after"),
            fmt::format("job \"{}\" has no schedule, and \"@previous\" does not create runs", job.name),
            "write a schedule, or name a job of the same date in `after`");
    const RunFor::Kind kind = job.schedule.run_for.kind;
    if (kind == RunFor::Kind::session_offset || kind == RunFor::Kind::trading_session)
        scope.problems.report(
            draft.spot("run_for"),
            fmt::format("job \"{}\" has no schedule: it runs for the date of its upstream jobs", job.name),
            "write \"date\" or \"session\", or give it a schedule");
}

}  // namespace

Job finish_job(const JobDraft& draft, Scope& scope) {
    Job job = draft.job;
    finish_after(draft, job, scope);
    job.schedule = finish_schedule(draft, scope);
    check_without_schedule(draft, job, scope);
    check_limits(draft, scope);
    choose_action(draft, job, scope);
    check_wait(draft, job, scope);
    each_template(job,
                  [&](const Template& text, std::string_view key) { check_template(text, key, draft, job, scope); });
    return job;
}

}  // namespace mc
