// main.cpp — marketcron_bench [MARKETCRON]: measures the promised speeds and prints one table.
// The program measured is build/release/marketcron unless another is named. A slow result is not a failure.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/bench.h"

int main(int argc, char** argv) {
    using namespace mc::bench;
    if (argc > 1 && std::string_view(argv[1]) == "--all-calendars") {
        read_all_calendars();
        return 0;
    }
    const std::string program = argc > 1 ? argv[1] : MARKETCRON_ROOT "/build/release/marketcron";
    if (::access(program.c_str(), X_OK) != 0) {
        fmt::print(stderr, "error: there is no program {}; ./dev build makes it\n", program);
        return 2;
    }
    const std::vector<std::pair<std::string_view, std::function<Rows()>>> groups{
        {"cron", cron_rows},
        {"calendar", calendar_rows},
        {"calendars", all_calendar_rows},
        {"command", [&] { return command_rows(program); }},
        {"consequences", consequence_rows},
        {"simulate", [&] { return simulate_rows(program); }},
        {"latency", [&] { return latency_rows(program); }},
        {"burst", [&] { return burst_rows(program); }},
        {"crowd", [&] { return crowd_rows(program); }},
        {"backfill", [&] { return backfill_rows(program); }},
        {"ledger", [&] { return ledger_rows(program); }}};
    try {
        Rows all;
        for (const auto& [name, rows] : groups) {
            if (argc > 2 && std::find(argv + 2, argv + argc, name) == argv + argc) continue;
            const Rows more = rows();
            all.insert(all.end(), more.begin(), more.end());
        }
        print(all);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "error: {}\n", failure.what());
        return 1;
    }
    return 0;
}
