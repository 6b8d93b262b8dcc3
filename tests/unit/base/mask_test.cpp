#include "base/mask.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "base/mask_forms.h"

using mc::Mask;
using mc::MaskStream;
using Edge = mc::Mask::Edge;

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most - 1)(random);
}

std::string word(Random& random, std::string_view letters, std::size_t length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += letters[below(random, letters.size())];
    return text;
}

// Values of which some are parts, or repetitions, of others.
std::vector<std::string> values(Random& random) {
    constexpr std::string_view alphabets[] = {"ab", "xyz\"\\\n", "QRSTUVW+/=&%\n \t", "\xC3\xA9\x01mnop"};
    const std::string_view letters = alphabets[below(random, std::size(alphabets))];
    std::vector<std::string> all;
    for (std::size_t count = 1 + below(random, 4); count > 0; --count) {
        std::string one = word(random, letters, 6 + below(random, 40));
        if (!all.empty() && below(random, 2) == 0) {
            const std::string& other = all[below(random, all.size())];
            const std::size_t from = below(random, other.size());
            one = below(random, 2) == 0 ? other.substr(from) + one : other + word(random, letters, 3);
        }
        all.push_back(one);
    }
    return all;
}

// Values between letters that no value has, some of them side by side; with parts of values too, or without.
enum class Parts { with, without };
std::string text_with(Random& random, const std::vector<std::string>& values, Parts parts_too) {
    std::string text;
    for (std::size_t parts = 1 + below(random, 12); parts > 0; --parts) {
        if (below(random, 3) != 0) text += word(random, "0123456789.-\n", below(random, 12));
        const std::string& value = values[below(random, values.size())];
        text += value;
        if (parts_too == Parts::with && below(random, 4) == 0)
            text += value.substr(value.size() / 2);  // may complete another one
    }
    return text;
}

// The first piece of six bytes or more of a value in the text; "" when there is none.
std::string piece_in(std::string_view text, const std::vector<std::string>& values) {
    for (const std::string& value : values)
        for (std::size_t at = 0; at + 6 <= value.size(); ++at)
            if (text.find(value.substr(at, 6)) != std::string_view::npos) return value.substr(at, 6);
    return "";
}

// What the rule says, the slow way: every letter of every occurrence.
std::string hidden(std::string_view text, const std::vector<std::string>& values) {
    std::vector<bool> covered(text.size(), false);
    for (const std::string& value : values)
        for (const std::string& form : mc::forms_of(value))
            for (std::size_t at = text.find(form); at != std::string_view::npos; at = text.find(form, at + 1))
                std::fill_n(covered.begin() + static_cast<std::ptrdiff_t>(at), form.size(), true);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (!covered[i]) out += text[i];
        else if (i == 0 || !covered[i - 1]) out += "***";
    return out;
}

}  // namespace

TEST_CASE("a value that begins with another one is covered whole") {
    const Mask mask({"hunter", "hunter2-long"});
    CHECK(mask.hide("x hunter2-long y hunter z") == "x *** y *** z");
    CHECK(mask.hide("hunterhunter2-long") == "***");
}

TEST_CASE("values that overlap in the text are covered together") {
    CHECK(Mask({"abcdef", "defghi"}).hide("1abcdefghi2") == "1***2");
    CHECK(Mask({"aaaa"}).hide("baaaaaab") == "b***b");
}

TEST_CASE("each line of a value of several lines is covered alone") {
    const Mask mask({"-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n"});
    CHECK(mask.hide("key: MIIEvQIBADANBg\r\n  kqhkiG9w0BAQEF") == "key: ***\r\n  ***");
}

TEST_CASE("what encodings make of a value is covered") {
    const Mask mask({"p\"ss/word one"});
    CHECK(mask.hide(R"({"a":"p\"ss/word one"})") == R"({"a":"***"})");
    CHECK(mask.hide("?q=p%22ss%2Fword%20one&r") == "?q=***&r");
    const std::string plain = Mask({"s3cr3t-of-a-desk"}).hide("AHVzZXIAczNjcjN0LW9mLWEtZGVzaw==");  // \0user\0SECRET
    CHECK(plain.starts_with("AHVzZXIA***"));
    CHECK(plain.size() < 20);
}

TEST_CASE("a value that is too short is left alone") {
    CHECK(Mask({"ab", ""}).empty());
    CHECK(Mask({"ab"}).hide("ab") == "ab");
    CHECK(Mask({"abc"}).hide("xabcx") == "x***x");
}

TEST_CASE("what is left of a value at a cut is covered") {
    const Mask mask({"correct-horse-battery"});
    CHECK(mask.hide("horse-battery is it", Edge::cut) == "*** is it");
    CHECK(mask.hide("horse-battery is it") == "horse-battery is it");
    CHECK(mask.hide("it is correct-ho", Edge::whole, Edge::cut) == "it is ***");
    CHECK(mask.hide("orse-bat", Edge::cut, Edge::cut) == "***");
    CHECK(mask.hide("it is correct-ho\n[... 512 bytes left out ...]\nattery here") ==
          "it is ***\n[... 512 bytes left out ...]\n*** here");
    const std::string hole(70, '\0');
    CHECK(mask.hide("it is correct-ho" + hole + "attery here") == "it is ***" + hole + "*** here");
}

TEST_CASE("of a growing text only that is given which stays") {
    const Mask mask({"abcabcx", "abc"});
    CHECK(mask.hide_settled("1 ab") == "1 ");
    CHECK(mask.hide_settled("1 abc") == "1 ");
    CHECK(mask.hide_settled("1 abc!") == "1 ***!");
    CHECK(mask.hide_settled("1 abcabc") == "1 ");
}

TEST_CASE("random values in random texts: no piece comes through, however they are cut") {
    for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
        Random random(seed);
        CAPTURE(seed);
        const auto secrets = values(random);
        const Mask mask(secrets);
        const Parts parts = seed % 2 == 0 ? Parts::with : Parts::without;
        const std::string text = text_with(random, secrets, parts);
        const std::string whole = mask.hide(text);
        REQUIRE(whole == hidden(text, secrets));
        if (parts == Parts::without) REQUIRE(piece_in(whole, secrets) == "");

        MaskStream stream(mask);
        std::string joined;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t size = 1 + below(random, 9);
            joined += stream.add(std::string_view(text).substr(at, size));
            at += size;
            REQUIRE(whole.starts_with(joined));
            REQUIRE(mask.hide_settled(std::string_view(text).substr(0, at)) == joined);
        }
        REQUIRE(joined + stream.end() == whole);

        const std::size_t from = below(random, text.size()), size = 1 + below(random, text.size() - from);
        const std::string window = mask.hide(std::string_view(text).substr(from, size), Edge::cut, Edge::cut);
        if (parts == Parts::without) REQUIRE(piece_in(window, secrets) == "");
        const std::string holed =
            text.substr(0, from) + "\n[... 77 bytes left out ...]\n" + text.substr(std::min(text.size(), from + size));
        if (parts == Parts::without) REQUIRE(piece_in(mask.hide(holed), secrets) == "");
        MaskStream in_pieces(mask);
        std::string pieces;
        for (std::size_t at = 0; at < holed.size(); at += 7)
            pieces += in_pieces.add(std::string_view(holed).substr(at, 7));
        REQUIRE(pieces + in_pieces.end() == mask.hide(holed));
    }
}
