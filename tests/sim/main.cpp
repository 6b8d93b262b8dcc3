// main.cpp — marketcron_sim [--seed N [--trace]] [--count N] [--planted]: runs seeds; the first failure prints one
// line that repeats it. --trace prints what happens. --planted proves that each checker can fail.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "sim/sim.h"

namespace {

using namespace mc::sim;

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    const bool hex = text.substr(0, 2) == "0x";
    if (hex) text.remove_prefix(2);
    std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    return value;
}

// Checker 9: a second run must give the same trace. Returns what was broken.
std::vector<std::string> run_twice(std::uint64_t seed, Planted planted, TriggerVerdict& verdict,
                                   std::string_view wanted = "") {
    verdict = simulate(seed, planted, {}, wanted);
    if (!verdict.broken.empty()) return verdict.broken;
    if (simulate(seed, planted).trace != verdict.trace) return {"checker 9: the same seed gave another trace"};
    return {};
}

bool is_caught(std::uint64_t seed, Planted fault, std::string_view by) {
    TriggerVerdict verdict;
    const std::vector<std::string> broken = run_twice(seed, fault, verdict, by);
    return std::any_of(broken.begin(), broken.end(),
                       [by](const std::string& what) { return what.substr(0, by.size()) == by; });
}

// The seeds of old failures, each with a sentence, are in seeds.txt.
std::vector<std::uint64_t> old_failures() {
    std::vector<std::uint64_t> seeds;
    std::ifstream file(MARKETCRON_ROOT "/tests/sim/seeds.txt");
    for (std::string line; std::getline(file, line);)
        if (!line.empty() && line.front() != '#') seeds.push_back(number(line.substr(0, line.find(' '))));
    return seeds;
}

int run_seeds(const std::vector<std::uint64_t>& seeds) {
    std::uint64_t crashes = 0, fires = 0;
    for (const std::uint64_t seed : seeds) {
        TriggerVerdict verdict;
        if (const auto broken = run_twice(seed, Planted::none, verdict); !broken.empty()) {
            Random random(seed);
            fmt::print("{}\n  repeat it: ./dev sim --seed {:#x}\n{}", broken.front(), seed,
                       seeds.size() == 1 ? draw_story(random).toml : "");
            return 1;
        }
        crashes += verdict.crashes;
        fires += verdict.fires;
    }
    fmt::print("{} seeds, {} rows, {} crashes: all checkers hold\n", seeds.size(), fires, crashes);
    return 0;
}

int run_planted() {
    struct Row {
        Planted fault;
        std::string_view caught_by, name;
    };
    int failures = 0;
    for (const Row& row :
         {Row{Planted::spawn_before_claim, "checker 1", "spawn before claim"},
          Row{Planted::forget_history, "checker 2", "history forgotten at a restart"},
          Row{Planted::forget_open_runs, "checker 3: j", "open runs forgotten at a restart"},
          Row{Planted::wide_pools, "checker 3: the pool", "pools assumed to be larger than they are"},
          Row{Planted::forget_holds, "held", "holds forgotten at a restart"},
          Row{Planted::forget_order, "checker 4", "the order of jobs forgotten"},
          Row{Planted::bent_rules, "rule", "one trigger rule mistaken for another"},
          Row{Planted::forget_past, "checker 4", "the result of a job's previous date forgotten"},
          Row{Planted::forget_when, "when", "branches run although `when` is false"},
          Row{Planted::lost_notices, "checker 5: no message", "no messages about failures"},
          Row{Planted::unnamed_victims, "checker 5: no message says that", "blocked jobs not named"},
          Row{Planted::recorded_unsent, "checker 5: lost", "messages recorded before they are sent"},
          Row{Planted::unrecorded_arrivals, "checker 5: told again", "arrivals not recorded"},
          Row{Planted::rewritten_ends, "checker 6", "ends written again with a later time"},
          Row{Planted::roomy_host, "capacity", "a host assumed to be larger than it is"},
          Row{Planted::cramped_host, "claim", "a host assumed to be smaller than it is"},
          Row{Planted::deaf_to_survivors, "cleared", "runs assumed to be gone when told to stop"},
          Row{Planted::silent_delays, "late", "no messages about late runs"},
          Row{Planted::deaf_to_refusals, "message", "refused messages assumed to be delivered"},
          Row{Planted::forget_alerts, "alert", "open alerts forgotten at a restart"},
          Row{Planted::reasonless, "reason", "runs that wait for nothing"},
          Row{Planted::late_by_a_minute, "checker 7", "rows a minute late"},
          Row{Planted::deaf_to_ends, "checker 8", "ends not reported"},
          Row{Planted::uncounted_chance, "checker 9", "chance outside the seed"},
          Row{Planted::unwritten_waits, "checker 11: the ledger", "waits not written"},
          Row{Planted::decides_anew, "checker 11: a daemon", "a plan that a new daemon reads otherwise"},
          Row{Planted::few_retries, "checker 12: run", "a job's retries forgotten"},
          Row{Planted::hasty_retries, "checker 12: attempt", "retries without a delay"},
          Row{Planted::rare_checks, "checker 13", "sensors checked too rarely"},
          Row{Planted::forget_catch_up, "checker 14", "catch_up forgotten"},
          Row{Planted::uncounted_failures, "checker 15", "failures not counted in their alert"},
          Row{Planted::unheard_requests, "checker 16", "requests that do nothing"},
          Row{Planted::unmoved_fires, "checker 17", "changes of calendars that move no fire"},
          Row{Planted::failures_are_none, "checker 1", "failed questions taken as no row"},
          Row{Planted::restored_unseen, "checker 1", "records ignored by a restored ledger"},
          Row{Planted::one_boot_for_all, "checker 1", "another boot's attempts mistaken for this one's"},
          Row{Planted::other_keepers_unseen, "checker 1", "processes of another version's keeper ignored"},
          Row{Planted::lost_rebuild_writes, "checker", "writes lost while the engine is rebuilt"},
          Row{Planted::down_without_a_step, "checker 2", "a clock set forward while no daemon runs ignored"},
          Row{Planted::stale_records_believed, "result", "stale records believed"}}) {
        std::uint64_t caught = 0;
        for (std::uint64_t seed = 1; seed <= 200 && caught == 0; ++seed)
            if (is_caught(seed, row.fault, row.caught_by)) caught = seed;
        fmt::print("{}: {} {}\n", row.name, caught ? "caught by" : "NOT caught by", row.caught_by);
        failures += caught == 0;
    }
    return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t first = 1, count = 120;
    bool one = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view flag = argv[i];
        if (flag == "--planted") return run_planted();
        if (flag == "--trace") {
            (void)simulate(first, Planted::none, [](const std::string& line) { fmt::print("{}\n", line); });
            continue;
        }
        if (i + 1 >= argc) continue;
        if (flag == "--seed") {
            first = number(argv[++i]);
            one = true;
        } else if (flag == "--count") {
            count = number(argv[++i]);
        }
    }
    std::vector<std::uint64_t> seeds;
    if (one) seeds = {first};
    else {
        seeds = old_failures();
        for (std::uint64_t seed = first; seed < first + count; ++seed) seeds.push_back(seed);
    }
    return run_seeds(seeds);
}
