#include "bench/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc::bench {

namespace {

std::string to_reach(const Row& row) {
    const std::string most = row.to_reach == 0 ? "none" : amount(row.to_reach, row.unit);
    return row.measured <= row.to_reach ? most : most + " MISSED";
}

}  // namespace

double median(std::vector<double> numbers) {
    std::sort(numbers.begin(), numbers.end());
    const std::size_t half = numbers.size() / 2;
    return numbers.size() % 2 == 1 ? numbers[half] : (numbers[half - 1] + numbers[half]) / 2;
}

std::string amount(double number, const std::string& unit) {
    const bool whole = number == static_cast<double>(static_cast<long>(number));
    const int decimals = whole || number >= 100 ? 0 : number >= 10 ? 1 : 2;
    return fmt::format("{:.{}f}{}{}", number, decimals, unit.empty() ? "" : " ", unit);
}

void print(const Rows& rows) {
    std::size_t width = 0;
    for (const Row& row : rows) width = std::max(width, row.what.size());
    fmt::print("{:<{}}  {:>10}  {:<14}  {}\n", "what", width, "measured", "to reach", "physical limit, same run");
    for (const Row& row : rows)
        fmt::print("{:<{}}  {:>10}  {:<14}  {}\n", row.what, width, amount(row.measured, row.unit), to_reach(row),
                   row.limit);
}

}  // namespace mc::bench
