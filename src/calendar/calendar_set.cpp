#include "calendar/calendar_set.h"

#include <optional>
#include <set>

#include "base/suggest.h"
#include "calendar/changed_days.h"
#include "calendar/rules.h"

namespace mc {
namespace {

std::string lower(std::string_view word) {
    std::string result(word);
    for (char& c : result)
        if ('A' <= c && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

}  // namespace

bool same_calendar_word(std::string_view a, std::string_view b) { return lower(a) == lower(b); }

// One calendar of the set: its source until it is first needed, then the built calendar or its error.
struct CalendarSet::Entry {
    CalendarName name;
    std::vector<std::string> aliases;
    CalendarSource source;
    std::shared_ptr<Entry> replaced;           // with the same name, added before
    std::optional<Result<CalendarPtr>> built;  // unless it extends another one
    bool is_being_built = false;
};

CalendarSet::CalendarSet(ZoneLookup zones) : zones_(std::move(zones)) {}

void CalendarSet::add(CalendarSource source) {
    auto entry = std::make_shared<Entry>();
    entry->name = source.name;
    entry->aliases = source.aliases;
    entry->source = std::move(source);
    const std::string name = lower(entry->name);
    put(std::move(entry));
    put_override(name);
}

void CalendarSet::add(CalendarPtr built) {
    auto entry = std::make_shared<Entry>();
    entry->name = built->name();
    entry->aliases = built->aliases();
    entry->built = std::move(built);
    const std::string name = lower(entry->name);
    put(std::move(entry));
    put_override(name);
}

void CalendarSet::add_override(CalendarSource changes) {
    const std::string name = lower(changes.name);
    overrides_.insert_or_assign(name, std::move(changes));
    put_override(name);
}

void CalendarSet::put_override(const std::string& name) {
    const auto changes = overrides_.find(name);
    const auto place = by_word_.find(name);
    if (changes == overrides_.end() || place == by_word_.end() || lower(place->second->name) != name) return;
    auto entry = std::make_shared<Entry>();
    entry->name = place->second->name;
    entry->source = changes->second;
    put(std::move(entry));
}

// A name wins over another calendar's alias, and a later alias over an earlier one. A calendar that replaces another
// one also gets its aliases: a corrected XNYS is still NYSE.
void CalendarSet::put(std::shared_ptr<Entry> entry) {
    of_others_.clear();
    const std::string name = lower(entry->name);
    const auto old = by_word_.find(name);
    if (old != by_word_.end() && lower(old->second->name) == name) {
        const auto replaced = old->second;
        entry->replaced = replaced;
        for (auto& [word, place] : by_word_)
            if (place == replaced) place = entry;
    }
    for (const std::string& alias : entry->aliases) {
        auto& place = by_word_[lower(alias)];
        const bool is_a_name = place && lower(place->name) == lower(alias);
        if (!is_a_name) place = entry;
    }
    by_word_[name] = std::move(entry);
}

Result<CalendarPtr> CalendarSet::find(std::string_view name_or_alias) const {
    const auto found = by_word_.find(lower(name_or_alias));
    if (found == by_word_.end()) {
        // Names first: of two equally close words, the name is more likely.
        std::vector<std::string> candidates;
        for (const CalendarName& name : names()) candidates.push_back(name);
        for (const auto& [word, entry] : by_word_)
            candidates.insert(candidates.end(), entry->aliases.begin(), entry->aliases.end());
        return fail(Error::Kind::calendar, "unknown calendar \"" + std::string(name_or_alias) + "\"",
                    did_you_mean(name_or_alias, candidates));
    }
    return built(*found->second);
}

std::optional<CalendarName> CalendarSet::owner(std::string_view name_or_alias) const {
    const auto found = by_word_.find(lower(name_or_alias));
    return found == by_word_.end() ? std::nullopt : std::optional(found->second->name);
}

Result<CalendarPtr> CalendarSet::built(Entry& entry) const {
    if (entry.is_being_built)
        return fail(Error::Kind::calendar, "calendars extend each other: \"" + entry.name.text() + "\" is one of them",
                    "write one of them without extends");
    if (entry.built) return *entry.built;
    if (const auto known = of_others_.find(&entry); known != of_others_.end()) return known->second;
    bool of_others = false;
    entry.is_being_built = true;
    Result<CalendarPtr> calendar = build(entry, of_others);
    entry.is_being_built = false;
    if (of_others) of_others_.emplace(&entry, calendar);
    else entry.built = calendar;
    return calendar;
}

Result<CalendarPtr> CalendarSet::build(Entry& entry, bool& of_others) const {
    using Rules = Result<std::shared_ptr<const CalendarRules>>;
    CalendarPtr joint;  // the joint calendar that is changed; null: none
    const FindRules base = [&](std::string_view name) -> Rules {
        of_others = true;
        const bool itself = lower(name) == lower(entry.name) && entry.replaced;
        const auto calendar = itself ? built(*entry.replaced) : find(name);
        if (!calendar) return tl::unexpected(calendar.error());
        if (itself && !(*calendar)->rules()) joint = *calendar;
        return joint ? rules_to_change(*joint) : (*calendar)->rules();
    };
    const CalendarSource& source = entry.source;
    auto rules = read_calendar_rules(source.owned ? *source.owned : source.text, source.file, base);
    if (!rules) return tl::unexpected(rules.error().front());
    if (joint) return with_changed_days(std::move(joint), std::move(*rules));
    auto zone = zones_(rules->timezone);
    if (!zone) {
        Error error = zone.error();
        error.spot = rules->timezone_spot;
        return tl::unexpected(std::move(error));
    }
    return std::make_shared<const Calendar>(std::make_shared<const CalendarRules>(std::move(*rules)), std::move(*zone));
}

std::vector<CalendarName> CalendarSet::names() const {
    std::set<CalendarName> names;
    for (const auto& [word, entry] : by_word_) names.insert(entry->name);
    return {names.begin(), names.end()};
}

std::vector<std::string> CalendarSet::words() const {
    std::set<std::string> words;
    for (const auto& [word, entry] : by_word_) {
        words.insert(entry->name);
        words.insert(entry->aliases.begin(), entry->aliases.end());
    }
    return {words.begin(), words.end()};
}

}  // namespace mc
