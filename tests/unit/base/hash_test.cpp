// These numbers must never change: `~` and jitter are drawn from them, and fires must not move when the
// program is upgraded or runs on another machine.
#include "base/hash.h"

#include <catch2/catch.hpp>

using mc::stable_hash;

static_assert(stable_hash("") == 0xf52a15e9a9b5e89bULL);

TEST_CASE("the stable hash gives fixed values") {
    CHECK(stable_hash("") == 0xf52a15e9a9b5e89bULL);
    CHECK(stable_hash("a") == 0x02c0bdbf481420f8ULL);
    CHECK(stable_hash("ingest_bars") == 0x9744221318446ef8ULL);
    CHECK(stable_hash("ingest_bars", 1) == 0x4d856ab3b0e4c2f7ULL);
    CHECK(stable_hash("b\xc3\xb6rse") == 0x5a979857732c5812ULL);
}

TEST_CASE("neighbouring names are spread over the minutes of an hour") {
    int hits[60] = {};
    for (int n = 0; n < 6000; ++n) ++hits[stable_hash("job" + std::to_string(n)) % 60];
    for (const int count : hits) {
        CHECK(count > 60);
        CHECK(count < 140);
    }
}
