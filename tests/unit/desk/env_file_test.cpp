#include "desk/env_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace mc;
using namespace mc::app;

namespace {

Result<std::map<std::string, std::string>> read(const std::string& text) {
    const auto path = std::filesystem::temp_directory_path() / fmt::format("marketcron-env-{}", ::getpid());
    std::ofstream(path) << text;
    auto env = read_env_file(path);
    std::filesystem::remove(path);
    return env;
}

}  // namespace

TEST_CASE("a FIFO without a writer is not an empty file") {
    const auto path = std::filesystem::temp_directory_path() / fmt::format("marketcron-fifo-{}", ::getpid());
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const auto env = read_env_file(path);
    std::filesystem::remove(path);
    REQUIRE_FALSE(env);
    CHECK(env.error().what == "env_file: cannot read " + path.string() + ": it is a FIFO without a writer");
}

TEST_CASE("the lines of an env_file") {
    const auto env =
        read("# a comment\n\n A=1\r\nexport B=two words\n\texport\tC='3 '\nEMPTY=\nD=\"x=y\"\nexport=kept\n").value();
    CHECK(env == std::map<std::string, std::string>{
                     {"A", "1"}, {"B", "two words"}, {"C", "3 "}, {"D", "x=y"}, {"EMPTY", ""}, {"export", "kept"}});
}

TEST_CASE("an unclosed quote or a NUL in an env_file is an error with its place") {
    for (const char* value : {"\"two words", "'x", "\"", "'it's", "\"x'"}) {
        INFO(value);
        const auto env = read(fmt::format("GOOD=1\nA={}\n", value));
        REQUIRE_FALSE(env);
        CHECK(env.error().what.find(":2: the quote is not closed") != std::string::npos);
    }
    const auto env = read(std::string("A=a\0b\n", 6));
    REQUIRE_FALSE(env);
    CHECK(env.error().what.find(":1 contains a NUL byte") != std::string::npos);
    CHECK(read("A=it's\nB=''\n").value() == std::map<std::string, std::string>{{"A", "it's"}, {"B", ""}});
}

TEST_CASE("an invalid line of an env_file is an error with its place") {
    for (const char* line : {"A = 1", "=1", "A", "export", "export A", "set A=1", "A-B=1", "1A=1"}) {
        INFO(line);
        const auto env = read(fmt::format("GOOD=1\n{}\n", line));
        REQUIRE_FALSE(env);
        CHECK(env.error().what.find(":2 is not a NAME=value line") != std::string::npos);
    }
}
