#include "cli/fire_report.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/spelling.h"
#include "desk/json.h"
#include "desk/narrator.h"
#include "desk/say.h"

namespace mc::app {

namespace {

// A folded line is followed by this many of its first fires, and the last one.
constexpr std::size_t first_shown = 2;

constexpr std::initializer_list<Change> kinds{Change::moved, Change::dropped, Change::added};

const Zone& zone_of(const Job& job) { return *job.schedule.zone; }

// ", for 2026-11-20"; "" if that is the fire's local date.
std::string purpose_text(const Fire& fire, const Zone& zone) {
    if (fire.logical_date == date_of(zone.to_wall(fire.due))) return {};
    return fmt::format(", for {}", to_string(fire.logical_date));
}

std::string moved_text(const FireChange& change) {
    const Fire& was = *change.old_fire;
    const Fire& is = *change.fire;
    const Zone& old_zone = zone_of(*change.before);
    const Zone& zone = zone_of(*change.after);
    const std::string from = clock_text(was.due, old_zone);
    if (was.due == is.due && was.logical_date != is.logical_date)
        return fmt::format("{}, for {}, was for {}", clock_text(is.due, zone), to_string(is.logical_date),
                           to_string(was.logical_date));
    std::string to = clock_text(is.due, zone);
    const std::size_t day_end = from.find(' ', from.find(' ') + 1) + 1;
    if (to.compare(0, day_end, from, 0, day_end) == 0) to.erase(0, day_end);
    if (was.logical_date == is.logical_date) return fmt::format("{} to {}{}", from, to, purpose_text(is, zone));
    return fmt::format("{} to {}, for {}, was for {}", from, to, to_string(is.logical_date),
                       to_string(was.logical_date));
}

std::string fire_text(const FireChange& change) {
    if (change.change == Change::moved) return moved_text(change);
    const Job& job = change.fire ? *change.after : *change.before;
    return clock_text(change.shown().due, zone_of(job)) + purpose_text(change.shown(), zone_of(job));
}

const char* verb(Change change, bool one) {
    switch (change) {
        case Change::moved: return one ? "moves" : "move";
        case Change::dropped: return one ? "is dropped" : "are dropped";
        case Change::added: return one ? "is added" : "are added";
    }
    return "";
}

std::string sum_text(Change change, std::size_t count) {
    return fmt::format("{} {}", counted(count, "fire"), verb(change, count == 1));
}

// " (new)", " (removed)", ... if the whole job has changed; else "".
std::string cause_text(const FireChange& change) {
    const auto on = [](const Job* job) { return job && job->enabled; };
    if (on(change.before) && on(change.after)) return {};
    if (on(change.before)) return change.after ? " (disabled)" : " (removed)";
    return change.before ? " (enabled)" : " (new)";
}

std::string shift_text(Seconds by) {
    return by < Seconds{0} ? duration_text(-by) + " earlier" : duration_text(by) + " later";
}

std::string shifts_text(Seconds least, Seconds most) {
    if (least != most) return fmt::format(", {} to {}", shift_text(least), shift_text(most));
    return least == Seconds{0} ? ", to another date" : ", " + shift_text(least);
}

std::string day_text(const FireChange& change) { return to_string(change.shown().logical_date); }

}  // namespace

Telling telling_of(const Args& args) {
    if (args.json) return Telling::json;
    return args.has("--all") ? Telling::each : Telling::folded;
}

Result<PlanDiffAsked> diff_asked(const Args& args, Instant now) {
    PlanDiffAsked asked;
    asked.now = now;
    for (const char* name : {"--from", "--to"}) {
        if (!args.has(name)) continue;
        const auto date = args.date(name);
        if (!date) return tl::unexpected(date.error());
        (std::string_view(name) == "--from" ? asked.from : asked.to) = *date;
    }
    return in_order(asked).map([&] { return asked; });
}

void FireReport::take(const FireChange& change) {
    ++counts_[change.change];
    switch (telling_) {
        case Telling::json: return print_line(change_json(change));
        case Telling::each:
            say("{:<7}  {}  {}\n", to_text(change.change), change.job().shown(), fire_text(change));
            return;
        case Telling::folded: return fold(change);
    }
}

void FireReport::fold(const FireChange& change) {
    if (job_ != change.job().name) {
        print_folds();
        job_ = change.job().name;
    }
    Fold& fold = folds_[change.change];
    if (change.change == Change::moved) {
        const Seconds by = change.fire->due - change.old_fire->due;
        fold.least = fold.count == 0 ? by : std::min(fold.least, by);
        fold.most = fold.count == 0 ? by : std::max(fold.most, by);
    }
    ++fold.count;
    if (fold.first.size() < first_shown) fold.first.push_back(change);
    fold.last = change;
}

void FireReport::print_folds() {
    for (const Change kind : kinds) {
        const auto found = folds_.find(kind);
        if (found == folds_.end()) continue;
        const Fold& fold = found->second;
        std::string line =
            fmt::format("{}{}: {}", fold.last.job().shown(), cause_text(fold.last), sum_text(kind, fold.count));
        if (fold.count > 1) line += fmt::format(", {} to {}", day_text(fold.first.front()), day_text(fold.last));
        if (kind == Change::moved) line += shifts_text(fold.least, fold.most);
        say("{}\n", line);
        for (const FireChange& change : fold.first) say("  {}\n", fire_text(change));
        if (fold.count > first_shown + 1) say("  ...\n");
        if (fold.count > first_shown) say("  {}\n", fire_text(fold.last));
    }
    folds_.clear();
}

void FireReport::finish(Date last) {
    print_folds();
    if (telling_ == Telling::json) return;
    if (counts_.empty()) return say("no fire differs up to {}\n", to_string(last));
    std::string sum;
    for (const Change kind : kinds)
        if (const auto count = counts_.find(kind); count != counts_.end())
            sum += sum.empty() ? sum_text(kind, count->second)
                               : fmt::format(", {} {}", count->second, verb(kind, count->second == 1));
    say("in all, to {}: {}\n", to_string(last), sum);
}

int report_diff(const Plan& before, const Plan& after, const PlanDiffAsked& asked, Telling telling) {
    FireReport fires{telling};
    const auto told = diff_plans(before, after, asked, [&](const FireChange& change) { fires.take(change); });
    if (!told) return report(told.error());
    fires.finish(last_date(asked));
    std::fflush(stdout);
    for (const std::string& sentence : horizons(before, after, asked)) say(stderr, "marketcron: {}\n", sentence);
    return 0;
}

}  // namespace mc::app
