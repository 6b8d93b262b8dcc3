// stopwatch.h — how long a query takes when it is repeated many times.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "base/time.h"

namespace mc::bench {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Nanoseconds for each answer, over all questions. The answers are numbers and are kept, so
// that the compiler cannot remove the work.
template <class Question, class Answer>
double nanoseconds_each(const std::vector<Question>& questions, const Answer& answer) {
    std::uint64_t kept = 0;
    const auto start = std::chrono::steady_clock::now();
    for (const Question& question : questions) kept += static_cast<std::uint64_t>(answer(question));
    const double taken = seconds_since(start);
    [[maybe_unused]] volatile const std::uint64_t sink = kept;
    return taken * 1e9 / static_cast<double>(questions.size());
}

// Instants over the thirty years from 1996 on, unordered; the same in each run.
inline std::vector<Instant> random_instants(std::size_t count) {
    const auto from = make_date(1996, 1, 1).time_since_epoch(), to = make_date(2026, 1, 1).time_since_epoch();
    std::mt19937_64 chance(20261122);
    std::uniform_int_distribution<std::int64_t> any(Seconds(from).count(), Seconds(to).count() - 1);
    std::vector<Instant> instants;
    for (std::size_t i = 0; i < count; ++i) instants.emplace_back(Seconds{any(chance)});
    return instants;
}

}  // namespace mc::bench
