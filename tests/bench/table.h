// table.h — the output of the benchmarks: each number with its target and the physical limit here.
#pragma once

#include <string>
#include <vector>

namespace mc::bench {

struct Row {
    std::string what;
    double measured = 0;
    double to_reach = 0;  // the largest good value
    std::string unit;     // of both
    std::string limit;    // the physical limit, as text: measured in the same run
};

using Rows = std::vector<Row>;

// The middle value, or the mean of the two in the middle; the list must not be empty.
double median(std::vector<double> numbers);

// "0.62 ms": three significant digits.
std::string amount(double number, const std::string& unit);

void print(const Rows& rows);

}  // namespace mc::bench
