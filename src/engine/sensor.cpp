#include "engine/sensor.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/overloaded.h"
#include "config/s3_address.h"

namespace mc {

namespace {

constexpr std::size_t command_shown_max = 80;

std::string shortened(std::string text) {
    for (char& c : text)
        if (c == '\n' || c == '\t') c = ' ';
    if (text.size() <= command_shown_max) return text;
    text.resize(command_shown_max);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
    if (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0) text.pop_back();
    return text + "...";
}

Result<std::string> filled_path(const Template& path, const RunFacts& facts, const CalendarSet& calendars) {
    auto text = path.fill(facts, calendars);
    if (!text) return text;
    if (text->empty())
        return fail(Error::Kind::config, fmt::format("wait: the file `{}` is an empty path for this run", path.text()));
    if (text->front() != '/')
        return fail(Error::Kind::config,
                    fmt::format("wait: the file `{}` is \"{}\", which is not an absolute path", path.text(), *text));
    if (text->find_first_of(std::string_view("\0\n", 2)) != std::string::npos)
        return fail(Error::Kind::config,
                    fmt::format("wait: the file `{}` has a line break or a NUL for this run", path.text()));
    return text;
}

Result<std::string> filled_url(const Template& url, const RunFacts& facts, const CalendarSet& calendars) {
    auto text = url.fill(facts, calendars);
    if (!text) return text;
    if (auto good = check_http_url(*text, "http"); !good)
        return fail(Error::Kind::config, fmt::format("wait: {} for this run", good.error().what), good.error().hint);
    return text;
}

Result<std::string> filled_object(const Template& address, const RunFacts& facts, const CalendarSet& calendars) {
    auto text = address.fill(facts, calendars);
    if (!text) return text;
    if (const auto good = parse_s3_address(*text); !good)
        return fail(Error::Kind::config, fmt::format("wait: {} for this run", good.error().what), good.error().hint);
    return text;
}

Result<std::string> filled_command(const CommandSensor& sensor, const RunFacts& facts, const CalendarSet& calendars) {
    if (const auto* shell = std::get_if<ShellCommand>(&sensor.command)) return shell->text.fill(facts, calendars);
    std::string all;
    for (const Template& argument : std::get<ExecCommand>(sensor.command).argv) {
        auto text = argument.fill(facts, calendars);
        if (!text) return text;
        all += (all.empty() ? "" : " ") + *text;
    }
    return all;
}

}  // namespace

Result<std::string> sensor_subject(const Sensor& sensor, const RunFacts& facts, const CalendarSet& calendars) {
    return std::visit(Overloaded{[&](const FileSensor& s) { return filled_path(s.path, facts, calendars); },
                                 [&](const HttpSensor& s) { return filled_url(s.url, facts, calendars); },
                                 [&](const CommandSensor& s) { return filled_command(s, facts, calendars); },
                                 [&](const JobSensor& s) { return Result<std::string>(s.job); },
                                 [&](const S3Sensor& s) { return filled_object(s.address, facts, calendars); }},
                      sensor.kind);
}

std::string sensor_title(const Sensor& sensor, const std::string& subject) {
    const auto url = [&] {
        const std::size_t query = subject.find('?');
        return query == std::string::npos ? subject : subject.substr(0, query) + "?...";
    };
    return std::visit(Overloaded{[&](const FileSensor& s) {
                                     return s.stable ? fmt::format("file {} to stay the same for {}", subject,
                                                                   duration_text(*s.stable))
                                                     : "file " + subject;
                                 },
                                 [&](const HttpSensor&) { return url(); },
                                 [&](const CommandSensor&) { return fmt::format("`{}`", shortened(subject)); },
                                 [&](const JobSensor& s) {
                                     return fmt::format("job {}{}", subject, s.previous ? " of the previous date" : "");
                                 },
                                 [&](const S3Sensor&) { return subject; }},
                      sensor.kind);
}

Seconds next_look(Seconds up, Seconds poll, RunId run) {
    constexpr std::uint64_t spread = 0x9E3779B97F4A7C15;  // spreads consecutive ids over the interval
    const auto every = static_cast<std::uint64_t>(poll.count());
    const std::uint64_t phase = ((static_cast<std::uint64_t>(run) * spread) >> 32) % every;
    const auto first = static_cast<std::uint64_t>(up.count()) + 1;
    return Seconds{static_cast<std::int64_t>(first + (phase + every - first % every) % every)};
}

bool has_stayed(Seconds since_up, Seconds looked_up, Seconds stable) {
    return looked_up >= since_up + Seconds{1} + stable;
}

}  // namespace mc
