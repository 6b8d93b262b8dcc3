// Every tests/conformance/config/bad/NAME.toml is refused with exactly the lines of NAME.err. The files
// in bad/NAME/ are included by NAME.toml.
#include <catch2/catch.hpp>

#include "world.h"

using namespace mc;
using namespace mc::test;

namespace {

const std::filesystem::path bad_files = std::filesystem::path(MARKETCRON_ROOT) / "tests/conformance/config/bad";

Files included_by(const std::filesystem::path& file) {
    Files files;
    const std::filesystem::path parts = bad_files / file.stem();
    if (!std::filesystem::is_directory(parts)) return files;
    for (const auto& entry : std::filesystem::directory_iterator(parts))
        files[(file.stem() / entry.path().filename()).string()] = file_text(entry.path());
    return files;
}

}  // namespace

TEST_CASE("a bad file is refused with all its errors, each with its place") {
    int cases = 0;
    for (const auto& entry : std::filesystem::directory_iterator(bad_files)) {
        const std::filesystem::path& file = entry.path();
        if (file.extension() != ".toml") continue;
        ++cases;
        INFO(file.filename());
        const SourceText source{file.filename().string(), file_text(file)};
        const ResultAll<Plan> plan = read_plan(source, context(included_by(file)));
        CHECK_FALSE(plan.has_value());
        std::filesystem::path expected = file;
        CHECK(errors_of(plan) == file_text(expected.replace_extension(".err")));
    }
    CHECK(cases > 20);
}
