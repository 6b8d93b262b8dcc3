// calendar_compare DIR EXPECTED...: compares the calendar files of a directory with their expected answers.
// calendar_compare DIR --show NAME FROM TO: prints a calendar's exceptions in some years, for people to read:
// closed days of its week, sessions on other days, and special hours, each with its reason.
//
// EXPECTED is NAME.golden (see make_golden.py), NAME.csv (answers of exchange_calendars: session, open,
// close, break_start, break_end in UTC), or a folder of such files; NAME is the calendar's, in any case,
// with - for /. A calendar is first checked as by `marketcron calendar check`. Differences are printed
// by kind, each with its dates. Exit status: 0 without differences, 1 with differences, 2 for wrong usage.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <tuple>

#include "calendar/check.h"
#include "golden.h"

namespace fs = std::filesystem;
using namespace mc;

namespace {

constexpr std::size_t dates_shown = 15;

std::string weekday_text(Date d) {
    static constexpr const char* names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    return names[weekday_of(d)];
}

// One line for each kind of difference, ordered by first date.
void print(const std::string& name, const std::vector<test::Difference>& all) {
    std::vector<std::pair<std::string, std::vector<Date>>> kinds;
    std::map<std::string, std::size_t> place;
    for (const test::Difference& one : all) {
        const std::string kind = fmt::format("expected {}, got {}", one.expected, one.found);
        const auto [at, is_new] = place.emplace(kind, kinds.size());
        if (is_new) kinds.emplace_back(kind, std::vector<Date>{});
        kinds[at->second].second.push_back(one.date);
    }
    for (const auto& [kind, dates] : kinds) {
        std::string text;
        for (std::size_t n = 0; n < dates.size() && n < dates_shown; ++n)
            text += fmt::format(" {} {},", to_string(dates[n]), weekday_text(dates[n]));
        text.pop_back();
        if (dates.size() > dates_shown)
            text += fmt::format(" ... {} dates to {}", dates.size(), to_string(dates.back()));
        fmt::print("{}: {}:{}\n", name, kind, text);
    }
}

// The calendar files of a directory by the names in their heads.
std::map<std::string, fs::path> files_by_name(const fs::path& directory) {
    std::map<std::string, fs::path> files;
    for (const auto& entry : fs::directory_iterator(directory))
        if (const auto head = parse_toml(test::text_of(entry.path()), entry.path().string()))
            files[(*head)["name"].value_or(std::string{})] = entry.path();
    return files;
}

// Whether the calendar's own file is valid and gives the expected answers.
bool agrees(const CalendarSet& calendars, const std::map<std::string, fs::path>& files, const fs::path& expected) {
    std::string name = expected.stem().string();
    auto calendar = calendars.find(name);
    if (!calendar) {
        for (char& c : name)
            if (c == '-') c = '/';
        if (auto slashed = calendars.find(name)) calendar = std::move(slashed);
    }
    if (!calendar) {
        fmt::print("{}: {}\n", expected.stem().string(), calendar.error().text());
        return false;
    }
    const FindRules find = [&](std::string_view base) -> Result<std::shared_ptr<const CalendarRules>> {
        const auto found = calendars.find(base);
        if (!found) return tl::unexpected(found.error());
        return (*found)->rules();
    };
    bool good = true;
    const fs::path& file = files.at((*calendar)->name());
    if (const auto checked = check_calendar(test::text_of(file), file.string(), test::zone, find); !checked) {
        good = false;
        for (const Error& error : checked.error()) fmt::print("{}\n", error.text());
    }
    const bool answers = expected.extension() == ".csv";
    const auto golden = answers ? test::read_answers(expected, *(*calendar)->zone()) : test::read_golden(expected);
    const auto different = test::differences(**calendar, golden);
    print((*calendar)->name(), different);
    return good && different.empty();
}

int show(const CalendarSet& calendars, const std::string& name, int from, int to) {
    const auto found = calendars.find(name);
    if (!found) {
        fmt::print(stderr, "{}\n", found.error().text());
        return 1;
    }
    const Calendar& calendar = **found;
    for (Date d = make_date(from, 1, 1); d <= make_date(to, 12, 31); d += date::days{1}) {
        const auto facts = calendar.facts(d);
        if (!facts) continue;  // beyond coverage
        const bool as_ever = facts->session ? facts->week_has_it && facts->reason.empty() : !facts->week_has_it;
        if (as_ever) continue;
        fmt::print("{} {}  {}  {}{}\n", to_string(d), weekday_text(d),
                   facts->session ? test::described(*facts->session, *calendar.zone()) : "closed", facts->reason,
                   facts->tentative ? " (tentative)" : "");
    }
    return 0;
}

}  // namespace

int main(int count, char** words) {
    if (count < 3 || !fs::is_directory(words[1])) {
        std::fputs("usage: calendar_compare DIR EXPECTED...\n       calendar_compare DIR --show NAME FROM TO\n",
                   stderr);
        return 2;
    }
    const fs::path directory = words[1];
    if (std::string{words[2]} == "--show" && count == 6)
        return show(test::calendars_of(directory), words[3], std::atoi(words[4]), std::atoi(words[5]));
    std::set<fs::path> files;
    for (int n = 2; n < count; ++n) {
        const fs::path path = words[n];
        if (!fs::exists(path)) {
            fmt::print(stderr, "there is no {}\n", path.string());
            return 2;
        }
        if (!fs::is_directory(path)) files.insert(path);
        else
            for (const auto& entry : fs::directory_iterator(path))
                if (entry.path().extension() == ".golden" || entry.path().extension() == ".csv") files.insert(entry);
    }
    const CalendarSet calendars = test::calendars_of(directory);
    const auto by_name = files_by_name(directory);
    std::size_t good = 0;
    for (const fs::path& file : files) good += agrees(calendars, by_name, file) ? 1 : 0;
    fmt::print("{} of {} agree\n", good, files.size());
    return good == files.size() ? 0 : 1;
}
