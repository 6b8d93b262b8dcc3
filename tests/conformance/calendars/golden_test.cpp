// Every date of every calendar's golden file: whether it is a session, and its hours in local time.
// make_golden.py makes the golden files from two libraries' facts, and describes their format.
#include "golden.h"

#include <catch2/catch.hpp>

namespace fs = std::filesystem;
using namespace mc;
using test::local;

namespace {

const fs::path root = MARKETCRON_ROOT;

const CalendarSet& calendars() {
    static const CalendarSet all = test::calendars_of(root / "calendars");
    return all;
}

const Calendar& calendar_of(const std::string& name) {
    const auto calendar = calendars().find(name);
    if (!calendar) FAIL(calendar.error().text());
    return **calendar;  // the set keeps it
}

std::string golden_name(std::string name) {
    for (char& c : name)
        if (c == '/') c = '-';
    return name + ".golden";
}

}  // namespace

TEST_CASE("every calendar agrees with its golden file on every date") {
    for (const CalendarName& name : calendars().names()) {
        const Calendar& calendar = calendar_of(name);
        const fs::path golden_file = root / "tests/conformance/calendars" / golden_name(name);
        INFO(name << " has no golden file: add it to golden.csv");
        REQUIRE(fs::exists(golden_file));
        std::string text;
        for (const test::Difference& one : test::differences(calendar, test::read_golden(golden_file)))
            text += to_string(one.date) + ": expected " + one.expected + ", found " + one.found + "\n";
        CHECK(text == "");
    }
}

TEST_CASE("every name that users of the libraries know is a calendar's, in any case") {
    std::istringstream rows(test::text_of(root / "tests/conformance/calendars/names.csv"));
    int words = 0;
    for (std::string row; std::getline(rows, row);) {
        if (row.empty() || row[0] == '#') continue;
        const std::string word = row.substr(0, row.find(',')), name = row.substr(row.find(',') + 1);
        std::string lower = word;
        for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        INFO(row);
        CHECK(calendar_of(word).name() == name);
        CHECK(calendar_of(lower).name() == name);
        ++words;
    }
    CHECK(words > 200);
}

TEST_CASE("2016: holidays for stocks that are short days for bonds and two sessions for futures") {
    const Calendar& stocks = calendar_of("XNYS");
    const Calendar& bonds = calendar_of("SIFMA_US");
    const Calendar& futures = calendar_of("CME_Globex_Equity");
    const Zone& new_york = *stocks.zone();
    // "closed", "open", or the time until which it is open, in US Eastern.
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
        // "Open until 13:00, reopen 18:00": the next session opens in that evening.
        const Session* next = futures.nth_from(row.date, 1).value();
        CHECK(local(next->open, row.date, new_york) == "18:00");
    }
}

TEST_CASE("pre-market and post-market, also on early closes and after holidays") {
    struct Row {
        const char* calendar;
        Date date;
        const char *pre, *post;  // in the exchange's time zone
    };
    const Row rows[] = {
        {"XNYS", make_date(2026, 11, 25), "04:00", "20:00"},
        {"XNYS", make_date(2026, 11, 27), "04:00", "17:00"},
        {"NASDAQ", make_date(2026, 12, 24), "04:00", "17:00"},
        {"IEX", make_date(2026, 11, 25), "08:00", "17:00"},
        {"IEX", make_date(2026, 11, 27), "08:00", "17:00"},
        {"CBOE_Index_Options", make_date(2015, 2, 27), "none", "none"},
        {"CBOE_Index_Options", make_date(2015, 3, 2), "02:00", "none"},
        {"CBOE_Index_Options", make_date(2021, 11, 22), "19:15-1d", "none"},  // Sunday evening
        {"CBOE_Index_Options", make_date(2022, 4, 25), "19:15-1d", "16:00"},
        {"CBOE_Index_Options", make_date(2026, 11, 27), "19:15-1d", "12:15"},  // from the holiday's evening; no Curb
        {"CBOE_Index_Options", make_date(2026, 12, 24), "19:15-1d", "12:15"},
        {"CBOE_Equity_Options", make_date(2026, 8, 14), "none", "none"},
        {"CBOE_Equity_Options", make_date(2026, 8, 17), "06:30", "15:15"},
        {"CBOE_Equity_Options", make_date(2026, 11, 27), "06:30", "12:00"},
    };
    for (const Row& row : rows) {
        INFO(row.calendar << " " << to_string(row.date));
        const Calendar& calendar = calendar_of(row.calendar);
        const Session* session = calendar.session(row.date).value();
        REQUIRE(session);
        const auto text = [&](const std::optional<Instant>& t) {
            return t ? local(*t, row.date, *calendar.zone()) : std::string{"none"};
        };
        CHECK(text(session->pre) == row.pre);
        CHECK(text(session->post) == row.post);
    }
}

TEST_CASE("a moved or declared holiday was not known before its declaration") {
    struct Row {
        const char* calendar;
        Date date, announced;
        bool session_before, session_after;
    };
    const Row rows[] = {
        {"XNYS", make_date(2022, 6, 20), make_date(2021, 9, 30), true, false},
        {"XNYS", make_date(2001, 9, 14), make_date(2001, 9, 13), true, false},
        {"XLON", make_date(2020, 5, 4), make_date(2019, 6, 7), false, true},  // the old day
        {"XLON", make_date(2020, 5, 8), make_date(2019, 6, 7), true, false},
        {"XTKS", make_date(2021, 7, 19), make_date(2020, 12, 4), false, true},
        {"XTKS", make_date(2021, 7, 22), make_date(2020, 12, 4), true, false},
        {"XTKS", make_date(2019, 5, 2), make_date(2018, 12, 14), true, false},
    };
    for (const Row& row : rows) {
        INFO(row.calendar << " " << to_string(row.date));
        const auto is_session = [&](Date day) {
            return as_known_on(calendar_of(row.calendar), day)->session(row.date).value() != nullptr;
        };
        CHECK(is_session(row.announced - date::days{1}) == row.session_before);
        CHECK(is_session(row.announced) == row.session_after);
    }
}
