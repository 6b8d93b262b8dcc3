#include "sim/story.h"

#include <fmt/format.h>

#include <cstdlib>

#include "support/context.h"

namespace mc::sim {

namespace {

// Difficult days for schedules: DST changes, half days, month ends; and an ordinary one.
std::string_view draw_start(Random& random) {
    return random.pick({"2026-03-07T18:00:00Z", "2026-10-31T20:00:00Z", "2026-11-26T12:00:00Z", "2026-03-28T22:00:00Z",
                        "2026-12-30T12:00:00Z", "2026-11-18T05:00:00Z", "2024-02-28T20:00:00Z"});
}

// Upstream jobs fire only a few times a day, because all fires of a date are checked together, again and again.
std::string draw_schedule(Random& random, bool of_sessions, bool in_order) {
    if (in_order)
        return std::string(of_sessions ? random.pick({"@close+15m", "@open-5m", "@session 06:00+1d"})
                                       : random.pick({"30 2 * * *", "0 */4 * * *", "15,45 1-3 * * *", "0 6 * * 1-5"}));
    if (of_sessions)
        return std::string(
            random.pick({"@close+15m", "@open-5m", "@every 20m from @open+5m to @close-5m", "@session 06:00+1d"}));
    return std::string(
        random.pick({"*/7 * * * *", "30 2 * * *", "0 * * * *", "@every 11m", "15,45 1-3 * * *", "0 6 * * 1-5"}));
}

// No claim exceeds the smallest capacity; some fill a capacity exactly, to reveal rounding errors.
std::string draw_claims(Random& random) {
    std::string claims;
    if (random.one_in(2)) claims += fmt::format("memory = \"{}\"\n", random.pick({"1G", "3G", "5G", "8G"}));
    if (random.one_in(2)) claims += fmt::format("cpus = {}\n", random.pick({"0.1", "0.2", "0.6", "2.2", "2.7", "3"}));
    return claims;
}

// A command, or sometimes a message.
std::string draw_action(Random& random) {
    return random.one_in(6) ? "slack = { to = \"ops\", text = \"{{job}} of {{date}}\" }\n" : "command = \"true\"\n";
}

std::string draw_job(Random& random, int number, bool in_order) {
    const bool session = random.one_in(3);
    std::string job = fmt::format("[job.j{}]\n", number) + draw_action(random);
    if (session) {
        job += fmt::format("calendar = \"{}\"\n", random.pick({"XNYS", "XLON", "XTKS"}));
    } else {
        job += fmt::format("timezone = \"{}\"\n",
                           random.pick({"America/New_York", "Europe/London", "UTC", "Australia/Lord_Howe"}));
        if (random.one_in(4)) job += "jitter = \"5m\"\n";
    }
    job += fmt::format("schedule = \"{}\"\n", draw_schedule(random, session, in_order));
    job += fmt::format("catch_up = \"{}\"\n", random.pick({"none", "latest", "all"}));
    job += fmt::format("overlap = \"{}\"\n", random.pick({"skip", "queue", "kill", "allow"}));
    if (random.one_in(2)) job += fmt::format("retries = {}\nretry_delay = \"90s\"\n", 1 + random.below(3));
    else if (random.one_in(3))
        job += "retries = 4\nretry_delay = \"60s\"\nretry_backoff = 2\nretry_max_delay = \"5m\"\n";
    if (random.one_in(5)) job += "skip_exit_codes = [3]\n";
    if (random.one_in(6)) job += "success_exit_codes = [0, 4]\n";
    if (random.one_in(4)) job += fmt::format("priority = {}\n", random.below(5));
    if (random.one_in(6)) job += "grace = \"5m\"\n";
    if (random.one_in(8)) job += "catch_up_within = \"2h\"\n";
    if (random.one_in(2)) job += "timeout = \"10m\"\nkill_after = \"20s\"\n";
    if (random.one_in(3)) job += "pool = \"db\"\n";
    if (random.one_in(2)) job += draw_claims(random);
    if (number > 0 && random.one_in(8))
        job += fmt::format("wait = [{{ job = \"j{}\"{}, timeout = \"{}\", on_timeout = \"{}\" }}]\n",
                           random.below(number), random.pick({"", ", of = \"previous\""}), random.pick({"10m", "3h"}),
                           random.pick({"fail", "skip"}));
    else if (random.one_in(4))
        job += fmt::format("wait = [{{ file = \"/in/{{{{date}}}}\", poll = \"90s\"{} }}{}]\n",
                           random.pick({"", ", stable = \"2m\""}),
                           random.pick({"", ", { http = \"http://h/\", timeout = \"20m\", on_timeout = \"skip\" }"}));
    if (random.one_in(5)) job += "not_after = \"+2h\"\n";
    if (random.one_in(4)) job += fmt::format("deadline = \"+{}m\"\n", deadline_drawn.count() / 60);
    if (random.one_in(10)) job += "latest_only = true\n";
    if (random.one_in(5)) job += fmt::format("wait_until = \"+{}m\"\n", wait_drawn.count() / 60);
    return job;
}

// A job downstream of some drawn before, with or without its own schedule.
std::string draw_order(Random& random, int number) {
    std::string after;
    for (int i = 0; i < number; ++i) {
        if (!random.one_in(2) && !(after.empty() && i + 1 == number)) continue;
        // Without a schedule its run is created with the first upstream run of the same date.
        const bool previous = !after.empty() && random.one_in(4);
        after += fmt::format("{}\"j{}{}\"", after.empty() ? "" : ", ", i, previous ? "@previous" : "");
    }
    std::string order = fmt::format("after = [{}]\n", after);
    if (random.one_in(2))
        order += fmt::format("trigger = \"{}\"\n",
                             random.pick({"all_done", "all_failed", "all_skipped", "one_success", "one_failed",
                                          "one_done", "none_failed", "none_failed_min_one_success", "none_skipped",
                                          "always", "all_done_min_one_success"}));
    return order;
}

std::string draw_after(Random& random, int number) {
    std::string job = fmt::format("[job.j{}]\n", number) + draw_action(random) + draw_order(random, number);
    if (random.one_in(4)) job += "notify = { failure = [\"slack:ops\"], recovery = [\"slack:ops\"] }\n";
    if (random.one_in(2)) job += "calendar = \"XNYS\"\n";
    if (random.one_in(4)) job += "when = \"day(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)\"\n";
    if (random.one_in(2)) job += fmt::format("retries = {}\nretry_delay = \"90s\"\n", 1 + random.below(3));
    if (random.one_in(3)) job += "pool = \"db\"\n";
    if (random.one_in(2)) job += draw_claims(random);
    return job;
}

}  // namespace

Story draw_story(Random& random) {
    Story story;
    story.start = *parse_instant(draw_start(random));
    story.length = Seconds{3600 * (6 + random.below(42))};
    story.is_restored = random.one_in(5);
    const auto jobs = static_cast<int>(2 + random.below(5));
    const auto after = random.one_in(2) ? 1 + random.below(4) : 0;
    story.toml += "[slack.ops]\nwebhook_env = \"OPS\"\n[defaults]\nnotify = { failure = [\"mail:ops@example.com\"], ";
    story.toml += "missed = [\"mail:ops@example.com\"], late = [\"slack:ops\"], ";
    if (random.one_in(3)) story.toml += "success = [\"slack:ops\"], retry = [\"mail:ops@example.com\"], ";
    story.toml += random.one_in(2) ? "repeat = \"3h\" }\n" : "recovery = [\"mail:ops@example.com\"] }\n";
    story.toml += fmt::format("[daemon]\ncapacity = {{ memory = \"{}\", cpus = {} }}\n", random.pick({"8G", "12G"}),
                              random.pick({"3", "5"}));
    for (int i = 0; i < jobs; ++i) {
        story.toml += draw_job(random, i, after > 0);
        if (after > 0 && i > 0 && random.one_in(4)) story.toml += draw_order(random, i);
        if (after > 0 && random.one_in(5)) story.toml += "depends_on_past = true\n";
    }
    for (int i = 0; i < after; ++i) story.toml += draw_after(random, jobs + i);
    story.toml += fmt::format("[pool.db]\nslots = {}\n", 1 + random.below(2));
    auto plan = read_plan({"story.toml", story.toml}, test::read_context());
    if (!plan) {
        for (const Error& error : plan.error()) fmt::print(stderr, "{}\n", error.text());
        std::abort();
    }
    story.plan = std::make_shared<const Plan>(std::move(*plan));
    return story;
}

std::uint64_t draw_memory(Random& random) {
    constexpr std::uint64_t giga = 1ULL << 30;
    return random.one_in(8) ? UINT64_MAX : (1 + static_cast<std::uint64_t>(random.below(16))) * giga;
}

Behaviour draw_behaviour(Random& random) {
    Behaviour behaviour;
    behaviour.takes = Seconds{random.one_in(6) ? 900 + random.below(7200) : random.below(300)};
    behaviour.exit_code = random.one_in(5) ? 1 : 0;
    if (random.one_in(12)) behaviour.exit_code = static_cast<int>(3 + random.below(2));  // may mean skip or success
    behaviour.ignores_term = random.one_in(4);
    return behaviour;
}

}  // namespace mc::sim
