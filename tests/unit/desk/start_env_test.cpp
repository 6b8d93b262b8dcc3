// What `start --env` may add.
#include "desk/start_env.h"

#include <catch2/catch.hpp>

using namespace mc;
using namespace mc::app;

namespace {

std::string refusal(const std::map<std::string, std::string>& env) {
    const auto good = check_start_env(env);
    return good ? "" : good.error().sentence();
}

}  // namespace

TEST_CASE("the environment of a start has valid names, texts and a size limit") {
    CHECK(refusal({}).empty());
    CHECK(refusal({{"DEPTH", "full"}, {"_x1", ""}}).empty());
    CHECK(refusal({{"MARKETCRON_RUN", "1"}}) == "`MARKETCRON_RUN` is set by marketcron itself; use another name");
    const std::string odd = R"(`env` must map names of variables to texts; send "env": {"NAME": "value"})";
    for (const char* name : {"", "1A", "A-B", "A=B"}) CHECK(refusal({{name, "x"}}) == odd);
    CHECK(refusal({{"A", std::string("a\0b", 3)}}) == odd);
    CHECK(refusal({{"A", "caf\xc3\xa9"}}).empty());
    CHECK(refusal({{"A", "\xff"}}) ==
          "the value of `A` is not valid UTF-8; write it to a file, and pass the name of the file");
    CHECK(refusal({{"A", std::string(64 * 1024 - 3, 'x')}}).empty());
    CHECK(refusal({{"A", std::string(64 * 1024 - 2, 'x')}}) ==
          "--env has 65537 bytes in total; the limit is 65536; write the values to a file, and pass its name");
}
