// Every calendar, every date of its golden file: is it a session, and its hours by local clocks.
// The golden files' format stands in make_golden.py, which makes them from two libraries' facts.
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "calendar/rules.h"
#include "support/zones.h"

namespace fs = std::filesystem;
using namespace mc;

namespace {

const fs::path root = MARKETCRON_ROOT;

// A golden file: what each date should be, as text: "closed" or "OPEN CLOSE BREAK...".
struct Golden {
    Date from, to;
    std::map<Date, std::string> week, hours;  // from a date on
    std::map<Date, std::string> irregular;

    std::string on(Date d) const {
        if (const auto found = irregular.find(d); found != irregular.end()) return found->second;
        const std::string& mask = std::prev(week.upper_bound(d))->second;
        const bool week_has = mask[(weekday_of(d) + 6) % 7] == '1';
        return week_has ? std::prev(hours.upper_bound(d))->second : "closed";
    }
};

Golden read_golden(const fs::path& file) {
    Golden golden;
    std::istringstream lines(test::text_of(file));
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream words(line);
        std::string kind, first, rest;
        words >> kind >> first >> std::ws;
        std::getline(words, rest);
        const Date date = parse_date(first).value();
        if (kind == "span") {
            golden.from = date;
            golden.to = parse_date(rest).value();
        } else if (kind == "week") {
            golden.week[date] = rest;
        } else if (kind == "hours") {
            golden.hours[date] = rest;
        } else {
            golden.irregular[date] = kind == "closed" ? "closed" : rest;
        }
    }
    return golden;
}

std::string local(Instant t, Date d, const Zone& zone) { return day_time_text(zone.to_wall(t) - WallTime{d}); }

std::string described(const Session* session, const Zone& zone) {
    if (!session) return "closed";
    const Date d = session->date;
    std::string text = local(session->open, d, zone) + " " + local(session->close, d, zone);
    for (const Span& span : session->breaks) text += " " + local(span.from, d, zone) + "/" + local(span.to, d, zone);
    return text;
}

Calendar calendar_of(const fs::path& file) {
    auto rules = read_calendar_rules(test::text_of(file), file.filename());
    if (!rules) FAIL(rules.error().front().text());
    const auto zone = test::zone(rules->timezone).value();
    return Calendar(std::make_shared<const CalendarRules>(std::move(*rules)), zone);
}

std::vector<fs::path> calendar_files() {
    std::set<fs::path> files;
    for (const auto& entry : fs::directory_iterator(root / "calendars")) files.insert(entry.path());
    return {files.begin(), files.end()};
}

std::string golden_name(std::string name) {
    for (char& c : name)
        if (c == '/') c = '-';
    return name + ".golden";
}

}  // namespace

TEST_CASE("every calendar agrees with its golden file on every date") {
    for (const fs::path& file : calendar_files()) {
        const Calendar calendar = calendar_of(file);
        const fs::path golden_file = root / "tests/conformance/calendars" / golden_name(calendar.name());
        INFO(calendar.name() << " has no golden file: add it to golden.csv");
        REQUIRE(fs::exists(golden_file));
        const Golden golden = read_golden(golden_file);
        std::string differences;
        for (Date d = golden.from; d <= golden.to; d += date::days{1}) {
            const std::string found = described(calendar.session(d).value(), *calendar.zone());
            if (found != golden.on(d))
                differences += to_string(d) + ": expected " + golden.on(d) + ", found " + found + "\n";
        }
        INFO(calendar.name());
        CHECK(differences == "");
    }
}

TEST_CASE("2016: what is a holiday for stocks is a short day for bonds and two sessions for futures") {
    const Calendar stocks = calendar_of(root / "calendars/xnys.toml");
    const Calendar bonds = calendar_of(root / "calendars/sifma_us.toml");
    const Calendar futures = calendar_of(root / "calendars/cme_globex_equity.toml");
    const Zone& new_york = *stocks.zone();
    // "closed", "open", or until when it is open, in US Eastern.
    const auto close = [&](const Calendar& calendar, Date d) -> std::string {
        const Session* session = calendar.session(d).value();
        if (!session) return "closed";
        return session->early_close ? "until " + local(session->close, d, new_york) : "open";
    };
    struct Row {
        Date date;
        std::string stocks, bonds, futures;
    };
    const Row rows[] = {
        {make_date(2016, 1, 1), "closed", "closed", "closed"},
        {make_date(2016, 1, 18), "closed", "closed", "until 13:00"},
        {make_date(2016, 2, 15), "closed", "closed", "until 13:00"},
        {make_date(2016, 3, 24), "open", "until 14:00", "open"},
        {make_date(2016, 3, 25), "closed", "closed", "closed"},
        {make_date(2016, 5, 27), "open", "until 14:00", "open"},
        {make_date(2016, 5, 30), "closed", "closed", "until 13:00"},
        {make_date(2016, 7, 1), "open", "until 14:00", "open"},
        {make_date(2016, 7, 4), "closed", "closed", "until 13:00"},
    };
    for (const Row& row : rows) {
        INFO(to_string(row.date));
        CHECK(close(stocks, row.date) == row.stocks);
        CHECK(close(bonds, row.date) == row.bonds);
        CHECK(close(futures, row.date) == row.futures);
        if (row.futures != "until 13:00") continue;
        // "Open until 13:00, reopen 18:00": the next session opens that evening.
        const Session* next = futures.nth_from(row.date, 1).value();
        CHECK(local(next->open, row.date, new_york) == "18:00");
    }
}
