#include "base/posix_rule.h"

#include <date/date.h>
#include <fmt/format.h>

namespace mc {

namespace {

// Reads from the front of a text. After the first mismatch all later reads fail too, so callers check once, at the end.
class Reader {
   public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool good() const { return good_; }
    bool at_end() const { return rest_.empty(); }
    bool next_is(char c) const { return good_ && !rest_.empty() && rest_.front() == c; }
    bool next_is_digit() const { return good_ && !rest_.empty() && is_digit(rest_.front()); }

    bool take_if(char c) {
        if (!next_is(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char c) {
        if (!take_if(c)) good_ = false;
    }

    // A number of one to three digits from low to high.
    int number(int low, int high) {
        int value = 0;
        int digits = 0;
        for (; next_is_digit() && digits < 3; ++digits) {
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        if (digits == 0 || value < low || value > high) good_ = false;
        return good_ ? value : low;
    }

    // "EST", or "<-03>".
    std::string name() {
        const bool quoted = take_if('<');
        std::size_t length = 0;
        while (length < rest_.size() && is_name(rest_[length], quoted)) ++length;
        std::string result(rest_.substr(0, length));
        rest_.remove_prefix(length);
        if (quoted) expect('>');
        if (length < 3) good_ = false;
        return result;
    }

    // "5", "-3:30", "+02:00:30", in seconds.
    std::int32_t clock(int hour_limit) {
        const bool negative = take_if('-');
        if (!negative) take_if('+');
        std::int32_t seconds = number(0, hour_limit) * 3600;
        if (take_if(':')) {
            seconds += number(0, 59) * 60;
            if (take_if(':')) seconds += number(0, 59);
        }
        return negative ? -seconds : seconds;
    }

    RuleDay rule_day() {
        RuleDay rule;
        if (take_if('M')) {
            rule.kind = RuleDay::Kind::weekday;
            rule.month = number(1, 12);
            expect('.');
            rule.week = number(1, 5);
            expect('.');
            rule.weekday = number(0, 6);
        } else if (take_if('J')) {
            rule.kind = RuleDay::Kind::julian;
            rule.day = number(1, 365);
        } else {
            rule.kind = RuleDay::Kind::day_of_year;
            rule.day = number(0, 365);
        }
        if (take_if('/')) rule.seconds = clock(167);
        return rule;
    }

   private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_name(char c, bool quoted) {
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return letter || (quoted && (is_digit(c) || c == '+' || c == '-'));
    }

    std::string_view rest_;
    bool good_ = true;
};

DaylightRule read_daylight(Reader& reader, std::int32_t standard_offset) {
    DaylightRule rule;
    rule.type.abbreviation = reader.name();
    rule.type.is_dst = true;
    // POSIX counts west as positive; without an offset, daylight saving time is one hour ahead.
    rule.type.utc_offset = reader.next_is(',') ? standard_offset + 3600 : -reader.clock(24);
    reader.expect(',');
    rule.start = reader.rule_day();
    reader.expect(',');
    rule.end = reader.rule_day();
    return rule;
}

}  // namespace

std::int64_t RuleDay::local_seconds(int year) const {
    const date::year y{year};
    const auto first = date::sys_days{y / 1 / 1};
    date::sys_days on = first;
    switch (kind) {
        case Kind::julian: {
            const bool after_leap_day = y.is_leap() && day >= 60;
            on = first + date::days{day - 1 + (after_leap_day ? 1 : 0)};
            break;
        }
        case Kind::day_of_year: on = first + date::days{day}; break;
        case Kind::weekday: {
            const date::month m{static_cast<unsigned>(month)};
            const date::weekday wanted{static_cast<unsigned>(weekday)};
            on = week == 5 ? date::sys_days{y / m / wanted[date::last]}
                           : date::sys_days{y / m / wanted[static_cast<unsigned>(week)]};
            break;
        }
    }
    return std::int64_t{on.time_since_epoch().count()} * 86400 + seconds;
}

Result<PosixRule> parse_posix_rule(std::string_view text) {
    Reader reader(text);
    PosixRule rule;
    rule.standard.abbreviation = reader.name();
    rule.standard.utc_offset = -reader.clock(24);
    if (reader.good() && !reader.at_end()) {
        rule.daylight = read_daylight(reader, rule.standard.utc_offset);
    }
    if (!reader.good() || !reader.at_end()) {
        return fail(Error::Kind::config, fmt::format("invalid time zone rule \"{}\"", text),
                    "a rule looks like EST5EDT,M3.2.0,M11.1.0");
    }
    return rule;
}

}  // namespace mc
