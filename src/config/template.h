// template.h — texts such as `{{session:%Y%m%d}}`, with names that a run fills in.
//
//   {{session}} {{open}} {{close}}     the run's own session; a run without one fails
//   {{session+2}} {{session-1}}        of the job's calendar, counted strictly after or before the logical date
//   {{XLON.session+1}} {{XLON.open}}   of a named calendar, counted from the logical date
//   {{date}} {{fire}}                  the logical date, and the instant at which the run was due
//   {{job}} {{run}} {{attempt}}
// Dates are written 2026-11-20, instants 2026-11-20T21:00:00Z. A format after a colon (config/date_format.h) formats a
// date, or an instant in the job's zone. `{{{{` is a literal `{{`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/calendar_set.h"
#include "schedule/job_name.h"

namespace mc {

// The facts of a run that its texts can use.
struct RunFacts {
    JobName job;
    std::int64_t run = 0;
    int attempt = 1;
    Instant fire;
    Date logical_date;
    std::optional<Date> session;
    ZonePtr zone;           // the job's
    CalendarName calendar;  // the job's, "" = none
};

class Template {
   public:
    struct Part;  // private to template.cpp
    Template() = default;
    // Error: config without a file, also for an unknown name (with a suggestion), an unclosed `{{` and an invalid
    // %-format. The `column` in its spot counts from the start of the text.
    static Result<Template> parse(std::string_view text);

    const std::string& text() const { return text_; }
    bool needs_session() const;   // has {{session}}, {{open}} or {{close}} of the run's own session
    bool needs_calendar() const;  // has {{open}}, {{close}} or {{session+1}}: the job must have a calendar
    std::vector<CalendarName> calendars() const;  // the named ones: {{SIFMA_US.session+1}}
    // Error: calendar (beyond coverage), or refused with reason no_session if the run has none.
    Result<std::string> fill(const RunFacts& facts, const CalendarSet& calendars) const;
    bool operator==(const Template& other) const { return text_ == other.text_; }

   private:
    std::string text_;
    std::shared_ptr<const std::vector<Part>> parts_;  // null: a text without names
};

// MARKETCRON_JOB, _RUN, _ATTEMPT, _FIRE, _DATE, and for a run with a session _SESSION, _OPEN, _CLOSE.
Result<std::map<std::string, std::string>> run_environment(const RunFacts& facts, const CalendarSet& calendars);

}  // namespace mc
