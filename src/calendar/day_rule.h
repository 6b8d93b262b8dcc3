// day_rule.h — rules for the date of a holiday, as exchanges write them, and their date in a year.
//
//   jan 1                       a day of a month
//   3rd mon jan, last mon may   1st to 5th, or last, weekday of a month
//   mon before may 25           the nearest such weekday; also: after, on or before, on or after
//   easter, orthodox_easter     Sunday's date, western and eastern
//   japan_vernal_equinox, japan_autumnal_equinox, chile_winter_solstice, qingming
//   chinese 1 1, korean 8 15    month and day of a lunar calendar (calendar/lunar.h); also:
//                               islamic, umm_al_qura, mabims; hebrew tishrei 1
//
// Each may be followed by a number of days: "easter-2", "4th thu nov +1", "chinese 1 1 -1".
// A rule may have no date in a year ("feb 29", "5th mon jan"); a lunar rule may have two.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "calendar/lunar.h"

namespace mc {

// A set of weekdays: "mon-fri", "sun-thu", "mon, wed-fri", "all".
class Weekdays {
   public:
    static Result<Weekdays> parse(std::string_view text);
    static Weekdays all() { return Weekdays{0x7f}; }
    static Weekdays none() { return Weekdays{0}; }
    static Weekdays monday_to_friday() { return Weekdays{0x3e}; }

    bool has(Date d) const { return has_weekday(weekday_of(d)); }
    bool has_weekday(unsigned weekday) const { return (bits_ >> weekday & 1U) != 0; }
    bool operator==(const Weekdays&) const = default;

   private:
    explicit constexpr Weekdays(std::uint8_t bits) : bits_(bits) {}
    std::uint8_t bits_;  // bit 0 is Sunday
};

class DayRule {
   public:
    static constexpr int days_later_at_most = 366;        // or earlier
    static Result<DayRule> parse(std::string_view text);  // error: config, with examples
    DatesOfYear in(int year) const;

    // The minimum number of days from January 1st to the rule's dates in that year, and from them to December 31st;
    // negative if the added days lead out of the year, and 0 if it is not known.
    struct Room {
        int before, after;
    };
    Room room(int year) const;

   private:
    struct MonthDay {
        unsigned month, day;
    };
    struct NthWeekday {
        int nth;  // -1: the last
        unsigned weekday, month;
    };
    enum class Side { before, on_or_before, on_or_after, after };
    struct NearWeekday {
        unsigned weekday;
        Side side;
        MonthDay day;
    };
    // A day that comes once a year, and the bounds of its day of the year.
    struct Almanac {
        Date (*date)(int year);
        Room room;
    };
    struct Lunar {
        DatesOfYear (*dates)(unsigned month, unsigned day, int year);
        unsigned month, day;
    };
    using Base = std::variant<MonthDay, NthWeekday, NearWeekday, Almanac, Lunar>;

    static std::optional<Base> parse_base(const std::vector<std::string_view>& words);
    static std::optional<Base> parse_almanac(std::string_view word);
    static std::optional<Base> parse_lunar(const std::vector<std::string_view>& words);
    static std::optional<Base> parse_near(const std::vector<std::string_view>& words);
    static std::optional<MonthDay> parse_month_day(std::string_view month_word, std::string_view day_word);
    static std::optional<Date> date_of(const MonthDay& rule, int year);
    static std::optional<Date> date_of(const NthWeekday& rule, int year);
    static std::optional<Date> date_of(const NearWeekday& rule, int year);
    static std::optional<Date> date_of(const Almanac& rule, int year) { return rule.date(year); }
    static DatesOfYear date_of(const Lunar& rule, int year) { return rule.dates(rule.month, rule.day, year); }
    static Room room_of(const MonthDay& rule);
    static Room room_of(const NthWeekday& rule);
    static Room room_of(const NearWeekday& rule);
    static Room room_of(const Almanac& rule) { return rule.room; }
    static Room room_of(const Lunar& rule, int year);
    static Room room_by_sight(const Lunar& rule, int year);

    Base base_ = MonthDay{1, 1};
    int days_later_ = 0;
};

// A part of each year, both ends inclusive: "apr 1 .. apr 7", "last sun oct .. last sun mar".
class Season {
   public:
    static Result<Season> parse(std::string_view text);
    bool has(Date d) const;

   private:
    Season(DayRule first, DayRule last) : first_(first), last_(last) {}
    DayRule first_, last_;
};

// The number of days by which a date is observed earlier or later, by its weekday: "sat-1 sun+1".
class ObservedShift {
   public:
    static constexpr int days_at_most = 7;  // earlier or later
    static Result<ObservedShift> parse(std::string_view text);
    Date observed(Date d) const { return d + date::days{days_[weekday_of(d)]}; }

   private:
    std::array<std::int8_t, 7> days_{};
};

// When a holiday also closes another day, the next trading day that is not a holiday: if it falls on one of these
// weekdays ("sat-sun") or, with the word "holiday", on another holiday ("sun, holiday").
class InLieu {
   public:
    static Result<InLieu> parse(std::string_view text);
    bool holds(Date d, bool is_another_holiday) const {
        return (days_ && days_->has(d)) || (on_holidays_ && is_another_holiday);
    }

   private:
    std::optional<Weekdays> days_;
    bool on_holidays_ = false;
};

// A time of the exchange's day in seconds from the midnight of its date: "09:30", "09:30:15", "18:00-1d" on the day
// before, "00:00+1d" on the day after.
Result<Seconds> parse_day_time(std::string_view text);
// The shortest text for the time.
std::string day_time_text(Seconds time);

}  // namespace mc
