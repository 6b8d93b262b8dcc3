// golden.h — the expected answers of calendars, from golden files (see make_golden.py) or answers of another
// library, and the differences from them.
#pragma once

#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "calendar/rules.h"
#include "support/calendars.h"

namespace mc::test {

// The expected text for each date of a span: "closed" or "OPEN CLOSE BREAK...", in local time.
struct Golden {
    Date from, to;
    std::map<Date, std::string> week, hours;  // by the first date
    std::map<Date, std::string> irregular;

    std::string on(Date d) const {
        if (const auto found = irregular.find(d); found != irregular.end()) return found->second;
        if (week.empty()) return "closed";
        const std::string& mask = std::prev(week.upper_bound(d))->second;
        const bool week_has = mask[(weekday_of(d) + 6) % 7] == '1';
        return week_has ? std::prev(hours.upper_bound(d))->second : "closed";
    }
};

inline Golden read_golden(const std::filesystem::path& file) {
    Golden golden;
    std::istringstream lines(text_of(file));
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

inline std::string local(Instant t, Date d, const Zone& zone) { return day_time_text(zone.to_wall(t) - WallTime{d}); }

inline std::string described(const Session& session, const Zone& zone) {
    const Date d = session.date;
    std::string text = local(session.open, d, zone) + " " + local(session.close, d, zone);
    for (const Span& span : session.breaks) text += " " + local(span.from, d, zone) + "/" + local(span.to, d, zone);
    return text;
}

// Answers as CSV rows "session,open,close,break_start,break_end", times in UTC: "2024-01-02 14:30:00+00:00"
// or "2024-01-02T14:30:00Z"; the first line names the columns, a date between two rows is closed.
inline Golden read_answers(const std::filesystem::path& file, const Zone& zone) {
    Golden golden;
    std::istringstream lines(text_of(file));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        std::vector<std::string> cells;
        std::istringstream row(line);
        for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell == "NaT" ? "" : cell);
        if (cells.size() < 3) continue;
        const auto instant = [&](std::size_t at) {
            std::string text = cells[at].substr(0, 19);
            text[10] = 'T';
            if (text.size() == 16) text += ":00";
            return parse_instant(text + "Z").value();
        };
        Session session;
        session.date = parse_date(cells[0].substr(0, 10)).value();
        session.open = instant(1);
        session.close = instant(2);
        if (cells.size() >= 5 && !cells[3].empty()) session.breaks.push_back({instant(3), instant(4)});
        if (golden.irregular.empty()) golden.from = session.date;
        golden.to = session.date;
        golden.irregular[session.date] = described(session, zone);
    }
    return golden;
}

struct Difference {
    Date date;
    std::string expected, found;
};

inline std::vector<Difference> differences(const Calendar& calendar, const Golden& golden) {
    std::vector<Difference> result;
    for (Date d = golden.from; d <= golden.to; d += date::days{1}) {
        const auto session = calendar.session(d);
        const std::string found = !session   ? "not covered"
                                  : *session ? described(**session, *calendar.zone())
                                             : "closed";
        if (found != golden.on(d)) result.push_back({d, golden.on(d), found});
    }
    return result;
}

}  // namespace mc::test
