// main.cpp — marketcron_bench [MARKETCRON]: measures what is promised of speed and prints one table.
// The program measured is build/release/marketcron unless another is named. A slow number fails nothing.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>

#include "bench/bench.h"

int main(int argc, char** argv) {
    using namespace mc::bench;
    const std::string program = argc > 1 ? argv[1] : MARKETCRON_ROOT "/build/release/marketcron";
    if (::access(program.c_str(), X_OK) != 0) {
        fmt::print(stderr, "error: there is no program {}; ./dev build makes it\n", program);
        return 2;
    }
    try {
        Rows all;
        const auto add = [&](const Rows& rows) { all.insert(all.end(), rows.begin(), rows.end()); };
        add(cron_rows());
        add(calendar_rows());
        for (const auto& group : {command_rows, latency_rows, burst_rows, crowd_rows}) add(group(program));
        print(all);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "error: {}\n", failure.what());
        return 1;
    }
    return 0;
}
