// cmd_why.cpp — marketcron why JOB [DATE]: explains what happened or will happen on a date.
#include <fmt/format.h>

#include <algorithm>

#include "desk/ledger_view.h"
#include "desk/narrator.h"
#include "desk/say.h"

namespace mc::app {

namespace {

constexpr std::size_t fold_from = 3;  // from this number on, similar fires after one are counted, not shown

bool alike(const WhyLine& a, const WhyLine& b) {
    return a.fire && b.fire && a.state == b.state && a.run.has_value() == b.run.has_value() &&
           std::equal(a.reasons.begin(), a.reasons.end(), b.reasons.begin(), b.reasons.end(),
                      [](const WhyReason& x, const WhyReason& y) { return x.check == y.check && x.holds == y.holds; });
}

// The number of lines after `first` that differ from it only in their instant.
std::size_t count_alike(const std::vector<WhyLine>& lines, std::size_t first) {
    std::size_t count = 0;
    while (first + count + 1 < lines.size() && alike(lines[first], lines[first + count + 1])) ++count;
    return count;
}

void print(const WhyLine& line, const Zone& zone) {
    say("{} for {}: {}{}{}\n", line.job, to_string(line.date), line.state,
        line.run ? fmt::format(", run {}", *line.run) : "", line.fire ? ", due " + clock_text(*line.fire, zone) : "");
    for (const WhyReason& reason : line.reasons)
        say("  {} {:<16} {}\n", reason.holds ? "yes" : "no ", reason.check, reason.text);
}

// The reason calendar_ended of a fire without a row; a row's reason describes the calendar of its time. Null: none.
const WhyReason* beyond_coverage(const WhyLine& line) {
    if (line.run) return nullptr;
    for (const WhyReason& reason : line.reasons)
        if (reason.check == "calendar_ended") return &reason;
    return nullptr;
}

void print(const std::vector<WhyLine>& lines, const Zone& zone, bool as_json) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (as_json) {
            print_line(why_json(lines[i]));
            continue;
        }
        const std::size_t alike = count_alike(lines, i);
        print(lines.at(i), zone);
        if (alike < fold_from) continue;
        i += alike;
        say("  and {} more like this one, the last due {}; --json shows each\n", alike,
            clock_text(*lines.at(i).fire, zone));
    }
}

// Absent: today.
Result<std::optional<Date>> date_asked(const Args& args) {
    if (args.words.size() < 2) return std::optional<Date>{};
    return parse_date(args.words[1]).map([](Date date) { return std::optional(date); });
}

}  // namespace

int cmd_why(const Args& args) {
    const auto opened = open_plan_or_ask(args);
    if (!opened) return report(opened.error());
    const auto date = date_asked(args);
    if (!date) return report(date.error());
    const auto lines = ledger_view(*opened, Needs::plan)->why(args.words[0], *date);
    if (!lines) return report(lines.error());
    const Job* job = opened->plan->find_job(args.words[0]);
    print(*lines, job ? *job->schedule.zone : *opened->context.host_zone, args.json);
    for (const WhyLine& line : *lines)
        if (const WhyReason* ended = beyond_coverage(line))
            return report(Error{Error::Kind::calendar, ended->text, {}, {}});
    return 0;
}

}  // namespace mc::app
