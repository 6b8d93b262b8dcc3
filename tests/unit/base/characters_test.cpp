#include "base/characters.h"

#include <catch2/catch.hpp>

#include "base/spelling.h"

using namespace mc;

TEST_CASE("the length of a UTF-8 character in bytes; 0 if it is invalid") {
    CHECK(utf8_length("a") == 1);
    CHECK(utf8_length("\xc2\xa0") == 2);
    CHECK(utf8_length("\xe2\x80\x93x") == 3);
    CHECK(utf8_length("\xf0\x9f\x98\x80") == 4);
    for (const char* bad :
         {"", "\x80", "\xc0\x80", "\xe2\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"})
        CHECK(utf8_length(bad) == 0);
}

TEST_CASE("the first and the last character of each length are valid, their neighbours are not") {
    for (const std::string& text : {std::string(1, '\0'), std::string("\x7f")}) CHECK(utf8_length(text) == 1);
    for (const char* text : {"\xc2\x80", "\xdf\xbf"}) CHECK(utf8_length(text) == 2);
    for (const char* text : {"\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf"})
        CHECK(utf8_length(text) == 3);
    for (const char* text : {"\xf0\x90\x80\x80", "\xf3\xbf\xbf\xbf", "\xf4\x8f\xbf\xbf"}) CHECK(utf8_length(text) == 4);
    for (const char* bad :
         {"\xbf\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
          "\xf5\x80\x80\x80", "\xc2\x7f", "\xc2\xc0", "\xe1\x80\xc0", "\xf1\x80\x80\x7f", "\xf1\x80\x80"})
        CHECK(utf8_length(bad) == 0);
}

TEST_CASE("the first character that is not ASCII, by name") {
    CHECK_FALSE(odd_character("0 9 * * mon-fri\t~\n"));
    const auto dash = odd_character(
        "1\xe2\x80\x93"
        "5");
    REQUIRE(dash);
    CHECK(dash->at == 1);
    CHECK(dash->text() == "'\xe2\x80\x93' (U+2013, an en dash)");
    CHECK(dash->instead == "-");
    CHECK(odd_character("\xef\xbc\x95")->text() == "'\xef\xbc\x95' (U+FF15, a full-width character)");
    CHECK(odd_character("\xd9\xa1")->text() == "'\xd9\xa1' (U+0661)");
    CHECK(odd_character("a\x7f")->text() == "U+007F, a control character");
    CHECK(odd_character("a\x80")->text() == "the byte 0x80, which is not UTF-8");
}

TEST_CASE("text in ASCII; empty if a character has no equivalent") {
    CHECK(in_ascii("\xef\xbb\xbf"
                   "1\xe2\x80\x93"
                   "5\xc2\xa0*")
              .value() == "1-5 *");
    CHECK(in_ascii("\xef\xbc\x91\xef\xbc\x8a").value() == "1*");
    CHECK(in_ascii("\xe2\x80\x9cmon\xe2\x80\x9d").value() == "mon");
    CHECK_FALSE(in_ascii("plain"));
    CHECK_FALSE(
        in_ascii("1\xe2\x80\x93"
                 "5 \xc3\xa9"));
    CHECK_FALSE(in_ascii("\xff"));
}

TEST_CASE("a text for a terminal contains no control characters") {
    CHECK(visible("caf\xc3\xa9 \xe2\x80\x93 \xf0\x9f\x98\x80\ta\nb") ==
          "caf\xc3\xa9 \xe2\x80\x93 \xf0\x9f\x98\x80\ta\nb");
    CHECK(visible("\x1b[2J\x1b]0;x\x07\r\b\x7f") == R"(\x1b[2J\x1b]0;x\x07\x0d\x08\x7f)");
    CHECK(visible(std::string("a\0b", 3)) == R"(a\x00b)");
    CHECK(visible("a\nb\tc", "") == R"(a\x0ab\x09c)");
    // A terminal takes U+009B for ESC [, and in its 8-bit mode the byte alone.
    CHECK(visible("\xc2\x9b"
                  "2J") == R"(\x9b2J)");
    CHECK(visible("\x9b"
                  "2J\xe2\x80") == R"(\x9b2J\xe2\x80)");
}

TEST_CASE("control characters of one or two bytes are found, and are escaped in TOML") {
    CHECK(control_length("\x1b[31m") == 1);
    CHECK(control_length("\x7f") == 1);
    CHECK(control_length("\xc2\x9b"
                         "31m") == 2);
    CHECK(control_length("\xc2\xa0") == 0);
    CHECK(control_length("\x9b") == 0);  // not a character
    CHECK(control_length("") == 0);
    CHECK(toml_quoted("a\x1b\xc2\x9b\"\t") == "\"a\\u001b\\u009b\\\"\\t\"");
}
