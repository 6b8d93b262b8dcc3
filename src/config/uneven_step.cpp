#include "config/uneven_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "schedule/cron_fields.h"

namespace mc {

namespace {

constexpr std::string_view counted_from = "2026-01-01";

// The unit with which the field starts again, and a schedule with a steady period; "" if the values must be written
// out.
struct Meant {
    std::string_view begins_with;
    std::string period;
};

// `field` is an index of cron_fields.
Meant meant_by(std::size_t field, unsigned step) {
    switch (field) {
        case 0: return {"minute", fmt::format("schedule = \"@every {}s\"", step)};
        case 1: return {"hour", fmt::format("schedule = \"@every {}m\"", step)};
        case 2: return {"day", fmt::format("schedule = \"@every {}h\"", step)};
        case 3: return {"month", fmt::format("* and when = \"every({}, day, {})\"", step, counted_from)};
        case 4: return {"year", fmt::format("* and when = \"every({}, month, {})\"", step, counted_from)};
        default: return {"week", fmt::format("* and when = \"every({}, day, {})\"", step, counted_from)};
    }
}

std::string value_text(const CronField& field, unsigned value) {
    return field.high == 7 ? std::string(cron_weekdays[value]) : std::to_string(value);
}

// "0 and 59", "0, 25 and 50", "0, 7, 14 ... 56"
std::string values_text(const CronField& field, unsigned last, unsigned step) {
    std::vector<std::string> values;
    for (unsigned n = field.low; n <= last; n += step) values.push_back(value_text(field, n));
    if (values.size() == 1) return values[0] + " only";
    if (values.size() <= 4)
        return fmt::format("{} and {}", fmt::join(values.begin(), values.end() - 1, ", "), values.back());
    return fmt::format("{}, {}, {} ... {}", values[0], values[1], values[2], values.back());
}

std::optional<std::string> uneven_field(std::size_t index, std::string_view text) {
    if (!text.starts_with("*/")) return {};
    unsigned step = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), step);
    if (error != std::errc{} || end != text.data() + text.size() || step < 2) return {};
    const CronField& field = cron_fields[index];
    const unsigned last = field.high == 7 ? 6 : field.high;
    const unsigned size = last - field.low + 1;
    // Months have different lengths: no step of days divides all of them.
    if (size % step == 0 && index != 3) return {};
    const Meant meant = meant_by(index, step);
    const std::string range =
        step >= size ? value_text(field, field.low)
                     : fmt::format("{}-{}/{}", value_text(field, field.low), value_text(field, last), step);
    return fmt::format(
        "the {} field {} fires at {} and starts again with each {}; for a steady period write {}; write {} "
        "if this is intended",
        field.name, text, values_text(field, last, step), meant.begins_with, meant.period, range);
}

}  // namespace

std::optional<std::string> uneven_step(std::string_view cron) {
    const auto words = split_blanks(cron);
    if (words.size() != 5 && words.size() != 6) return {};
    for (std::size_t n = 0; n < words.size(); ++n)
        if (auto found = uneven_field(cron_fields.size() - words.size() + n, words[n])) return found;
    return {};
}

}  // namespace mc
