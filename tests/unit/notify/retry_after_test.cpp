#include "notify/retry_after.h"

#include <catch2/catch.hpp>

using namespace mc;
using namespace mc::notify;

// RFC 9110: the forms of 5.6.7 and 10.2.3, with the RFC's own date.
TEST_CASE("Retry-After: seconds, or any of the three forms of an HTTP date") {
    const Instant now = parse_instant("1994-11-06T08:49:00Z").value();
    const auto [value, seconds] = GENERATE(table<std::string, std::optional<long>>({
        {"0", 0},
        {"30", 30},
        {" 120 ", 120},
        {"3601", 3600},  // limited to an hour
        {"Sat, 06 Nov 2094 08:49:37 GMT", 3600},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 37},
        {"Sunday, 06-Nov-94 08:49:37 GMT", 37},
        {"Sun Nov  6 08:49:37 1994", 37},
        {"Sun, 06 Nov 1994 08:00:00 GMT", 0},
        {"", std::nullopt},
        {"-1", std::nullopt},
        {"1.5", std::nullopt},
        {"soon", std::nullopt},
        {"99999999999999999999", std::nullopt},
        {"Sun, 06 Nov 1994", std::nullopt},
        {"Sun, 06 Nov 1994 08:49:37 GMT trailing", std::nullopt},
    }));
    CAPTURE(value);
    const auto read = parse_retry_after(value, now);
    CHECK(read.has_value() == seconds.has_value());
    if (read && seconds) CHECK(read->count() == *seconds);
}
