#include "schedule/other_crons.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/letters.h"
#include "schedule/other_fields.h"
#include "schedule/schedule.h"
#include "schedule/words.h"

namespace mc {

namespace {

constexpr std::size_t longest = 300;  // the length limit of an expression; longer texts are not examined

struct Nickname {
    std::string_view name, meaning, schedule;
};
constexpr std::array nicknames{
    Nickname{"@weekdays", "every weekday at midnight", "0 0 * * mon-fri"},
    Nickname{"@weekday", "every weekday at midnight", "0 0 * * mon-fri"},
    Nickname{"@workdays", "every weekday at midnight", "0 0 * * mon-fri"},
    Nickname{"@weekends", "every day of the weekend at midnight", "0 0 * * sat,sun"},
    Nickname{"@weekend", "every day of the weekend at midnight", "0 0 * * sat,sun"},
    Nickname{"@quarterly", "the first day of each quarter at midnight", "0 0 1 1,4,7,10 *"},
    Nickname{"@noon", "every day at noon", "0 12 * * *"},
    Nickname{"@every_minute", "every minute", "* * * * *"},
    Nickname{"@minutely", "every minute", "* * * * *"},
    Nickname{"@every_second", "every second", "@every 1s"},
    Nickname{"@secondly", "every second", "@every 1s"},
};

std::optional<SaidHere> of_nickname(std::string_view text) {
    const std::string small = lower_case(text);
    for (const auto& known : nicknames)
        if (known.name == small)
            return SaidHere{std::string(text),
                            std::string(known.meaning) + " in other crons",
                            std::string(known.schedule),
                            "",
                            "",
                            ""};
    return {};
}

// AWS's "rate(5 minutes)".
std::optional<SaidHere> of_rate(std::string_view text) {
    if (!text.starts_with("rate(") || !text.ends_with(')')) return {};
    const auto words = split_blanks(text.substr(5, text.size() - 6));
    if (words.size() != 2) return {};
    for (const auto& [unit, letter] : {std::pair{"minute", 'm'}, std::pair{"hour", 'h'}, std::pair{"day", 'd'}})
        if (words[1].starts_with(unit))
            return SaidHere{
                std::string(text), "a period in other crons", fmt::format("@every {}{}", words[0], letter), "", "", ""};
    return {};
}

bool like_year(std::string_view field) {
    return field.size() >= 4 && (field.starts_with("19") || field.starts_with("20")) &&
           field.substr(0, 4).find_first_not_of("0123456789") == std::string_view::npos;
}

// The field at each position, in the order of cron_fields, followed by the year.
struct Shape {
    std::array<std::string_view, 7> fields{"0", "", "", "", "", "", "*"};
    WeekdayCount count = WeekdayCount::from_zero;
    bool has_year = false;
};

std::optional<Shape> shape_of(const std::vector<std::string_view>& words) {
    Shape shape;
    const bool asks = std::find(words.begin(), words.end(), "?") != words.end();
    const bool year_last = words.size() == 6 && (like_year(words[5]) || words[2] == "?" || words[4] == "?");
    if (words.size() < 5 || words.size() > 7) return {};
    const std::size_t first = words.size() == 5 || year_last ? 1 : 0;
    std::copy(words.begin(), words.end(), shape.fields.begin() + static_cast<std::ptrdiff_t>(first));
    shape.has_year = year_last || words.size() == 7;
    if (words.size() == 7 || (words.size() == 6 && asks)) shape.count = WeekdayCount::from_one;
    return shape;
}

std::string any_of(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, " or ")); }

// A predicate that is true if all parts are.
std::string all_of(const std::vector<std::string>& parts) {
    std::string text;
    const auto said = parts.size() - static_cast<std::size_t>(std::count(parts.begin(), parts.end(), ""));
    for (const auto& part : parts) {
        if (part.empty()) continue;
        const bool loose = part.find(" or ") != std::string::npos && said > 1;
        text += (text.empty() ? "" : " and ") + (loose ? "(" + part + ")" : part);
    }
    return text;
}

// The two fields of days: a cron with five fields fires on either if both are restricted.
std::optional<std::string> days_asked(OtherField& day, OtherField& weekday) {
    const bool either = day.restricted && weekday.restricted && !(day.asked.empty() && weekday.asked.empty());
    if (!either) {
        std::vector<std::string> both;
        for (const auto* field : {&day, &weekday})
            if (!field->asked.empty()) both.push_back(any_of(field->asked));
        return all_of(both);
    }
    if (day.as_asked.empty() || weekday.as_asked.empty()) return {};
    std::vector<std::string> parts = day.as_asked;
    parts.insert(parts.end(), weekday.as_asked.begin(), weekday.as_asked.end());
    day.cron = weekday.cron = "*";
    return any_of(parts);
}

std::optional<SaidHere> of_fields(std::string_view text, std::string_view seed) {
    const auto shape = shape_of(split_blanks(text));
    if (!shape) return {};
    SaidHere said;
    std::vector<OtherField> fields;
    for (std::size_t n = 0; n < cron_fields.size(); ++n) {
        auto field = read_other_field(cron_fields[n], shape->fields[n], shape->count, seed);
        if (!field) return {};
        if (field->word && said.word.empty()) {
            said.word = field->word->word;
            said.meaning = field->word->meaning;
        }
        if (field->word) said.besides += field->word->besides;
        fields.push_back(std::move(*field));
    }
    const auto years = read_years(shape->fields[6]);
    const auto days = days_asked(fields[3], fields[5]);
    if (!years || !days) return {};
    if (shape->has_year && said.word.empty()) {
        said.word = shape->fields[6];
        said.meaning = "a year in other crons";
    }
    if (said.word.empty()) return {};
    said.when = all_of({*days, years->empty() ? "" : fmt::format("year({})", *years)});
    for (std::size_t n = fields[0].cron == "0" ? 1 : 0; n < fields.size(); ++n)
        said.schedule += (said.schedule.empty() ? "" : " ") + fields[n].cron;
    return said;
}

// "TZ=Europe/London", "CRON_TZ=UTC" before an expression.
std::optional<SaidHere> of_zone(std::string_view text, std::string_view seed) {
    const auto end = text.find_first_of(" \t");
    const auto first = text.substr(0, end);
    if ((!first.starts_with("TZ=") && !first.starts_with("CRON_TZ=")) || end == std::string_view::npos) return {};
    const auto zone = first.substr(first.find('=') + 1);
    const auto rest = trimmed(text.substr(end));
    auto said = said_here(rest, seed).value_or(SaidHere{"", "", std::string(rest), "", "", ""});
    said.word = first;
    said.meaning = "a time zone in other crons";
    said.timezone = zone;
    return said;
}

std::optional<SaidHere> understood(std::string_view text, std::string_view seed) {
    text = trimmed(text);
    if (text.starts_with('@')) return of_nickname(text);
    if (auto said = of_rate(text)) return said;
    if (text.starts_with("cron(") && text.ends_with(')')) return said_here(text.substr(5, text.size() - 6), seed);
    if (auto said = of_zone(text, seed)) return said;
    return of_fields(text, seed);
}

}  // namespace

std::string SaidHere::text() const {
    std::string out = fmt::format("schedule = \"{}\"", schedule);
    if (!when.empty()) out += fmt::format(" with when = \"{}\"", when);
    if (!timezone.empty()) out += fmt::format(" {} timezone = \"{}\"", when.empty() ? "with" : "and", timezone);
    return out + besides;
}

std::optional<SaidHere> said_here(std::string_view text, std::string_view seed) {
    if (text.size() > longest) return {};
    auto said = understood(text, seed);
    if (!said) return {};
    const bool good = parse_schedule(said->schedule, seed) && (said->when.empty() || Predicate::parse(said->when));
    if (!good) return {};
    return said;
}

}  // namespace mc
