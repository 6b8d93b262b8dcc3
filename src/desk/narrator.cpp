#include "desk/narrator.h"

#include <fmt/format.h>
#include <unistd.h>

#include <set>

#include "base/characters.h"
#include "base/spelling.h"
#include "os/clock.h"

namespace mc::app {

namespace {

constexpr int finish_milliseconds = 1000;

std::string took(const Run& run) {
    if (!run.started || !run.finished || run.attempt == 0) return {};
    return fmt::format(" after {}", duration_text(*run.finished - *run.started));
}

}  // namespace

std::string clock_text(Instant t, const Zone& zone) {
    const WallTime wall = zone.to_wall(t);
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    const date::hh_mm_ss<Seconds> time{wall - date_of(wall)};
    const std::string seconds = time.seconds().count() == 0 ? "" : fmt::format(":{:02}", time.seconds().count());
    return fmt::format("{} {} {:02}:{:02}{} {}", days[weekday_of(date_of(wall))], to_string(date_of(wall)),
                       time.hours().count(), time.minutes().count(), seconds, zone.offset_at(t).abbreviation);
}

std::vector<std::string> market_lines(const Plan& plan, Instant now) {
    std::set<CalendarName> names;
    for (const auto& [name, job] : plan.jobs)
        if (!job.schedule.calendar.empty()) names.insert(job.schedule.calendar);
    std::vector<std::string> lines;
    for (const CalendarName& name : names) {
        const auto calendar = plan.calendars->find(name);
        if (!calendar) continue;
        const Zone& zone = *(*calendar)->zone();
        const auto open = (*calendar)->is_open(now);
        const auto current = (*calendar)->trading_session(now);
        const auto next = (*calendar)->next_open(now);
        if (!open || !current || !next)
            lines.push_back(fmt::format("{:<18} unknown: {}", name, open ? "" : open.error().what));
        else if (*open)
            lines.push_back(fmt::format("{:<18} open until {}{}", (*calendar)->name(),
                                        clock_text((*current)->close, zone),
                                        (*current)->early_close ? " (early close)" : ""));
        else if ((*current)->open <= now && now < (*current)->close)
            lines.push_back(
                fmt::format("{:<18} in a break, closes {}", (*calendar)->name(), clock_text((*current)->close, zone)));
        else
            lines.push_back(
                fmt::format("{:<18} closed, opens {}", (*calendar)->name(), clock_text((*next)->open, zone)));
    }
    return lines;
}

Narrator::Narrator(Output output, Style style, ZonePtr zone)
    : out_(std::make_shared<os::LogStream>(STDOUT_FILENO)),
      err_(os::is_same_file(STDOUT_FILENO, STDERR_FILENO) ? out_ : std::make_shared<os::LogStream>(STDERR_FILENO)),
      output_(output),
      style_(style),
      zone_(std::move(zone)) {}

std::vector<std::shared_ptr<os::LogStream>> Narrator::streams() const {
    if (out_ == err_) return {out_};
    return {out_, err_};
}

void Narrator::finish() const {
    for (const auto& stream : streams()) stream->finish(finish_milliseconds);
}

void Narrator::say(const std::string& sentence) const { put_line(visible(sentence)); }

void Narrator::put_line(const std::string& line) const {
    std::string time;
    if (is_terminal()) {
        const WallTime wall = zone_->to_wall(os::instant_now());
        const date::hh_mm_ss<Seconds> t{wall - date_of(wall)};
        time = fmt::format("{:02}:{:02}:{:02}  ", t.hours().count(), t.minutes().count(), t.seconds().count());
    }
    out_->write(fmt::format("{}{}\n", time, line));
}

void Narrator::complain(const std::string& sentence) const {
    err_->write(fmt::format("marketcron: {}\n", visible(sentence)));
}

void Narrator::run(const Run& run) const {
    std::string text;
    if (run.state == State::running && run.ending) {
        text += fmt::format(", being stopped: {}", to_text(run.reason));
    } else if (run.state == State::running) {
        if (run.session) text += fmt::format(", session {}", to_string(*run.session));
        if (run.attempt > 1) text += fmt::format(", attempt {}", run.attempt);
    } else {
        if (run.reason == Reason::marked) text += ", marked";
        else text += took(run);
        if (!run.detail.empty()) text += ": " + run.detail;
        else if (run.reason != Reason::none) text += fmt::format(": {}", to_text(run.reason));
    }
    if (run.fires > 1) text += fmt::format(" ({} fires)", run.fires);
    put_line(fmt::format("{:<18} run {} {}{}", visible(run.job, ""), run.id,
                         style_.state(run.state, std::string(to_text(run.state))), visible(text)));
}

void Narrator::announce(const std::string& config, const Plan& plan) const {
    out_->write(visible(
        fmt::format("marketcron {}: {} from {}\n", MARKETCRON_VERSION, counted(plan.jobs.size(), "job"), config)));
}

void Narrator::greet(const std::string& config, const Plan& plan, const Engine& engine, Instant now) const {
    if (!is_terminal()) return;
    std::vector<std::pair<Instant, std::string>> coming;
    for (const auto& [name, job] : plan.jobs)
        if (const auto fire = engine.next_fire(name); fire && *fire)
            coming.emplace_back((*fire)->due,
                                fmt::format("{:<18} {}", job.shown(), clock_text((*fire)->due, *job.schedule.zone)));
    std::sort(coming.begin(), coming.end());

    std::string text;
    const auto lines = market_lines(plan, now);
    if (!lines.empty()) text += "\nMarkets\n";
    for (const std::string& line : lines) text += fmt::format("  {}\n", line);
    text += "\nNext\n";
    for (std::size_t i = 0; i < coming.size() && i < 8; ++i) text += fmt::format("  {}\n", coming[i].second);
    text += "\nIn a second terminal\n";
    for (const char* command : {"status", "next", "runs"})
        text += fmt::format("  marketcron {} -c {}\n", command, config);
    if (!coming.empty())
        text += fmt::format("  marketcron why {} -c {}\n",
                            coming.back().second.substr(0, coming.back().second.find(' ')), config);
    out_->write(visible(text) + "\nCtrl-C stops the daemon; running jobs continue.\n\n");
}

}  // namespace mc::app
