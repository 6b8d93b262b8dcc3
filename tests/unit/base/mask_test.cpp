#include "base/mask.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <random>

#include "base/mask_forms.h"
#include "base/mask_reading.h"

using mc::Mask;
using mc::MaskStream;
using mc::Reading;
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

// Values, some of which are parts or repetitions of others.
std::vector<std::string> values(Random& random) {
    constexpr std::string_view alphabets[] = {"ab", "xyz\"\\\n", "QRSTUVW+/=&%\n \t", "\xC3\xA9\x01mnop"};
    const std::string_view letters = alphabets[below(random, std::size(alphabets))];
    std::vector<std::string> all;
    for (std::size_t count = 1 + below(random, 4); count > 0; --count) {
        std::string one = word(random, letters, 6 + below(random, 40));
        if (!all.empty() && below(random, 2) == 0) {
            const std::string& other = all[below(random, all.size())];
            const std::size_t from = below(random, other.size());
            if (below(random, 2) == 0) one.insert(0, other, from);
            else one = std::string(other).append(word(random, letters, 3));
        }
        if (below(random, 8) == 0) one.insert(below(random, one.size()), "\xF0\x9F\x98\x80");
        all.push_back(one);
    }
    return all;
}

std::string printed(const char* format, unsigned value) {
    char text[16];
    (void)std::snprintf(text, sizeof text, format, value);
    return text;
}

// Encodings as encoders write them: what must be encoded always is, everything else sometimes.
enum class Spelling { plain, percent, form, json, twice, shell, entities, base64, last = base64 };

std::string percent(Random& random, std::string_view text, bool is_form) {
    std::string out;
    for (const char c : text) {
        const bool must = std::string_view("%\\&+").find(c) != std::string_view::npos;
        if (is_form && c == ' ') out += '+';
        else if (must || below(random, 3) == 0)
            out += printed(below(random, 2) == 0 ? "%%%02x" : "%%%02X", static_cast<unsigned char>(c));
        else out += c;
    }
    return out;
}

std::string json(Random& random, std::string_view text) {
    std::string out;
    const bool all_plain = below(random, 2) == 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const auto byte = static_cast<unsigned char>(c);
        const std::string_view rest = text.substr(i);
        if (c == '"' || c == '\\') out += {'\\', c};
        else if (c == '\n') out += "\\n";
        else if (c == '/' && below(random, 2) == 0) out += "\\/";
        else if (rest.starts_with("\xC3\xA9") && below(random, 2) == 0) out += "\\u00e9", i += 1;
        else if (rest.starts_with("\xF0\x9F\x98\x80")) out += "\\ud83d\\uDE00", i += 3;
        else if (byte >= 0x80 && below(random, 2) == 0) out += printed("\\udc%02x", byte);
        else if (byte < 0x20 || (byte < 0x80 && !all_plain && (c == '%' || c == '&' || below(random, 4) == 0)))
            out += printed(below(random, 2) == 0 ? "\\u%04x" : "\\u%04X", byte);
        else out += c;
    }
    return out;
}

std::string json_again(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string shell(Random& random, std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x7F) out += printed(below(random, 2) == 0 ? "\\x%02x" : "\\%03o", byte);
        else if (std::string_view("\"\\&% /").find(c) != std::string_view::npos) out += {'\\', c};
        else out += c;
    }
    return out;
}

std::string entities(Random& random, std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c == '&') out += "&amp;";
        else if (c == '%' || c == '\\' || (static_cast<unsigned char>(c) < 0x80 && below(random, 3) == 0))
            out += printed(below(random, 2) == 0 ? "&#%u;" : "&#x%02X;", static_cast<unsigned char>(c));
        else out += c;
    return out;
}

// In lines, between some other bytes.
std::string base64(Random& random, std::string_view secret) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::string text =
        word(random, "0123", below(random, 70)).append(secret) + word(random, "0123", below(random, 9));
    constexpr std::size_t columns[] = {16, 64, 76, 1000};
    constexpr std::string_view ends[] = {"\n", "\r\n", "\n  "};
    const std::size_t width = columns[below(random, std::size(columns))];
    const std::string_view line_end = ends[below(random, std::size(ends))];
    std::string out;
    for (std::size_t bit = 0, count = 0; bit < text.size() * 8; bit += 6) {
        const std::size_t at = bit / 8;
        const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
        out += letters[(((byte(at) << 8U) | byte(at + 1)) >> (10U - bit % 8)) & 63U];
        if (++count % width == 0) out += line_end;
    }
    return out;
}

std::string spelled(Random& random, std::string_view value, Spelling spelling) {
    switch (spelling) {
        case Spelling::plain: return std::string(value);
        case Spelling::percent: return percent(random, value, false);
        case Spelling::form: return percent(random, value, true);
        case Spelling::json: return json(random, value) + "\"";
        case Spelling::twice: return json_again(json(random, value) + "\"") + "\"";
        case Spelling::shell: return shell(random, value);
        case Spelling::entities: return entities(random, value);
        case Spelling::base64: return base64(random, value);
    }
    return "";
}

// Values between letters that no value contains, some adjacent; with or without parts of values.
enum class Parts { with, without };
std::string text_with(Random& random, const std::vector<std::string>& values, Parts parts_too) {
    const bool is_plain = below(random, 2) == 0;
    std::string text;
    for (std::size_t parts = 1 + below(random, 12); parts > 0; --parts) {
        if (below(random, 3) != 0) text += word(random, "0123456789.-\n", below(random, 12));
        const std::string& value = values[below(random, values.size())];
        const auto spelling = static_cast<Spelling>(below(random, static_cast<std::size_t>(Spelling::last) + 1));
        text += spelled(random, value, is_plain ? Spelling::plain : spelling);
        if (parts_too == Parts::with && below(random, 4) == 0)
            text += value.substr(value.size() / 2);  // may complete another value
    }
    return text;
}

// The first piece of at least six bytes of a value in the text or in a reading of it; "" if there is none.
std::string piece_in(std::string_view text, const std::vector<std::string>& values) {
    const std::string once = Reading::decoded(text, Reading::Tail::kept).text();
    const std::string twice = Reading::decoded(once, Reading::Tail::kept).text();
    for (const std::string& value : values)
        for (const std::string_view one : {text, std::string_view(once), std::string_view(twice)})
            for (std::size_t at = 0; at + 6 <= value.size(); ++at)
                if (one.find(value.substr(at, 6)) != std::string_view::npos) return value.substr(at, 6);
    return "";
}

class Covered {
   public:
    explicit Covered(std::string_view text) : text_(text), is_(text.size(), false) {}

    void cover(std::size_t begin, std::size_t end) {
        std::fill(is_.begin() + static_cast<std::ptrdiff_t>(begin), is_.begin() + static_cast<std::ptrdiff_t>(end),
                  true);
    }
    // `place` gives the begin and the end of a letter in the text.
    template <class Place>
    void find(std::string_view letters, const std::string& form, Place place) {
        for (std::size_t at = letters.find(form); at != std::string_view::npos; at = letters.find(form, at + 1))
            cover(place(at).first, place(at + form.size() - 1).second);
    }
    template <class Place>
    void find_base64(std::string_view letters, const mc::Base64Form& form, Place place) {
        const Reading joined = Reading::joined(letters);
        const auto through = [&](std::size_t i) {
            return std::pair{place(joined.begin_of(i)).first, place(joined.end_of(i) - 1).second};
        };
        const auto after_break = [&](std::size_t i) { return i == 0 || through(i - 1).second != through(i).first; };
        // If a line ends among the form's first letters, those before the break are not covered.
        for (std::size_t gone = 0; gone <= form.sure_after; ++gone) {
            const std::string rest = form.letters.substr(gone);
            for (std::size_t at = 0; (at = joined.text().find(rest, at)) != std::string::npos; ++at) {
                bool is_parted = false;
                for (std::size_t i = gone; i < form.sure_after; ++i)
                    is_parted = is_parted || after_break(at + i - gone + 1);
                if (!is_parted && (gone == 0 || after_break(at)))
                    cover(through(at).first, through(at + rest.size() - 1).second);
            }
        }
    }
    std::string hidden() const {
        std::string out;
        for (std::size_t i = 0; i < text_.size(); ++i)
            if (!is_[i]) out += text_[i];
            else if (i == 0 || !is_[i - 1]) out += "***";
        return out;
    }

   private:
    std::string_view text_;
    std::vector<bool> is_;
};

// The expected result, computed slowly: every letter of every occurrence is covered.
std::string hidden(std::string_view text, const std::vector<std::string>& values) {
    Covered covered(text);
    const mc::Readings readings(text, Reading::Tail::kept);
    const auto itself = [](std::size_t at) { return std::pair{at, at + 1}; };
    for (const std::string& value : values) {
        const mc::MaskForms forms = mc::forms_of(value);
        for (const std::string& form : forms.plain) covered.find(text, form, itself);
        for (const mc::Base64Form& form : forms.base64) covered.find_base64(text, form, itself);
        for (std::size_t depth = 0; depth < readings.size(); ++depth) {
            const auto place = [&](std::size_t at) {
                return std::pair{readings.begin_of(depth, at), readings.end_of(depth, at)};
            };
            for (const std::string& form : forms.read)
                covered.find(mc::without_plus(readings.text(depth)), form, place);
            for (const mc::Base64Form& form : forms.base64) covered.find_base64(readings.text(depth), form, place);
        }
    }
    return covered.hidden();
}

}  // namespace

TEST_CASE("a value that begins with another value is covered completely") {
    const Mask mask({"hunter", "hunter2-long"});
    CHECK(mask.hide("x hunter2-long y hunter z") == "x *** y *** z");
    CHECK(mask.hide("hunterhunter2-long") == "***");
}

TEST_CASE("values that overlap in the text are covered together") {
    CHECK(Mask({"abcdef", "defghi"}).hide("1abcdefghi2") == "1***2");
    CHECK(Mask({"aaaa"}).hide("baaaaaab") == "b***b");
}

TEST_CASE("each line of a value with several lines is covered separately") {
    const Mask mask({"-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n"});
    CHECK(mask.hide("key: MIIEvQIBADANBg\r\n  kqhkiG9w0BAQEF") == "key: ***\r\n  ***");
}

TEST_CASE("a value with an apostrophe is covered as shells quote it") {
    const Mask mask({"It's-a-secret", "first line\nit's the second"});
    CHECK(mask.hide(R"(+ curl -u 'desk:It'\''s-a-secret' x)") == "+ curl -u 'desk:***' x");
    CHECK(mask.hide(R"(P='It'"'"'s-a-secret')") == "P='***'");
    CHECK(mask.hide(R"(cat: 'it'\''s the second': none)") == "cat: '***': none");
}

TEST_CASE("encoded forms of a value are covered") {
    const Mask mask({"p\"ss/word one"});
    CHECK(mask.hide(R"({"a":"p\"ss/word one"})") == R"({"a":"***"})");
    CHECK(mask.hide("?q=p%22ss%2Fword%20one&r") == "?q=***&r");
    const std::string plain = Mask({"s3cr3t-of-a-desk"}).hide("AHVzZXIAczNjcjN0LW9mLWEtZGVzaw==");  // \0user\0SECRET
    CHECK(plain.starts_with("AHVzZXIA***"));
    CHECK(plain.size() < 20);
}

TEST_CASE("every common way to write a value in another language is covered") {
    const std::string aws = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", word = "pa&ss<w>ord/\xC3\xA9 1's";
    const Mask mask({aws, word, "s3cret\xF0\x9F\x98\x80!"});
    for (const char* text :
         {"wJalrXUtnFEMI/K7MDENG%2BbPxRfiCYEXAMPLEKEY",        // Python's quote, JavaScript's encodeURI
          "wJalrXUtnFEMI%2fK7MDENG%2bbPxRfiCYEXAMPLEKEY",      // C, Java
          "wJalrXUtnFEMI\\/K7MDENG+bPxRfiCYEXAMPLEKEY",        // PHP
          R"(wJalrXUtnFEMI\\\/K7MDENG+bPxRfiCYEXAMPLEKEY)",    // PHP, encoded in JSON again
          "pa\\u0026ss\\u003cw\\u003eord/\xC3\xA9 1's",        // Go
          "pa\\u0026ss\\u003cw\\u003eord/\xC3\xA9 1\\u0027s",  // Gson
          "pa&ss<w>ord/\\u00e9 1's",                           // Python
          R"(pa&ss<w>ord/\\u00e9 1's)",                        // Python, encoded in JSON again
          "s3cret\\ud83d\\ude00!", "s3cret\\uD83D\\uDE00!",    // Python, Java
          "pa%26ss%3Cw%3Eord%2F%C3%A9+1%27s",                  // a form
          "pa%26ss%3Cw%3Eord%2F%C3%A9%201's",                  // encodeURIComponent
          "pa%26ss%3Cw%3Eord%2F\xC3\xA9 1's",                  //
          "pa&amp;ss&lt;w&gt;ord/&#233; 1&apos;s", "pa&amp;ss&lt;w>ord/&#xe9; 1&#39;s",  // XML, HTML
          R"(pa\&ss\<w\>ord/é\ 1\'s)", R"(pa&ss<w>ord/\303\251 1\'s)", R"(pa&ss<w>ord/\xc3\xa9 1\'s)"}) {
        CAPTURE(text);
        CHECK(mask.hide(text) == "***");
        CHECK(mask.hide("100%" + std::string(text) + "%2") == "100%***%2");
        CHECK(mask.hide("{\"a\\n" + std::string(text) + "\\") == "{\"a\\n***\\");
    }
}

TEST_CASE("a value that looks encoded itself is covered in every encoding") {
    const Mask mask({"a%2Fb\\n\"c&amp;d", "deadbeef/cafe"});
    for (const char* text :
         {R"(a%2Fb\n"c&amp;d)", R"(a%2Fb\\n\"c&amp;d)", "a%252Fb%5Cn%22c%26amp;d", "a%252Fb%5Cn%22c%26amp%3Bd",
          R"(a%2Fb\n"c&amp;amp;d)", R"(a%2Fb\n&quot;c&amp;amp;d)", R"(a%2Fb\\n\"c\u0026amp;d)"}) {
        CAPTURE(text);
        CHECK(mask.hide(text) == "***");
    }
    // A percent sign that is not the value's own.
    CHECK(mask.hide("like %deadbeef%2fcafe%") == "like ***%");
}

TEST_CASE("base64 broken into lines is covered") {
    const Mask mask({"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"});
    for (const char* text :
         {"QXV0aG9yaXphdGlvbjogdXNlcjp3SmFsclhVdG5GRU1JL0s3TURFTkcrYlB4UmZpQ1lFWEFNUExF\nS0VZ\n",
          "QXV0aG9yaXphdGlvbjogdXNlcjp3SmFsclhVdG5GRU1JL0s3TURFTkcrYlB4UmZp\r\n  Q1lFWEFNUExFS0VZ\r\n",
          "QXV0aG9yaXphdGlvbjogdXNlcjp3SmFsclhVdG5GRU1JL0s3TURFTkcrYlB4UmZpQ1lFWEFNUExF\\nS0VZ\n"}) {
        const std::string shown = mask.hide(text);
        CAPTURE(shown);
        CHECK(shown.starts_with("QXV0aG9yaXphdGlvbjogdXNlcjp***"));
        CHECK(shown.size() < 36);
        std::string joined;
        MaskStream stream(mask);
        for (const char c : std::string_view(text)) joined += stream.add({&c, 1});
        CHECK(joined + stream.end() == shown);
    }
}

TEST_CASE("base64 whose first letters are missing is covered at the beginning of a text, encoded and in pieces too") {
    const Mask mask({"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"});  // d0ph...
    const std::string rest = "phbHJYVXRuRkVNSS9LN01ERU5HK2JQeFJmaUNZRVhBTVBMRUtFW";
    for (const std::string& text : {"0" + rest, "%30" + rest, "\\u0030" + rest, "%2530" + rest}) {
        const std::string whole = mask.hide(text + "!");
        CAPTURE(text, whole);
        CHECK(whole.starts_with("***"));
        CHECK(whole.size() < 8);
        MaskStream stream(mask);
        std::string joined;
        for (const char c : text + "!") joined += stream.add({&c, 1});
        CHECK(joined + stream.end() == whole);
    }
    CHECK(mask.hide("x0" + rest) == "x0" + rest);
}

TEST_CASE("a complete line is not held back because its end could be the start of a value in base64") {
    const Mask mask({"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"});  // d0ph...
    CHECK(mask.hide_settled("end\nx") == "end\nx");
    CHECK(mask.hide_settled("find\n  ") == "find\n  ");
    CHECK(mask.hide_settled("find") == "fin");
}

TEST_CASE("the rest of an encoded value at a cut is covered") {
    const Mask mask({"correct/horse&battery"});
    CHECK(mask.hide("2fhorse%26battery is it", Edge::cut) == "*** is it");
    CHECK(mask.hide("\\u0026battery is it", Edge::cut) == "*** is it");
    CHECK(mask.hide("026battery is it", Edge::cut) == "*** is it");
    CHECK(mask.hide("it is correct%2Fho", Edge::whole, Edge::cut) == "it is ***");
    CHECK(mask.hide("it is correct\\/horse\\u00", Edge::whole, Edge::cut) == "it is ***");
    CHECK(mask.hide("2Fhorse%2", Edge::cut, Edge::cut) == "***");
    CHECK(mask.hide("it is correct%2\n[... 512 bytes left out ...]\nattery here") ==
          "it is ***\n[... 512 bytes left out ...]\n*** here");
    CHECK(mask.hide_settled("it is correct%2") == "it is ");
    CHECK(mask.hide_settled("it is 100%") == "it is 100");
}

TEST_CASE("a value that is too short is not covered") {
    CHECK(Mask({"ab", ""}).empty());
    CHECK(Mask({"ab"}).hide("ab") == "ab");
    CHECK(Mask({"abc"}).hide("xabcx") == "x***x");
}

TEST_CASE("the rest of a value at a cut is covered") {
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

TEST_CASE("for a growing text, only the part that cannot change any more is returned") {
    const Mask mask({"abcabcx", "abc"});
    CHECK(mask.hide_settled("1 ab") == "1 ");
    CHECK(mask.hide_settled("1 abc") == "1 ");
    CHECK(mask.hide_settled("1 abc!") == "1 ***!");
    CHECK(mask.hide_settled("1 abcabc") == "1 ");
}

TEST_CASE("random values in random texts: no piece is visible, however the text is cut") {
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
            REQUIRE(whole.starts_with(mask.hide_settled(std::string_view(text).substr(0, at))));
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
