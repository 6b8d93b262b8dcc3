// libfuzzer.cpp — one target (MARKETCRON_FUZZ_TARGET) as a program of libFuzzer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "fuzz/targets.h"

#ifndef MARKETCRON_FUZZ_TARGET
#define MARKETCRON_FUZZ_TARGET "toml"  // for tools that read this file by itself
#endif

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    for (const mc::fuzz::Target& target : mc::fuzz::targets())
        if (target.name == MARKETCRON_FUZZ_TARGET) {
            target.run(input);
            return 0;
        }
    std::abort();
}
