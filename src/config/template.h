// template.h — `{{session:%Y%m%d}}` and its kin: text with names that a run fills in (SPEC 2.3).
#pragma once

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
    Template() = default;
    // Error: config without a place; `column` in the spot counts from the text's start. An unknown
    // name is an error with a suggestion; so is an unclosed `{{` and a bad %-format.
    static Result<Template> parse(std::string_view text);

    const std::string& text() const { return text_; }
    bool needs_session() const;                  // {{session...}}, {{open}}, {{close}} of the run's own
    bool needs_calendar() const;                 // needs the job's calendar
    std::vector<std::string> calendars() const;  // named ones: {{SIFMA_US.session+1}}
    // Error: calendar (beyond coverage), or refused with reason no_session when the run has none.
    Result<std::string> fill(const RunFacts& facts, const CalendarSet& calendars) const;
    bool operator==(const Template& other) const { return text_ == other.text_; }

   private:
    struct Part;
    std::string text_;
    std::shared_ptr<const std::vector<Part>> parts_;
};

// MARKETCRON_JOB, _RUN, _ATTEMPT, _FIRE, _DATE, and where there is a session _SESSION, _OPEN, _CLOSE.
Result<std::map<std::string, std::string>> run_environment(const RunFacts& facts, const CalendarSet& calendars);

}  // namespace mc
