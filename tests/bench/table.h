// table.h — what the benchmarks print: each number beside what it is to reach and what bounds it here.
#pragma once

#include <string>
#include <vector>

namespace mc::bench {

struct Row {
    std::string what;
    double measured = 0;
    double to_reach = 0;  // the most that is good
    std::string unit;     // of both
    std::string limit;    // the physical limit, as text: measured in the same run
};

using Rows = std::vector<Row>;

// The middle one, or the mean of the two in the middle; the list may not be empty.
double median(std::vector<double> numbers);

// "0.62 ms": three digits that count.
std::string amount(double number, const std::string& unit);

void print(const Rows& rows);

}  // namespace mc::bench
