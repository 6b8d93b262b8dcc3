#include "base/name.h"

#include <catch2/catch.hpp>

#include "base/mail_address.h"

using namespace mc;

TEST_CASE("a name has letters, digits, _ and -") {
    for (const char* text : {"a", "z", "A", "Z", "0", "9", "_", "a-", "Load_prices-2", "_x"}) {
        INFO(text);
        CHECK(is_plain_name(text));
    }
    for (const char* text :
         {"", "-a", ".a", "a.b", "a b", "a@b", "a[b", "a`b", "a{b", "a/b", "a:b", "\xc3\xa9", "a\n"}) {
        INFO(text);
        CHECK_FALSE(is_plain_name(text));
    }
}

TEST_CASE("a name has at most 100 letters") {
    CHECK(is_plain_name(std::string(100, 'a')));
    CHECK_FALSE(is_plain_name(std::string(101, 'a')));
}

TEST_CASE("a kind of names may have more letters, but none begins with a dot or a dash") {
    CHECK(is_plain_name("a.b", "."));
    CHECK_FALSE(is_plain_name("a.b:c", "."));
    CHECK(is_plain_name("a.b:c", ".:"));
    CHECK_FALSE(is_plain_name(".b", "."));
    CHECK_FALSE(is_plain_name("-b", "-"));
}

TEST_CASE("a mail address, or several with commas") {
    for (const char* text :
         {"root", "z", "A", "Z9", "0", "9", "ops@example.com", "a.b+c=d%e!f:g_h-i@x", "a@b,c", "a,b@c,d"}) {
        INFO(text);
        CHECK(is_mail_address(text));
    }
    for (const char* text : {"",   ",",  "a,",  ",a",   "a,,b", "@b",  "a@",  "a@b@c", "a@b@", "-a",   ".a",
                             "_a", "+a", "a b", "a\nb", "a;b",  "a|b", "a/b", "<a@b>", "a,-b", "a, b", "\xc3\xa9@b"}) {
        INFO(text);
        CHECK_FALSE(is_mail_address(text));
    }
}

TEST_CASE("each mail address has at most 254 letters") {
    const std::string longest(254, 'a');
    CHECK(is_mail_address(longest));
    CHECK(is_mail_address(longest + "," + longest));
    CHECK_FALSE(is_mail_address(longest + "a"));
    CHECK_FALSE(is_mail_address("b," + longest + "a"));
}
