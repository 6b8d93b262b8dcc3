// Every trigger by its name, read and shown as Airflow writes it.
#include <catch2/catch.hpp>

#include "config/trigger_names.h"
#include "engine/upstream.h"
#include "explain/why.h"
#include "support/world.h"

using namespace mc;
using namespace mc::test;

TEST_CASE("a run that its trigger ends names the upstream jobs that decided so") {
    using Standing = UpstreamStatus::Standing;
    const auto names = [](Trigger trigger, std::vector<Standing> standings) {
        std::vector<UpstreamStatus> seen;
        for (const Standing standing : standings) {
            UpstreamStatus one;
            one.standing = standing;
            seen.push_back(one);
        }
        std::vector<Standing> found;
        const TriggerVerdict verdict = judge(trigger, seen);
        if (verdict == TriggerVerdict::skip || verdict == TriggerVerdict::upstream_failed)
            for (const UpstreamStatus& one : deciding(verdict, trigger, seen)) found.push_back(one.standing);
        return found;
    };
    constexpr auto ok = Standing::success, skipped = Standing::skipped, failed = Standing::failed;
    using Found = std::vector<Standing>;
    CHECK(names(Trigger::all_success, {ok, skipped, failed}) == Found{failed});
    CHECK(names(Trigger::all_success, {ok, skipped}) == Found{skipped});
    CHECK(names(Trigger::all_failed, {ok, skipped, failed}) == Found{ok, skipped});
    CHECK(names(Trigger::all_skipped, {ok, skipped, failed}) == Found{ok, failed});
    CHECK(names(Trigger::one_success, {skipped, failed}) == Found{failed});
    CHECK(names(Trigger::one_success, {skipped}) == Found{skipped});
    CHECK(names(Trigger::one_failed, {ok, skipped}) == Found{ok, skipped});
    CHECK(names(Trigger::one_done, {skipped, skipped}) == Found{skipped, skipped});
    CHECK(names(Trigger::none_failed, {ok, failed}) == Found{failed});
    CHECK(names(Trigger::none_failed_min_one_success, {skipped}) == Found{skipped});
    CHECK(names(Trigger::none_skipped, {ok, skipped, failed}) == Found{skipped});
    CHECK(names(Trigger::all_done_min_one_success, {failed}) == Found{failed});
    CHECK(names(Trigger::all_done_min_one_success, {ok, skipped}) == Found{skipped});
    // In each of these cases at least one is named, so that nobody has to guess.
    for (const auto& [known, trigger] : trigger_names)
        for (const Standing one : {ok, skipped, failed})
            for (const Standing other : {ok, skipped, failed}) {
                std::vector<UpstreamStatus> seen(2);
                seen[0].standing = one;
                seen[1].standing = other;
                const TriggerVerdict verdict = judge(trigger, seen);
                if (verdict == TriggerVerdict::start || verdict == TriggerVerdict::wait) continue;
                CHECK_FALSE(deciding(verdict, trigger, seen).empty());
            }
}

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
