#include "config/job_parts.h"

#include "base/overloaded.h"

namespace mc {

namespace {

using Look = std::function<void(const Template&, std::string_view key)>;

void each_http_template(const HttpCall& call, const Look& look) {
    look(call.url.text, "http");
    for (const HttpHeader& header : call.headers) look(header.value.text, "http");
    if (call.body) look(*call.body, "http");
    if (call.body_file) look(*call.body_file, "http");
}

void each_sensor_template(const Sensor& sensor, const Look& look) {
    std::visit(Overloaded{[&](const FileSensor& s) { look(s.path, "wait"); },
                          [&](const HttpSensor& s) { look(s.url, "wait"); },
                          [&](const CommandSensor& s) {
                              if (const auto* shell = std::get_if<ShellCommand>(&s.command)) look(shell->text, "wait");
                              else
                                  for (const Template& argument : std::get<ExecCommand>(s.command).argv)
                                      look(argument, "wait");
                          },
                          [](const JobSensor&) {}, [&](const S3Sensor& s) { look(s.address, "wait"); }},
               sensor.kind);
}

}  // namespace

std::vector<CalendarName> calendars_of(const Schedule& schedule) {
    return std::visit(Overloaded{[](const EventSchedule& s) { return std::vector{s.calendar}; },
                                 [](const SessionTime& s) { return std::vector{s.calendar}; },
                                 [](const EveryInSession& s) {
                                     return std::vector{s.from.calendar, s.to.calendar};
                                 },
                                 [](const CronExpr&) { return std::vector<CalendarName>{}; },
                                 [](const Every&) { return std::vector<CalendarName>{}; },
                                 [](const Reboot&) { return std::vector<CalendarName>{}; }},
                      schedule);
}

bool of_sessions(const Schedule& schedule) { return !calendars_of(schedule).empty(); }

std::set<CalendarName> calendars_named(const JobSchedule& schedule) {
    std::set<CalendarName> names{schedule.calendar};
    for (const Schedule& one : schedule.schedules) {
        for (const CalendarName& name : calendars_of(one)) names.insert(name);
    }
    if (schedule.when) {
        for (const CalendarName& name : schedule.when->calendars()) names.insert(name);
    }
    names.erase(CalendarName());
    return names;
}

std::set<CalendarName> calendars_used(const Job& job) {
    std::set<CalendarName> names = calendars_named(job.schedule);
    each_template(job, [&](const Template& text, std::string_view) {
        for (CalendarName& name : text.calendars()) names.insert(std::move(name));
    });
    for (const BoxedOptional<Limit>* limit : {&job.wait_until, &job.not_after, &job.deadline})
        if (*limit)
            if (const auto* event = std::get_if<EventSchedule>(&(*limit)->rule)) names.insert(event->calendar);
    names.erase(CalendarName());
    return names;
}

void each_template(const Job& job, const std::function<void(const Template&, std::string_view key)>& look) {
    std::visit(Overloaded{[&](const ShellCommand& c) { look(c.text, "command"); },
                          [&](const ExecCommand& c) {
                              for (const Template& argument : c.argv) look(argument, "command");
                          },
                          [&](const SlackPost& p) { look(p.text, "slack"); },
                          [&](const HttpAction& h) { each_http_template(*h, look); }},
               job.action);
    if (job.cwd) look(*job.cwd, "cwd");
    if (job.stdin_text) look(*job.stdin_text, "stdin");
    for (const auto& [name, value] : job.env) look(value, "env");
    if (job.wait)
        for (const Sensor& sensor : *job.wait) each_sensor_template(sensor, look);
}

bool fills_in_session(const Job& job) {
    bool fills = false;
    each_template(job, [&](const Template& text, std::string_view) { fills = fills || text.needs_session(); });
    return fills;
}

bool waits_for_event(const Job& job) {
    return job.wait_until && std::holds_alternative<EventSchedule>(job.wait_until->rule);
}

bool needs_session(const Job& job) { return fills_in_session(job) || waits_for_event(job); }

}  // namespace mc
