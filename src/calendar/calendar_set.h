// calendar_set.h — all calendars by name: built in, from a directory, or declared in the user's file.
//
// Names and aliases are found in any case. A calendar is read and built when first asked for, so a
// short command pays for one. A later source of the same name wins over an earlier one. A copy shares what was
// built, but for calendars that extend others: they follow what is added to the copy.
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

// A calendar file as text, with the names that its head declares.
struct CalendarSource {
    std::string name;                  // "XNYS"
    std::vector<std::string> aliases;  // "NYSE", ...
    std::string file;                  // for error places: "calendars/xnys.toml" or a path
    std::string_view text;             // must outlive the set (embedded), or see `owned`
    std::shared_ptr<const std::string> owned;
};

// Whether they are one name, in any case.
bool same_calendar_word(std::string_view a, std::string_view b);

class CalendarSet {
   public:
    explicit CalendarSet(ZoneLookup zones);

    void add(CalendarSource source);  // replaces one of the same name
    void add(CalendarPtr built);      // a calendar declared in the user's file
    // Changes of single days, a file that extends the calendar of its own name: they lie over that calendar, whatever is
    // added under the name later. Without such a calendar they are not looked at.
    void add_override(CalendarSource changes);

    // Error: calendar, "unknown calendar", with a suggestion; or the file's own first error. A file may
    // extend another calendar; under its own name, that which it replaces.
    Result<CalendarPtr> find(std::string_view name_or_alias) const;
    // The name of the calendar that has this name or alias; nothing is read for it.
    std::optional<std::string> owner(std::string_view name_or_alias) const;
    // All names, sorted; aliases not among them.
    std::vector<std::string> names() const;
    // Names and aliases, sorted: what a suggestion chooses from.
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
    // Those that extend others, by this set's others: another set may have one of them replaced.
    mutable std::map<const Entry*, Result<CalendarPtr>> of_others_;
};

}  // namespace mc
