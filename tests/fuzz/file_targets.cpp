// file_targets.cpp — files that people write: configurations, crontabs, calendars.
#include <string>

#include "base/result.h"
#include "calendar/check.h"
#include "calendar/head.h"
#include "config/plan.h"
#include "crontab/anacrontab.h"
#include "crontab/import.h"
#include "crontab/timer_unit.h"
#include "fuzz/targets.h"
#include "os/zone_files.h"
#include "support/context.h"

namespace mc::fuzz {

namespace {

void have_places(const Errors& errors) {
    check(!errors.empty(), "what is refused has an error");
    for (const Error& error : errors) check(!error.what.empty(), "an error says what is wrong");
}

}  // namespace

void toml(std::string_view input) {
    const ReadContext& context = test::read_context();
    const auto plan = read_plan({"desk.toml", std::string(input)}, context);
    if (!plan) return have_places(plan.error());
    for (const auto& [name, job] : plan->jobs)
        if (job.has_schedule())
            check(read_schedule(schedule_text(job, *plan), context).has_value(), "what is stored is read");
}

void crontab(std::string_view input) {
    const ZoneLookup zones = os::zone_files();
    const std::string text(input);
    (void)import_crontabs({{"users", parse_crontab(text, {false, "ann"}, "users")}}, zones);
    (void)import_crontabs({{"crontab", parse_crontab(text, {true, ""}, "crontab")}}, zones);
    (void)import_crontabs({{"anacrontab", parse_anacrontab(text)}}, zones);
    (void)import_crontabs({{"a.timer", parse_timer_unit({{"", text}}, "a.timer")}}, zones);
}

void calendar(std::string_view input) {
    static const ZoneLookup zones = os::zone_files();
    if (const auto head = read_calendar_head(input, "x.toml"); !head) have_places({head.error()});
    if (const auto checked = check_calendar(input, "x.toml", zones); !checked) have_places(checked.error());
}

}  // namespace mc::fuzz
