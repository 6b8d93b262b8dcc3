// Every trigger by its name, read and shown as Airflow writes it.
#include <catch2/catch.hpp>

#include "config/trigger_names.h"
#include "engine/upstream.h"
#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

TEST_CASE("every trigger is shown by the name under which it is read") {
    for (const auto& [known, trigger] : trigger_names) {
        const std::string name(known);
        World w{"2026-11-20T05:00:00Z"};
        w.plan(
            "[defaults]\ncommand = 'x'\ntimezone = 'UTC'\n[job.a]\nschedule = '0 6 * * *'\n"
            "[job.b]\nschedule = '0 7 * * *'\nafter = ['a']\ntrigger = '" +
            name + "'\n");
        CHECK(w.loaded().jobs.at(JobName("b")).after->trigger == trigger);
        CHECK(to_text(trigger) == name);
        const auto lines = why(w.loaded(), JobName("b"), day("2026-11-20"), &w.store(), w.now());
        const std::string expected = "trigger " + name + " is ";
        bool is_told = name == "all_success";  // the default is not shown
        for (const WhyReason& reason : lines->front().reasons) is_told |= reason.text.starts_with(expected);
        CHECK(is_told);
    }
}
