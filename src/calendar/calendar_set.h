// calendar_set.h — all calendars by name: built in, from a directory, or defined in the configuration.
//
// Names and aliases are found in any case. A calendar is read and built when first needed, so a short command reads
// only one. A later source with the same name replaces an earlier one. A copy shares the built calendars, except those
// that extend others: they use what is added to the copy.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/calendar.h"

namespace mc {

// The text of a calendar file, with the names that its head declares.
struct CalendarSource {
    CalendarName name;                 // "XNYS"
    std::vector<std::string> aliases;  // "NYSE", ...
    std::string file;                  // for places of errors: "calendars/xnys.toml" or a path
    std::string_view text;             // must outlive the set (embedded), or see `owned`
    std::shared_ptr<const std::string> owned;
};

// Whether they are the same name, ignoring case.
bool same_calendar_word(std::string_view a, std::string_view b);

class CalendarSet {
   public:
    explicit CalendarSet(ZoneLookup zones);

    void add(CalendarSource source);  // replaces a calendar with the same name
    void add(CalendarPtr built);      // a calendar defined in the configuration
    // Changes of single days: a file that extends the calendar of its own name. They apply to that calendar, whatever
    // is added under the name later. Without such a calendar they are not used.
    void add_override(CalendarSource changes);

    // Error: calendar, "unknown calendar", with a suggestion; or the first error of its file. A file may extend another
    // calendar; under its own name, the one that it replaces.
    Result<CalendarPtr> find(std::string_view name_or_alias) const;
    // The name of the calendar that has this name or alias; reads no file.
    std::optional<CalendarName> owner(std::string_view name_or_alias) const;
    // All names, sorted; without aliases.
    std::vector<CalendarName> names() const;
    // Names and aliases, sorted, for suggestions.
    std::vector<std::string> words() const;
    const ZoneLookup& zones() const { return zones_; }

   private:
    struct Entry;
    Result<CalendarPtr> built(Entry& entry) const;
    Result<CalendarPtr> build(Entry& entry, bool& of_others) const;
    void put(std::shared_ptr<Entry> entry);
    void put_override(const std::string& name);

    ZoneLookup zones_;
    std::map<std::string, std::shared_ptr<Entry>> by_word_;  // by lower-case name or alias
    std::map<std::string, CalendarSource> overrides_;        // by lower-case name
    // Calendars that extend others of this set; in another set one of these others may be replaced.
    mutable std::map<const Entry*, Result<CalendarPtr>> of_others_;
};

}  // namespace mc
