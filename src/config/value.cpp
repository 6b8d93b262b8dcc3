#include "config/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/suggest.h"
#include "config/path.h"
#include "config/size.h"

namespace mc {

Spot Value::spot_inside(std::uint32_t column) const {
    Spot spot = this->spot();
    const toml::source_region& source = node_.source();
    // Only in a plain string on one line the text begins one column after its quote.
    const bool one_line = source.begin.line == source.end.line;
    if (one_line && column > 0 && node_.is_string()) spot.column += column;
    return spot;
}

Spot Value::spot_at(std::string_view text, std::size_t offset) const {
    const toml::source_region& source = node_.source();
    const auto breaks = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
    const std::uint32_t lines = source.end.line - source.begin.line;
    if (lines == 0 && source.end.column - source.begin.column != text.size() + 2) return spot();
    if (lines == 0) return spot_inside(static_cast<std::uint32_t>(offset) + 1);
    if (lines != breaks && lines != breaks + 1) return spot();  // a first line that is empty is not part of the text
    const std::string_view before = text.substr(0, offset);
    const auto line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n')) + lines - breaks;
    Spot spot = this->spot();
    constexpr std::uint32_t quotes = 3;
    const std::size_t begin = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
    const auto column = static_cast<std::uint32_t>(offset - begin);
    spot.column = line == 0 ? spot.column + quotes + column : column + 1;
    spot.line += line;
    return spot;
}

void Value::report(std::string what, std::string hint) const {
    scope_.problems.report(spot(), std::move(what), std::move(hint));
}

void Value::wants(std::string_view kind) const {
    report(fmt::format("`{}` must be {}", key_, kind), fmt::format("write {}", example_));
}

void Value::unknown_choice(const std::string& word, const std::vector<std::string>& words) const {
    report(fmt::format("`{}`: unknown value \"{}\"", key_, word), did_you_mean(word, words));
}

std::optional<bool> Value::flag() const {
    if (const auto* value = node_.as_boolean()) return value->get();
    wants("true or false, without quotes");
    return {};
}

std::optional<int> Value::whole(int least, int most) const {
    const auto* value = node_.as_integer();
    if (value && value->get() >= least && value->get() <= most) return static_cast<int>(value->get());
    if (most == std::numeric_limits<int>::max()) wants(fmt::format("a whole number, at least {}", least));
    else wants(fmt::format("a whole number from {} to {}", least, most));
    return {};
}

std::optional<double> Value::number(double least) const {
    const std::optional<double> value = node_.is_number() ? node_.value<double>() : std::nullopt;
    if (value && std::isfinite(*value) && *value >= least) return value;
    wants(fmt::format("a number, at least {}", least));
    return {};
}

std::optional<std::string> Value::any_text(Nuls nuls) const {
    const auto* value = node_.as_string();
    if (!value) {
        wants("a text in quotes");
        return {};
    }
    if (nuls == Nuls::refused && value->get().find('\0') != std::string::npos) {
        report("the text contains a NUL (\\u0000), which would end it", "remove it");
        return {};
    }
    return value->get();
}

std::optional<std::string> Value::text() const {
    std::optional<std::string> value = any_text();
    if (value && value->empty()) {
        wants("a non-empty text");
        return {};
    }
    return value;
}

std::optional<Template> Value::filled(Nuls nuls) const {
    const std::optional<std::string> value = any_text(nuls);
    if (!value) return {};
    Result<Template> parsed = Template::parse(*value);
    if (!parsed) {
        const Spot inside = spot_inside(parsed.error().spot.column);
        scope_.problems.report(inside, std::move(parsed.error()));
        return {};
    }
    for (const CalendarName& name : parsed->calendars()) {
        if (Result<CalendarPtr> found = scope_.calendars.find(name); !found)
            scope_.problems.report(spot(), std::move(found.error()));
    }
    return *std::move(parsed);
}

bool is_secret_itself(std::string_view text) {
    const bool is_login = text.find(':') != std::string_view::npos && text.find('/') == std::string_view::npos;
    return text.find("://") != std::string_view::npos || text.starts_with("xox") || is_login;
}

std::optional<std::string> Value::path() const {
    const std::optional<std::string> value = text();
    if (!value) return {};
    return path_from(directory_of(spot().file, scope_.working_directory), *value);
}

std::optional<std::string> Value::secret_path() const {
    const std::optional<std::string> value = text();
    if (!value || !is_secret_itself(*value)) return path();
    report("this is the secret itself, not its location", "store it in a file with mode 0600 and write the path here");
    return {};
}

std::optional<Seconds> Value::duration(Seconds least) const {
    const auto* value = node_.as_string();
    if (!value) {
        wants("a duration in quotes");
        return {};
    }
    Result<Seconds> length = parse_duration(value->get());
    if (!length) {
        scope_.problems.report(spot(), fmt::format("`{}`: {}", key_, length.error().what), length.error().hint);
        return {};
    }
    if (*length < least) {
        wants(fmt::format("a duration of at least {}", duration_text(least)));
        return {};
    }
    return *length;
}

std::optional<Seconds> Value::age() const {
    const auto* value = node_.as_string();
    const std::string_view text = value ? std::string_view(value->get()) : std::string_view();
    if (text.empty() || text.back() != 'y') return duration();
    int years = 0;
    const char* last = text.data() + text.size() - 1;
    const auto [end, error] = std::from_chars(text.data(), last, years);
    if (error == std::errc{} && end == last && years > 0 && years <= 1000) return date::days{365} * years;
    wants("a duration or a number of years");
    return {};
}

std::optional<std::uint64_t> Value::size() const {
    if (const auto* value = node_.as_integer(); value && value->get() > 0)
        return static_cast<std::uint64_t>(value->get());
    const auto* value = node_.as_string();
    if (!value) {
        wants("a size in quotes");
        return {};
    }
    Result<std::uint64_t> bytes = parse_size(value->get());
    if (bytes) return *bytes;
    scope_.problems.report(spot(), fmt::format("`{}`: {}", key_, bytes.error().what), bytes.error().hint);
    return {};
}

std::optional<std::vector<std::string>> Value::texts() const {
    std::vector<std::string> texts;
    for (const Value& element : elements()) {
        const std::optional<std::string> text = element.text();
        if (!text) return {};
        texts.push_back(*text);
    }
    return texts;
}

std::optional<std::vector<int>> Value::wholes(int least, int most) const {
    std::vector<int> numbers;
    for (const Value& element : elements()) {
        const std::optional<int> number = element.whole(least, most);
        if (!number) return {};
        numbers.push_back(*number);
    }
    return numbers;
}

std::optional<unsigned> Value::umask() const {
    constexpr unsigned most = 0777;
    if (const auto* octal = node_.as_integer()) {
        const bool written_octal = (octal->flags() & toml::value_flags::format_as_octal) != toml::value_flags::none;
        if (written_octal && octal->get() >= 0 && octal->get() <= most) return static_cast<unsigned>(octal->get());
    }
    if (const auto* value = node_.as_string()) {
        const std::string& digits = value->get();
        unsigned mask = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), mask, 8);
        if (error == std::errc{} && end == digits.data() + digits.size() && mask <= most) return mask;
    }
    wants("octal digits in quotes, from \"000\" to \"777\"");
    return {};
}

std::vector<std::pair<std::string, Value>> Value::entries() const {
    std::vector<std::pair<std::string, Value>> entries;
    const toml::table* table = node_.as_table();
    if (!table) {
        wants("a table");
        return entries;
    }
    for (const auto& [key, node] : *table) {
        const std::string name{key.str()};
        entries.emplace_back(name, Value(node, fmt::format("{}.{}", key_, name), example_, scope_));
    }
    return entries;
}

std::vector<Value> Value::elements() const {
    const toml::array* list = node_.as_array();
    if (!list) return {*this};
    std::vector<Value> elements;
    for (const toml::node& node : *list) elements.emplace_back(node, key_, example_, scope_);
    return elements;
}

}  // namespace mc
