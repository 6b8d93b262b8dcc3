// template.h — `{{session:%Y%m%d}}` and its kin: text with names that a run fills in.
//
//   {{session}} {{open}} {{close}}     the run's own session; a run without one fails
//   {{session+2}} {{session-1}}        of the job's calendar, strictly after or before the logical date
//   {{XLON.session+1}} {{XLON.open}}   of a named calendar, counted from the logical date
//   {{date}} {{fire}}                  the logical date, and when the run was due
//   {{job}} {{run}} {{attempt}}
// Dates read 2026-11-20, instants 2026-11-20T21:00:00Z. A format after a colon (config/date_format.h)
// shows a date, or an instant in the job's zone. `{{{{` is a plain `{{`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/calendar_set.h"

namespace mc {

// What a run knows when its texts are filled in.
struct RunFacts {
    std::string job;
    std::int64_t run = 0;
    int attempt = 1;
    Instant fire;
    Date logical_date;
    std::optional<Date> session;
    ZonePtr zone;          // the job's
    std::string calendar;  // the job's, "" = none
};

class Template {
   public:
    struct Part;  // the reader's own
    Template() = default;
    // Error: config without a place; `column` in the spot counts from the text's start. An unknown
    // name is an error with a suggestion; so is an unclosed `{{` and a bad %-format.
    static Result<Template> parse(std::string_view text);

    const std::string& text() const { return text_; }
    bool needs_session() const;                  // {{session}}, {{open}}, {{close}} of the run's own
    bool needs_calendar() const;                 // {{open}}, {{close}}, {{session+1}}: the job must have one
    std::vector<std::string> calendars() const;  // named ones: {{SIFMA_US.session+1}}
    // Error: calendar (beyond coverage), or refused with reason no_session when the run has none.
    Result<std::string> fill(const RunFacts& facts, const CalendarSet& calendars) const;
    bool operator==(const Template& other) const { return text_ == other.text_; }

   private:
    std::string text_;
    std::shared_ptr<const std::vector<Part>> parts_;  // none: a text without names
};

// MARKETCRON_JOB, _RUN, _ATTEMPT, _FIRE, _DATE, and where there is a session _SESSION, _OPEN, _CLOSE.
Result<std::map<std::string, std::string>> run_environment(const RunFacts& facts, const CalendarSet& calendars);

}  // namespace mc
