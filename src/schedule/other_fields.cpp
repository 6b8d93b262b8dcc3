#include "schedule/other_fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/letters.h"

namespace mc {

namespace {

constexpr unsigned first_year = 1970, last_year = 2099;  // the range of Quartz

std::vector<std::string_view> split_at(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(by);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::optional<unsigned> number_of(std::string_view text) {
    if (text.empty() || text.size() > 4 || text.find_first_not_of("0123456789") != std::string_view::npos) return {};
    unsigned value = 0;
    for (const char c : text) value = value * 10 + static_cast<unsigned>(c - '0');
    return value;
}

std::string joined(const std::vector<std::string>& parts, std::string_view by) {
    return fmt::format("{}", fmt::join(parts, by));
}

// A predicate for the weekday nearest to a day of the month, in the same month: Quartz's `15W`.
std::string nearest_weekday(unsigned day) {
    const std::string on_it = fmt::format("day({}) and weekday(mon..fri)", day);
    const std::string before = fmt::format("day({}) and weekday(fri)", day - 1);
    const std::string after = fmt::format("day({}) and weekday(mon)", day + 1);
    if (day == 1) return on_it + " or day(2..3) and weekday(mon)";
    if (day < 28) return fmt::format("{} or {} or {}", on_it, before, after);
    // The Monday after it may be in the next month; then the Friday two days earlier is nearest.
    if (day == 28)
        return fmt::format("{} or {} or {} or month(feb) and day(26) and day(-3) and weekday(fri)", on_it, before,
                           after);
    if (day == 29)
        return fmt::format(
            "{} or day(28) and not day(-1) and weekday(fri) or {} or month(feb) and day(27) and day(-3) and "
            "weekday(fri)",
            on_it, after);
    if (day == 30)
        return fmt::format(
            "{} or not month(feb) and {} or {} or month(apr, jun, sep, nov) and day(28) and weekday(fri)", on_it,
            before, after);
    return fmt::format("{} or month(jan, mar, may, jul, aug, oct, dec) and day(29..30) and weekday(fri)", on_it);
}

class OtherFieldReader {
   public:
    OtherFieldReader(const CronField& field, std::string_view text, WeekdayCount count, std::string_view seed)
        : field_(field), text_(text), count_(count), seed_(seed) {}

    std::optional<OtherField> read() {
        for (const auto element : split_at(text_, ','))
            if (!read_element(element)) return {};
        OtherField read;
        read.restricted = !text_.starts_with('*') && !text_.starts_with('?');
        read.word = std::move(word_);
        if (!values_.empty() && is_day()) special_.push_back(fmt::format("day({})", joined(values_, ", ")));
        if (!values_.empty() && is_weekday()) special_.push_back(fmt::format("weekday({})", joined(values_, ", ")));
        read.as_asked = special_;
        if (has_special_ && all_asked_) read.asked = special_;
        if (has_special_ && !all_asked_) return {};
        if (!all_asked_) read.as_asked.clear();
        read.cron = has_special_ ? "*" : joined(cron_, ",");
        return read;
    }

   private:
    bool is_day() const { return field_.high == 31; }
    bool is_weekday() const { return field_.high == 7; }
    // Sunday is only 0, so that each day comes once.
    unsigned last() const { return is_weekday() ? 6 : field_.high; }

    void note(std::string_view word, std::string meaning, std::string besides = {}) {
        if (!word_) word_ = OtherWord{std::string(word), std::move(meaning), std::move(besides)};
    }

    // The name of a weekday, as in cron fields and predicates; a month as it was written.
    std::string name_of(unsigned value) const {
        if (is_weekday()) return std::string(cron_weekdays[value % 7]);
        const bool by_name = text_.find_first_not_of("0123456789,-/*") != std::string_view::npos;
        return field_.names.empty() || !by_name ? std::to_string(value) : std::string(field_.names[value - field_.low]);
    }

    // A number, or a name in short or long form.
    std::optional<unsigned> value(std::string_view text) {
        if (const auto number = number_of(text)) {
            const unsigned shift = is_weekday() && count_ == WeekdayCount::from_one ? 1 : 0;
            if (*number < field_.low + shift || *number > field_.high) return {};
            if (shift == 1)
                note(text, fmt::format("{} where 1 is Sunday, as in Quartz; here Sunday is 0 or 7",
                                       cron_weekdays[(*number - shift) % 7]));
            return is_weekday() ? (*number - shift) % 7 : *number;
        }
        const auto name = short_name(text, field_.names);
        if (name.empty()) return {};
        if (name.size() != text.size()) note(text, fmt::format("a long name; names have three letters: {}", name));
        const auto found = std::find(field_.names.begin(), field_.names.end(), name);
        return field_.low + static_cast<unsigned>(found - field_.names.begin());
    }

    // Adds a range to the predicate and the cron field; from, to and step are in marketcron's numbers.
    void add(unsigned from, unsigned to, unsigned step) {
        const bool one = from == to;
        const std::string range = one ? name_of(from) : fmt::format("{}-{}", name_of(from), name_of(to));
        cron_.push_back(step == 1 || one ? range : fmt::format("{}/{}", range, step));
        if (step == 1) values_.push_back(one ? name_of(from) : fmt::format("{}..{}", name_of(from), name_of(to)));
        else
            for (auto n = from; n <= to; n += step) values_.push_back(name_of(n));
    }

    void add_backwards(std::string_view written, unsigned from, unsigned to, unsigned step) {
        note(written, "a range that runs backwards");
        const unsigned size = last() - field_.low + 1;
        if (step == 1) {
            add(from, last(), 1);
            add(field_.low, to, 1);
            return;
        }
        for (unsigned n = from; n <= to + size; n += step) {
            const unsigned at = (n - field_.low) % size + field_.low;
            add(at, at, 1);
        }
    }

    bool read_element(std::string_view element) {
        const auto parts = split_at(element, '/');
        if (parts.size() > 2 || element.empty()) return false;
        const auto step = parts.size() == 2 ? number_of(parts[1]) : std::optional(1U);
        if (!step || *step == 0) return false;
        if (parts[0] == "*" || parts[0] == "?") return read_all(parts[0], *step);
        const char first = static_cast<char>(parts[0].front() | 0x20);
        if ((first == 'h' || first == 'r') && (parts[0].size() == 1 || parts[0][1] == '('))
            return read_drawn(element, parts[0], *step);
        if (parts.size() == 1 && read_special(element)) return true;
        return read_range(element, parts[0], parts.size() == 2, *step);
    }

    bool read_all(std::string_view base, unsigned step) {
        if (base == "?") note("?", "any day in other crons");
        if (base == "?" && step != 1) return false;
        cron_.push_back(step == 1 ? "*" : fmt::format("*/{}", step));
        all_asked_ = false;
        return true;
    }

    // "22", "9-17", "22-2", "5/15", "1-10/3"
    bool read_range(std::string_view element, std::string_view base, bool stepped, unsigned step) {
        const auto ends = split_at(base, '-');
        const auto from = ends.size() <= 2 ? value(ends[0]) : std::nullopt;
        if (!from) return false;
        if (ends.size() == 1) {
            if (stepped) note(element, fmt::format("a step from {} on in other crons", ends[0]));
            add(*from, stepped ? last() : *from, step);
            return true;
        }
        auto to = value(ends[1]);
        if (!to) return false;
        // A week may end with Sunday, in cron and in a predicate.
        const bool ends_on_sunday = is_weekday() && *to == 0 && *from > 0;
        if (ends_on_sunday && step == 1) {
            cron_.push_back(fmt::format("{}-sun", name_of(*from)));
            values_.push_back(fmt::format("{}..sun", name_of(*from)));
        } else if (*to < *from) add_backwards(element, *from, *to, step);
        else add(*from, *to, step);
        return true;
    }

    // Jenkins's `H`, `H/15`, `H(0-29)`; croniter's `R`.
    bool read_drawn(std::string_view element, std::string_view base, unsigned step) {
        unsigned from = field_.low, to = last();
        if (base.size() > 1) {
            if (!base.ends_with(')')) return false;
            const auto ends = split_at(base.substr(2, base.size() - 3), '-');
            const auto low = number_of(ends[0]), high = number_of(ends.back());
            if (ends.size() != 2 || !low || !high || *low > *high || *low < field_.low || *high > to) return false;
            from = *low;
            to = *high;
        }
        all_asked_ = false;
        note(element, step == 1 ? "a value drawn once for each job in other crons"
                                : "a step from a value drawn once for each job in other crons");
        if (step == 1) {
            cron_.push_back(base.size() == 1 ? "~" : fmt::format("{}~{}", from, to));
            return true;
        }
        const auto drawn = static_cast<unsigned>(stable_hash(seed_) % std::min(step, to - from + 1));
        cron_.push_back(fmt::format("{}-{}/{}", from + drawn, to, step));
        return true;
    }

    bool read_special(std::string_view element) {
        const bool known = (is_day() && read_day(element)) || (is_weekday() && read_weekday(element));
        has_special_ = has_special_ || known;
        return known;
    }

    // L, L-3, LW, 15W
    bool read_day(std::string_view element) {
        const std::string small = lower_case(element);
        const std::string by_roll = "; for the nearest session of a calendar write roll = \"nearest\"";
        if (small == "l") {
            note(element, "the last day of the month in other crons",
                 "; for the last session of the month write when = \"last_session(month)\"");
            values_.emplace_back("-1");
            return true;
        }
        if (small == "lw" || small == "wl") {
            note(element, "the last weekday of the month in other crons",
                 "; for the last session of the month write when = \"last_session(month)\"");
            special_.emplace_back("day(-1) and weekday(mon..fri) or day(-3..-2) and weekday(fri)");
            return true;
        }
        if (small.starts_with("l-")) {
            const auto before = number_of(std::string_view(small).substr(2));
            if (!before || *before == 0 || *before > 30) return false;
            note(element, fmt::format("{} days before the month's last in other crons", *before));
            values_.push_back(fmt::format("-{}", *before + 1));
            return true;
        }
        if (!small.ends_with('w')) return false;
        const auto day = number_of(std::string_view(small).substr(0, small.size() - 1));
        if (!day || *day == 0 || *day > 31) return false;
        note(element, fmt::format("the weekday nearest to day {} in other crons", *day), by_roll);
        special_.push_back(nearest_weekday(*day));
        return true;
    }

    // 5L, L5, friL, 2#1, mon#1
    bool read_weekday(std::string_view element) {
        const std::string small = lower_case(element);
        if (small == "l" && count_ == WeekdayCount::from_one) {
            note(element, "Saturday, the last day of Quartz's week");
            values_.emplace_back("sat");
            return true;
        }
        const auto sharp = small.find('#');
        if (sharp != std::string::npos) return read_nth(element, sharp);
        const bool at_end = small.size() > 1 && small.back() == 'l', at_begin = small.size() > 1 && small[0] == 'l';
        if (!at_end && !at_begin) return false;
        const auto day = plain_value(std::string_view(element).substr(at_end ? 0 : 1, element.size() - 1));
        if (!day) return false;
        note(element, fmt::format("the last {} of the month in other crons", cron_weekdays[*day]));
        special_.push_back(fmt::format("nth_weekday(-1, {})", cron_weekdays[*day]));
        return true;
    }

    bool read_nth(std::string_view element, std::size_t sharp) {
        const auto day = plain_value(element.substr(0, sharp));
        const auto last_one = lower_case(element.substr(sharp + 1)) == "l";
        const auto nth = number_of(element.substr(sharp + 1));
        if (!day || (!last_one && (!nth || *nth == 0 || *nth > 5))) return false;
        const std::string which = last_one ? "-1" : std::to_string(*nth);
        constexpr std::array ordinals{"first", "second", "third", "fourth", "fifth"};
        note(element, fmt::format("the {} {} of the month in other crons", last_one ? "last" : ordinals[*nth - 1],
                                  cron_weekdays[*day]));
        special_.push_back(fmt::format("nth_weekday({}, {})", which, cron_weekdays[*day]));
        return true;
    }

    // A weekday inside a longer word; the note is then about the longer word.
    std::optional<unsigned> plain_value(std::string_view text) {
        auto word = std::move(word_);
        const auto day = value(text);
        word_ = std::move(word);
        return day;
    }

    const CronField& field_;
    std::string_view text_;
    WeekdayCount count_;
    std::string_view seed_;
    std::vector<std::string> cron_, values_, special_;
    bool has_special_ = false;
    bool all_asked_ = true;  // predicates can express the whole field
    std::optional<OtherWord> word_;
};

}  // namespace

std::optional<OtherField> read_other_field(const CronField& field, std::string_view text, WeekdayCount count,
                                           std::string_view seed) {
    return OtherFieldReader(field, text, count, seed).read();
}

std::optional<std::string> read_years(std::string_view text) {
    if (text == "*" || text == "?") return "";
    std::vector<std::string> years;
    for (const auto element : split_at(text, ',')) {
        const auto parts = split_at(element, '/');
        const auto step = parts.size() == 2 ? number_of(parts[1]) : std::optional(1U);
        const auto ends = split_at(parts[0], '-');
        if (parts.size() > 2 || ends.size() > 2 || !step || *step == 0) return {};
        const bool all = parts[0] == "*";
        const auto from = all ? std::optional(first_year) : number_of(ends[0]);
        const bool to_the_last = all || (parts.size() == 2 && ends.size() == 1);
        const auto to = to_the_last ? std::optional(last_year) : number_of(ends.back());
        if (!from || !to || *from < first_year || *to > last_year || *from > *to) return {};
        if (*step == 1) years.push_back(*from == *to ? std::to_string(*from) : fmt::format("{}..{}", *from, *to));
        else
            for (auto year = *from; year <= *to; year += *step) years.push_back(std::to_string(year));
    }
    return joined(years, ", ");
}

}  // namespace mc
