#include "notify/text.h"

#include <catch2/catch.hpp>

using namespace mc::notify;

TEST_CASE("output is reduced to what a terminal would have shown") {
    const auto [raw, shown] = GENERATE(table<std::string, std::string>({
        {"plain\ttext\n", "plain\ttext\n"},
        {"\x1b[31mred\x1b[0m and \x1b[1;38;5;200mpink\x1b[m", "red and pink"},
        {"\x1b]0;a title\x07text \x1b]8;;http://x\x1b\\link", "text link"},
        {"10%\r50%\r100%\ndone\r\n", "100%\ndone\n"},
        {"one\r\r\ntwo\r", "one\ntwo"},
        {"bell\a, back\b, nul" + std::string(1, '\0') + ", del\x7f", "bell, back, nul, del"},
        {"caf\xC3\xA9 \xF0\x9F\x93\x88", "café 📈"},
        {"latin1 caf\xE9.", "latin1 caf\uFFFD."},
        {"overlong \xC0\xAF, surrogate \xED\xA0\x80", "overlong \uFFFD\uFFFD, surrogate \uFFFD\uFFFD\uFFFD"},
        {"the first and last of each length "
         "\x7E\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
         "the first and last of each length ~\u0080\u07FF\u0800\uFFFF\U00010000\U0010FFFF"},
        {"around the surrogates \xED\x9F\xBF\xEE\x80\x80", "around the surrogates \uD7FF\uE000"},
        {"overlong \xC1\xBF \xE0\x9F\xBF \xF0\x8F\xBF\xBF",
         "overlong \uFFFD\uFFFD \uFFFD\uFFFD\uFFFD \uFFFD\uFFFD\uFFFD\uFFFD"},
        {"beyond the last \xF4\x90\x80\x80 \xF5\x80\x80\x80",
         "beyond the last \uFFFD\uFFFD\uFFFD\uFFFD \uFFFD\uFFFD\uFFFD\uFFFD"},
        {"cut \xE2\x82", "cut \uFFFD\uFFFD"},
        {"cut \x1b", "cut "},
        {"cut \x1b[3", "cut "},
        {"cut \x1b]0;never ended", "cut "},
        {"cut \x1b]0;half ended\x1b", "cut "},
        {"ends with \x1b]0;a title\x1b\\", "ends with "},
        {"ends with \x1b]0;a title\x07", "ends with "},
        {"ends with \x1b[0m", "ends with "},
    }));
    CHECK(clean_text(raw) == shown);
}

TEST_CASE("a character that continues behind the text's end is incomplete") {
    const std::string_view whole = "caf\xC3\xA9";
    CHECK(clean_text(whole) == "café");
    CHECK(clean_text(whole.substr(0, 4)) == "caf\uFFFD");
}

TEST_CASE("only the three characters that have a meaning in Slack are escaped") {
    CHECK(slack_escape("a < b && c > \"d\" *e* é") == "a &lt; b &amp;&amp; c &gt; \"d\" *e* é");
}

TEST_CASE("short text is not cut; long text is cut between characters") {
    CHECK(fit_start("12345", 5) == "12345");
    CHECK(fit_end("12345", 5) == "12345");
    CHECK(fit_start("123456789", 6) == "123…");
    CHECK(fit_end("123456789", 6) == "…789");
    CHECK(fit_start("éééééééé", 8) == "éé…");
    CHECK(fit_end("éééééééé", 8) == "…éé");
    CHECK(fit_start("&&&&&", 14) == "&&…");  // five bytes each, escaped
    CHECK(fit_end("&&&&&", 14) == "…&&");
}

TEST_CASE("the last lines, without blank lines around them") {
    CHECK(last_lines("a\nb\nc\n\n", 2) == "b\nc");
    CHECK(last_lines("\n\n  a\nb", 9) == "  a\nb");
    CHECK(last_lines("a", 1) == "a");
    CHECK(last_lines("\n\nb", 2) == "b");
    CHECK(last_lines(" \n\n", 3).empty());
    CHECK(last_lines("", 3).empty());
}
