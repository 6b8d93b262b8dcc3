#include "base/mask_reading.h"

#include <catch2/catch.hpp>

using mc::Reading;

namespace {

std::string read(std::string_view text) { return Reading::decoded(text, Reading::Tail::kept).text(); }
std::string settled(std::string_view text) { return Reading::decoded(text, Reading::Tail::left_out).text(); }

}  // namespace

TEST_CASE("an escape of JSON is a letter in UTF-8, at the bounds of each length too") {
    CHECK(read(R"(\u0041)") == "A");
    CHECK(read(R"(\u007f)") == "\x7f");
    CHECK(read(R"(\u0080)") == "\xc2\x80");
    CHECK(read(R"(\u07ff)") == "\xdf\xbf");
    CHECK(read(R"(\u0800)") == "\xe0\xa0\x80");
    CHECK(read(R"(\uFFFF)") == "\xef\xbf\xbf");
    CHECK(read(R"(\ud800\udc00)") == "\xf0\x90\x80\x80");
    CHECK(read(R"(\udbff\uDFFF)") == "\xf4\x8f\xbf\xbf");
    CHECK(read(R"(\ud83d\ude00)") == "\xf0\x9f\x98\x80");
}

TEST_CASE("Python's surrogate for a byte is that byte; another one without a partner is a letter") {
    CHECK(read(R"(\udc80\udcff)") == "\x80\xff");
    CHECK(read(R"(\udc7f)") == "\xed\xb1\xbf");
    CHECK(read(R"(\udd00)") == "\xed\xb4\x80");
    CHECK(read(R"(\ud800x)") == "\xed\xa0\x80x");
    CHECK(read(R"(\ud800\n)") == "\xed\xa0\x80\n");
    CHECK(read(R"(\ud800\u0041)") ==
          "\xed\xa0\x80"
          "A");
    CHECK(read(R"(\ud800\ue000)") == "\xed\xa0\x80\xee\x80\x80");
}

TEST_CASE("percent signs and the escapes of C") {
    CHECK(read("%2F%2f%00%fF%aA") == std::string("//\0\xff\xaa", 5));
    CHECK(read("%2g%g2%%41") == "%2g%g2%A");
    CHECK(read(R"(\b\f\n\r\t)") == "\b\f\n\r\t");
    CHECK(read(R"(\/\"\\\&)") == R"(/"\&)");
    CHECK(read(R"(\x2f\057\000\377)") == std::string("//\0\xff", 4));
    CHECK(read(R"(\400\xg0\08\u00g0)") == "400xg008u00g0");
    CHECK(read("a\\\nb\\\x1f") == "a\\\nb\\\x1f");  // a control character is never part of an escape
}

TEST_CASE("entities of XML and HTML") {
    CHECK(read("&amp;&lt;&gt;&quot;&apos;") == "&<>\"'");
    CHECK(read("&#38;&#x26;&#X2f;") == "&&/");
    CHECK(read("&#x10FFFF;&#x110000;") == "\xf4\x8f\xbf\xbf&#x110000;");
    CHECK(read("&#00000038;&#000000038;") == "&&#000000038;");
    for (const char* text : {"&;", "&#;", "&#x;", "&#xg;", "&#1a;", "&eacute;", "&amp", "& amp;", "&a-b;"})
        CHECK(read(text) == text);
}

TEST_CASE("an encoded letter that the end of the text cuts off is left out or kept") {
    for (const char* text : {"%", "%2", "\\", R"(\u)", R"(\u00e)", R"(\x)", R"(\x2)", R"(\0)", R"(\05)", R"(\ud83d)",
                             R"(\ud83d\)", R"(\ud83d\u)", R"(\ud83d\ude0)", "&", "&#", "&#x2", "&amp"}) {
        INFO(text);
        CHECK(settled("a" + std::string(text)) == "a");
        CHECK(settled("a" + std::string(text) + "-\n.........") != "a");
    }
    CHECK(settled("a&amplifiers") == "a&amplifiers");  // no entity is so long
    CHECK(read("a%2") == "a%2");
    CHECK(read("a&#x2") == "a&#x2");
}

TEST_CASE("each decoded letter has its place in the text") {
    const Reading reading = Reading::decoded("a%2Fb\\n&amp;", Reading::Tail::kept);
    REQUIRE(reading.text() == "a/b\n&");
    const std::size_t begins[] = {0, 1, 4, 5, 7}, ends[] = {1, 4, 5, 7, 12};
    for (std::size_t at = 0; at < 5; ++at) {
        CHECK(reading.begin_of(at) == begins[at]);
        CHECK(reading.end_of(at) == ends[at]);
        for (std::size_t byte = begins[at]; byte < ends[at]; ++byte) CHECK(reading.letter_at(byte) == at);
    }
    CHECK(reading.letter_at(12) == 5);
    CHECK(reading.differs());
    CHECK_FALSE(Reading::decoded("a%b", Reading::Tail::kept).differs());
}

TEST_CASE("for base64, blanks and line ends are left out") {
    const Reading reading = Reading::joined(" ab\r\n\tcd\n");
    REQUIRE(reading.text() == "abcd");
    CHECK(reading.begin_of(0) == 1);
    CHECK(reading.end_of(1) == 3);
    CHECK(reading.begin_of(2) == 6);
    CHECK(reading.letter_at(4) == 2);
}

TEST_CASE("a text may be cut only between the encoded letters of all readings") {
    const auto cuts = [](std::string_view text) {
        const mc::Readings readings(text, Reading::Tail::kept);
        std::string all;
        for (std::size_t at = 0; at <= text.size(); ++at) all += std::to_string(readings.apart(at));
        return all;
    };
    CHECK(cuts("abc") == "0123");
    CHECK(cuts("a%2Fb") == "011145");
    CHECK(cuts("a%252Fb") == "01111167");
    CHECK(cuts(R"(a\\u002fb)") == "0111111189");
    CHECK(cuts("%2F%26") == "0003336");
}
