#include "calendar/head.h"

#include "calendar/calendar_set.h"
#include "made.h"

using namespace mc;

namespace {

std::string error_of(const std::string& text) {
    const auto head = read_calendar_head(text, "test.toml");
    return head ? "none" : head.error().text();
}

CalendarSource source(const std::string& name, const std::vector<std::string>& aliases) {
    CalendarSource result;
    result.name = CalendarName(name);
    result.aliases = aliases;
    return result;
}

}  // namespace

TEST_CASE("an invalid head is an error with its place") {
    CHECK(error_of("name = \"DESK\"\n") == "none");
    CHECK(error_of("name = \"24/7\"\n") == "none");
    CHECK(error_of("extends = \"XNYS\"\n") == "test.toml:1:1: error: name is missing; write name = \"XNYS\"");
    CHECK(error_of("name = 5\n") == "test.toml:1:8: error: name is not text; write it in quotes");
    CHECK(error_of("\nname = \"a\"\nname = \"b\"\n").starts_with("test.toml:3:"));
    CHECK(error_of("name = \"None\"\n") == "test.toml:1:8: error: \"None\" is a reserved word; use another name");
    for (const char* word : {"", "5DAYS", "A B", "A/B", "A\\nB", "-A"})
        CHECK(error_of(std::string("name = \"") + word + "\"\n")
                  .find("cannot be the name of a calendar; a letter first") != std::string::npos);
}

TEST_CASE("an alias may contain spaces, but not at its ends") {
    CHECK_FALSE(wrong_calendar_word("CME Globex Crypto", CalendarWordKind::alias));
    for (const char* word : {"A  B", " A", "A ", "run"}) CHECK(wrong_calendar_word(word, CalendarWordKind::alias));
}

TEST_CASE("a name or alias belongs to one calendar only") {
    CalendarSet set{test::zone};
    set.add(source("XNYS", {"NYSE"}));
    set.add(source("XLON", {"LSE"}));
    const auto errors_of = [&](const std::string& text) {
        std::string told;
        for (const Error& error : words_of_others(read_calendar_head(text, "test.toml").value(), set))
            told += error.text() + "\n";
        return told;
    };
    CHECK(errors_of("name = \"XNYS\"\naliases = [\"nyse\", \"BIG\"]\n").empty());
    CHECK(errors_of("name = \"nyse\"\n") ==
          "test.toml:1:8: error: \"nyse\" is already a name of XNYS; use another name\n");
    CHECK(errors_of("name = \"DESK\"\naliases = [\"xlon\", \"LSE\"]\n") ==
          "test.toml:2:12: error: \"xlon\" is already a name of XLON; use another name\n"
          "test.toml:2:20: error: \"LSE\" is already a name of XLON; use another name\n");
}
