// The short form of the fuzzing: each input that was found once, and each seed, is given to its target again.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "fuzz/targets.h"

namespace mc::fuzz {

namespace {

std::vector<std::filesystem::path> inputs_of(std::string_view folder, std::string_view target) {
    std::vector<std::filesystem::path> paths;
    const auto directory = std::filesystem::path(MARKETCRON_ROOT) / "tests/fuzz" / folder / target;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(directory, none)) paths.push_back(entry.path());
    return paths;
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("what was found by fuzzing is found no more") {
    for (const Target& target : targets()) {
        std::vector<std::filesystem::path> paths = inputs_of("seeds", target.name);
        CHECK(!paths.empty());
        for (const auto& path : inputs_of("found", target.name)) paths.push_back(path);
        for (const auto& path : paths) {
            INFO(path.string());
            CHECK_NOTHROW(target.run(text_of(path)));
        }
    }
}

TEST_CASE("what is empty, not text or endless is refused by each target") {
    const std::vector<std::string> odd{"",
                                       std::string(1, '\0'),
                                       "\xff\xfe",
                                       "\xef\xbb\xbf",
                                       std::string(100'000, '['),
                                       std::string(100'000, '('),
                                       std::string(100'000, '{'),
                                       std::string(100'000, '9'),
                                       std::string(100'000, '\n'),
                                       std::string(100'000, ' '),
                                       "cstart\n" + std::string(100'000, '[')};
    for (const Target& target : targets())
        for (const std::string& input : odd) CHECK_NOTHROW(target.run(input));
}

}  // namespace mc::fuzz
