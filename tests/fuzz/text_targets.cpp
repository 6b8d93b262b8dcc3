// text_targets.cpp — cron expressions, predicates and templates: short texts.
#include "base/result.h"
#include "config/template.h"
#include "fuzz/targets.h"
#include "schedule/cron.h"
#include "schedule/predicate.h"
#include "support/context.h"

namespace mc::fuzz {

namespace {

const Instant noon = parse_instant("2026-11-20T12:00:00Z").value();
const Date friday = parse_date("2026-11-20").value();

void says_what(const Error& error) { check(!error.what.empty(), "an error says what is wrong"); }

}  // namespace

void cron(std::string_view input) {
    const auto expression = parse_cron(input, "seed");
    if (!expression) return says_what(expression.error());
    Instant after = noon;
    for (int fires = 0; fires < 3; ++fires) {
        const auto next = next_cron(*expression, *Zone::utc(), after);
        if (!next) return;
        check(*next > after, "a fire comes after the one before");
        after = *next;
    }
}

void predicate(std::string_view input) {
    const auto read = Predicate::parse(input);
    if (!read) return says_what(read.error());
    (void)read->calendars();
    const CalendarSet& calendars = *test::read_context().calendars;
    for (const CalendarName& own : {CalendarName(), CalendarName("XNYS")}) {
        const Asked asked{friday, friday, noon};
        const auto holds = read->holds(asked, calendars, own);
        const auto explained = read->explain(asked, calendars, own);
        if (!holds) says_what(holds.error());
        if (explained) check(!explained->empty(), "each question has an answer");
        if (holds && !*holds) check(read->false_until(asked, calendars, own) >= noon, "it stays so for a while");
    }
}

void template_text(std::string_view input) {
    const auto read = Template::parse(input);
    if (!read) return says_what(read.error());
    const CalendarSet& calendars = *test::read_context().calendars;
    for (const CalendarName& own : {CalendarName(), CalendarName("XNYS")}) {
        const RunFacts facts{JobName("job"), 1, 1, noon, friday, friday, Zone::utc(), own};
        if (const auto filled = read->fill(facts, calendars); !filled) says_what(filled.error());
    }
}

}  // namespace mc::fuzz
