#include "calendar/day_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <string>
#include <type_traits>

#include "calendar/almanac.h"

namespace mc {
namespace {

constexpr std::array<std::string_view, 7> weekday_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 5> ordinals{"1st", "2nd", "3rd", "4th", "5th"};

template <class Names>
std::optional<unsigned> place_in(const Names& names, std::string_view word) {
    const auto found = std::find(names.begin(), names.end(), word);
    if (found == names.end()) return std::nullopt;
    return static_cast<unsigned>(found - names.begin());
}

std::optional<unsigned> month_number(std::string_view word) {
    const auto place = place_in(month_names, word);
    return place ? std::optional{*place + 1} : std::nullopt;
}

std::optional<int> number(std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = error == std::errc{} && end == digits.data() + digits.size();
    return whole ? std::optional{value} : std::nullopt;
}

std::vector<std::string_view> words_of(std::string_view text, std::string_view separators = " ") {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const auto start = text.find_first_not_of(separators);
        if (start == std::string_view::npos) break;
        const auto end = std::min(text.find_first_of(separators, start), text.size());
        words.push_back(text.substr(start, end - start));
        text.remove_prefix(end);
    }
    return words;
}

// Removes "+3" or "-2" from the end of the text; zero if there is none.
int take_signed_end(std::string_view& text) {
    const auto sign = text.find_last_of("+-");
    if (sign == std::string_view::npos) return 0;
    const auto count = number(text.substr(sign + 1));
    if (!count || *count < 0 || *count > DayRule::days_later_at_most) return 0;
    const bool back = text[sign] == '-';
    text = text.substr(0, sign);
    return back ? -*count : *count;
}

constexpr const char* examples =
    "write \"jan 1\", \"3rd mon jan\", \"last mon may\", \"mon before may 25\", "
    "\"easter-2\" or \"4th thu nov +1\"";

// What to write instead of an invalid rule, by its first word.
std::string hint_for(std::string_view calendar) {
    if (calendar == "hebrew")
        return "write \"hebrew tishrei 1\", a day from 1 to 30 of nisan, iyar, sivan, tammuz, av, elul, tishrei, "
               "heshvan, kislev, tevet, shevat or adar (the second one in a leap year)";
    for (const char* known : {"chinese", "korean", "islamic", "umm_al_qura", "mabims"})
        if (calendar == known)
            return fmt::format("write \"{} 1 1\", a month from 1 to 12 and a day from 1 to 30", calendar);
    return examples;
}

}  // namespace

Result<Weekdays> Weekdays::parse(std::string_view text) {
    const auto wrong = [&] {
        return fail(Error::Kind::config, fmt::format("invalid weekdays \"{}\"", text),
                    "write \"mon-fri\", \"mon, wed-fri\" or \"all\"");
    };
    if (text == "all") return all();
    std::uint8_t bits = 0;
    for (const auto part : words_of(text, ", ")) {
        const auto dash = part.find('-');
        const auto first = place_in(weekday_names, part.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : place_in(weekday_names, part.substr(dash + 1));
        if (!first || !last) return wrong();
        for (unsigned day = *first;; day = (day + 1) % 7) {
            bits = static_cast<std::uint8_t>(bits | 1U << day);
            if (day == *last) break;
        }
    }
    if (bits == 0) return wrong();
    return Weekdays{bits};
}

std::optional<DayRule::MonthDay> DayRule::parse_month_day(std::string_view month_word, std::string_view day_word) {
    const auto month = month_number(month_word);
    const auto day = number(day_word);
    if (!month || !day || *day < 1) return std::nullopt;
    const MonthDay result{*month, static_cast<unsigned>(*day)};
    const bool exists = date_of(result, 2000).has_value();
    return exists ? std::optional{result} : std::nullopt;
}

std::optional<DayRule::Base> DayRule::parse_almanac(std::string_view word) {
    if (word == "easter") return Almanac{western_easter, {80, 249}};
    if (word == "orthodox_easter") return Almanac{orthodox_easter, {92, 236}};
    if (word == "qingming") return Almanac{qingming, {92, 269}};
    if (word == "japan_vernal_equinox") return Almanac{vernal_equinox_in_japan, {77, 284}};
    if (word == "japan_autumnal_equinox") return Almanac{autumnal_equinox_in_japan, {263, 98}};
    if (word == "chile_winter_solstice") return Almanac{june_solstice_in_chile, {169, 193}};
    return std::nullopt;
}

std::optional<DayRule::Base> DayRule::parse_lunar(const std::vector<std::string_view>& words) {
    constexpr std::array<std::string_view, 12> hebrew_months{
        "nisan", "iyar", "sivan", "tammuz", "av", "elul", "tishrei", "heshvan", "kislev", "tevet", "shevat", "adar"};
    const std::string_view calendar = words[0];
    std::optional<unsigned> month;
    if (calendar == "hebrew") {
        if (const auto place = place_in(hebrew_months, words[1])) month = *place + 1;
    } else if (const auto written = number(words[1]); written && 1 <= *written && *written <= 12) {
        month = static_cast<unsigned>(*written);
    }
    const auto day = number(words[2]);
    if (!month || !day || *day < 1 || *day > 30) return std::nullopt;
    const auto with = [&](DatesOfYear (*dates)(unsigned, unsigned, int)) {
        return Lunar{dates, *month, static_cast<unsigned>(*day)};
    };
    if (calendar == "chinese") return with(chinese_dates);
    if (calendar == "korean") return with(korean_dates);
    if (calendar == "islamic") return with(islamic_dates);
    if (calendar == "umm_al_qura") return with(umm_al_qura_dates);
    if (calendar == "mabims") return with(mabims_dates);
    if (calendar == "hebrew") return with(hebrew_dates);
    return std::nullopt;
}

std::optional<DayRule::Base> DayRule::parse_near(const std::vector<std::string_view>& words) {
    const bool or_on = words.size() == 6;
    if (or_on && (words[1] != "on" || words[2] != "or")) return std::nullopt;
    const auto weekday = place_in(weekday_names, words[0]);
    const auto side = words[or_on ? 3 : 1];
    const auto day = parse_month_day(words[words.size() - 2], words.back());
    if (!weekday || !day || (side != "before" && side != "after")) return std::nullopt;
    if (side == "before") return NearWeekday{*weekday, or_on ? Side::on_or_before : Side::before, *day};
    return NearWeekday{*weekday, or_on ? Side::on_or_after : Side::after, *day};
}

std::optional<DayRule::Base> DayRule::parse_base(const std::vector<std::string_view>& words) {
    if (words.size() == 1) return parse_almanac(words[0]);
    if (words.size() == 2) {
        const auto day = parse_month_day(words[0], words[1]);
        return day ? std::optional<Base>{*day} : std::nullopt;
    }
    if (words.size() == 3) {
        if (const auto lunar = parse_lunar(words)) return lunar;
        const auto ordinal = place_in(ordinals, words[0]);
        const auto weekday = place_in(weekday_names, words[1]);
        const auto month = month_number(words[2]);
        if ((!ordinal && words[0] != "last") || !weekday || !month) return std::nullopt;
        return NthWeekday{ordinal ? static_cast<int>(*ordinal) + 1 : -1, *weekday, *month};
    }
    if (words.size() == 4 || words.size() == 6) return parse_near(words);
    return std::nullopt;
}

Result<DayRule> DayRule::parse(std::string_view text) {
    DayRule rule;
    std::string_view rest = text;
    rule.days_later_ = take_signed_end(rest);
    const auto words = words_of(rest);
    const auto base = parse_base(words);
    if (!base)
        return fail(Error::Kind::config, fmt::format("invalid rule for a date \"{}\"", text),
                    words.empty() ? examples : hint_for(words[0]));
    rule.base_ = *base;
    return rule;
}

std::optional<Date> DayRule::date_of(const MonthDay& rule, int year) {
    const auto day = date::year{year} / date::month{rule.month} / date::day{rule.day};
    return day.ok() ? std::optional{Date{date::local_days{day}}} : std::nullopt;
}

std::optional<Date> DayRule::date_of(const NthWeekday& rule, int year) {
    const date::weekday weekday{rule.weekday};
    const auto month = date::year{year} / date::month{rule.month};
    if (rule.nth < 0) return Date{date::local_days{month / weekday[date::last]}};
    const auto day = month / weekday[static_cast<unsigned>(rule.nth)];
    return day.ok() ? std::optional{Date{date::local_days{day}}} : std::nullopt;
}

std::optional<Date> DayRule::date_of(const NearWeekday& rule, int year) {
    const auto near = date_of(rule.day, year);
    if (!near) return std::nullopt;
    const date::weekday wanted{rule.weekday};
    switch (rule.side) {
        case Side::on_or_before: return *near - (date::weekday{*near} - wanted);
        case Side::before: return *near - date::days{1} - (date::weekday{*near - date::days{1}} - wanted);
        case Side::on_or_after: return *near + (wanted - date::weekday{*near});
        case Side::after: return *near + date::days{1} + (wanted - date::weekday{*near + date::days{1}});
    }
    return std::nullopt;
}

DatesOfYear DayRule::in(int year) const {
    DatesOfYear dates;
    const date::days later{days_later_};
    std::visit(
        [&](const auto& rule) {
            if constexpr (std::is_same_v<std::decay_t<decltype(rule)>, Lunar>)
                for (const Date d : date_of(rule, year)) dates.add(d + later);
            else if (const auto d = date_of(rule, year)) dates.add(*d + later);
        },
        base_);
    return dates;
}

// For a year of 365 days, with one day of margin on either side for leap years.
DayRule::Room DayRule::room_of(const MonthDay& rule) {
    constexpr int days_of_year = 365;
    const auto day = date::year{2001} / date::month{rule.month} / date::day{std::min(rule.day, 28U)};
    const int before = static_cast<int>((Date{date::local_days{day}} - make_date(2001, 1, 1)).count());
    const int further = static_cast<int>(rule.day) - static_cast<int>(std::min(rule.day, 28U));
    return {before, days_of_year - 1 - before - further};
}

DayRule::Room DayRule::room_of(const NthWeekday& rule) {
    return {room_of(MonthDay{rule.month, 1}).before, room_of(MonthDay{rule.month, 31}).after};
}

DayRule::Room DayRule::room_of(const NearWeekday& rule) {
    const Room room = room_of(rule.day);
    constexpr int a_week = 7;
    return {room.before - a_week, room.after - a_week};
}

// By sight, a month begins within some days of the arithmetic one, and it may or may not have a 30th day.
DayRule::Room DayRule::room_by_sight(const Lunar& rule, int year) {
    constexpr date::days slack = sighting_slack + date::days{1};
    const Date first = make_date(year, 1, 1), last = make_date(year, 12, 31);
    Room room{366, 366};
    for (const int near : {year - 1, year, year + 1})
        for (const Date d : islamic_dates(rule.month, std::min(rule.day, 29U), near)) {
            if (d + slack < first || last < d - slack) continue;
            room.before = std::min(room.before, static_cast<int>((d - slack - first).count()));
            room.after = std::min(room.after, static_cast<int>((last - d - slack).count()));
        }
    return room;
}

// The first ten months of a lunisolar year begin on or after January 20th, and end by December 21st.
DayRule::Room DayRule::room_of(const Lunar& rule, int year) {
    if (rule.dates == umm_al_qura_dates || rule.dates == mabims_dates) return room_by_sight(rule, year);
    const bool lunisolar = rule.dates == chinese_dates || rule.dates == korean_dates;
    if (!lunisolar || rule.month > 10) return {0, 0};
    constexpr int shortest_month = 29;
    return {19 + shortest_month * static_cast<int>(rule.month - 1),
            10 + shortest_month * static_cast<int>(10 - rule.month)};
}

DayRule::Room DayRule::room(int year) const {
    const auto of = [year](const auto& rule) {
        if constexpr (std::is_same_v<std::decay_t<decltype(rule)>, Lunar>) return room_of(rule, year);
        else return room_of(rule);
    };
    const Room room = std::visit(of, base_);
    return {room.before + days_later_, room.after - days_later_};
}

Result<Season> Season::parse(std::string_view text) {
    const auto dots = text.find("..");
    if (dots == std::string_view::npos)
        return fail(Error::Kind::config, fmt::format("invalid part of a year \"{}\"", text),
                    "write two dates with dots between them: \"apr 1 .. apr 7\"");
    const auto first = DayRule::parse(text.substr(0, dots));
    if (!first) return tl::unexpected(first.error());
    const auto last = DayRule::parse(text.substr(dots + 2));
    if (!last) return tl::unexpected(last.error());
    return Season{*first, *last};
}

bool Season::has(Date d) const {
    const int year = static_cast<int>(civil(d).year());
    const auto first = first_.in(year);
    const auto last = last_.in(year);
    if (first.empty() || last.empty()) return false;
    const Date from = *first.begin(), to = *last.begin();
    if (from <= to) return from <= d && d <= to;
    return d >= from || d <= to;
}

Result<ObservedShift> ObservedShift::parse(std::string_view text) {
    ObservedShift shift;
    for (const auto word : words_of(text)) {
        std::string_view weekday_word = word;
        const int days = take_signed_end(weekday_word);
        const auto weekday = place_in(weekday_names, weekday_word);
        if (!weekday || days == 0 || days < -days_at_most || days > days_at_most)
            return fail(Error::Kind::config, fmt::format("invalid rule for observed holidays \"{}\"", text),
                        "write weekdays with the days to move: \"sat-1 sun+1\"");
        shift.days_[*weekday] = static_cast<std::int8_t>(days);
    }
    return shift;
}

Result<InLieu> InLieu::parse(std::string_view text) {
    InLieu result;
    std::string weekdays;
    for (const auto word : words_of(text, ", ")) {
        if (word == "holiday") result.on_holidays_ = true;
        else weekdays.append(weekdays.empty() ? "" : ",").append(word);
    }
    const auto days = Weekdays::parse(weekdays);
    if (days) result.days_ = *days;
    if (!days && (!weekdays.empty() || !result.on_holidays_))
        return fail(Error::Kind::config, fmt::format("invalid rule for days in lieu \"{}\"", text),
                    "write \"sun\", \"sat-sun\" or \"sun, holiday\": those on these weekdays, or on another holiday");
    return result;
}

Result<Seconds> parse_day_time(std::string_view text) {
    const auto wrong = [&] {
        return fail(Error::Kind::config, fmt::format("invalid time of a session \"{}\"", text),
                    "write \"09:30\", \"18:00-1d\" for the day before or \"00:00+1d\" for the day after");
    };
    std::string_view clock = text;
    Seconds total{0};
    if (clock.ends_with("-1d")) total = -std::chrono::hours{24};
    if (clock.ends_with("+1d")) total = std::chrono::hours{24};
    if (total != Seconds{0}) clock.remove_suffix(3);
    if ((clock.size() != 5 && clock.size() != 8) || clock[2] != ':') return wrong();
    if (clock.size() == 8 && clock[5] != ':') return wrong();
    const auto digits = [&](std::size_t at) -> int {
        if (at >= clock.size()) return 0;
        const bool both = clock[at] >= '0' && clock[at] <= '9' && clock[at + 1] >= '0' && clock[at + 1] <= '9';
        return both ? (clock[at] - '0') * 10 + (clock[at + 1] - '0') : 99;
    };
    const int hour = digits(0), minute = digits(3), second = digits(6);
    if (hour > 23 || minute > 59 || second > 59) return wrong();
    return total + std::chrono::hours{hour} + std::chrono::minutes{minute} + Seconds{second};
}

std::string day_time_text(Seconds time) {
    const auto day = date::floor<date::days>(time).count();
    const auto of_day = (time - date::days{day}).count();
    std::string text = fmt::format("{:02}:{:02}", of_day / 3600, of_day / 60 % 60);
    if (of_day % 60 != 0) text += fmt::format(":{:02}", of_day % 60);
    if (day != 0) text += fmt::format("{:+}d", day);
    return text;
}

}  // namespace mc
