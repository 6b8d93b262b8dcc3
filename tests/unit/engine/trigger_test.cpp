// Every trigger by its name: read from a file, and shown, as Airflow writes it.
#include <catch2/catch.hpp>

#include "engine/upstream.h"
#include "engine/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

TEST_CASE("every trigger is shown by the name by which it is read") {
    for (const std::string name :
         {"all_success", "all_done", "all_failed", "all_skipped", "one_success", "one_failed", "one_done",
          "none_failed", "none_failed_min_one_success", "none_skipped", "always"}) {
        World w{"2026-11-20T05:00:00Z"};
        w.plan(
            "[defaults]\ncommand = 'x'\ntimezone = 'UTC'\n[job.a]\nschedule = '0 6 * * *'\n"
            "[job.b]\nschedule = '0 7 * * *'\nafter = ['a']\ntrigger = '" +
            name + "'\n");
        CHECK(to_text(w.loaded().jobs.at("b").after->trigger) == name);
        const auto lines = why(w.loaded(), "b", day("2026-11-20"), &w.store(), w.now());
        const std::string expected = "it goes by trigger " + name + ": ";
        bool is_told = name == "all_success";  // the usual one needs no word
        for (const WhyReason& reason : lines->front().reasons) is_told |= reason.text.starts_with(expected);
        CHECK(is_told);
    }
}
