#include "base/suggest.h"

#include <catch2/catch.hpp>

using namespace mc;

TEST_CASE("the nearest name wins, whatever its case") {
    const std::vector<std::string> calendars{"XNAS", "XNYS", "XLON", "CME_Globex_Equity"};
    CHECK(nearest("XNYSE", calendars) == "XNYS");
    CHECK(nearest("xnys", calendars) == "XNYS");
    CHECK(nearest("XNSY", calendars) == "XNYS");
    CHECK(nearest("CME_Globex_Equities", calendars) == "CME_Globex_Equity");
    CHECK(nearest("XTKS", calendars) == "");
    CHECK(nearest("", calendars) == "");
}

TEST_CASE("a short name is not similar to everything") {
    const std::vector<std::string> names{"a", "to", "cwd"};
    CHECK(nearest("b", names) == "");
    CHECK(nearest("do", names) == "");
    CHECK(nearest("cwe", names) == "cwd");
}

TEST_CASE("of equally near names the first is suggested") {
    const std::vector<std::string> names{"nice", "mice"};
    CHECK(nearest("dice", names) == "nice");
}

TEST_CASE("if no name is near, the known names are listed, at most eight") {
    CHECK(did_you_mean("shedule", std::vector<std::string>{"schedule"}) == "did you mean schedule?");
    CHECK(did_you_mean("x", std::vector<std::string>{"alpha", "beta"}) == "known: alpha, beta");
    CHECK(did_you_mean("x", std::vector<std::string>(9, "alpha")) ==
          "known: alpha, alpha, alpha, alpha, alpha, alpha, alpha, alpha, ...");
    CHECK(did_you_mean("x", {}) == "known: none");
}
