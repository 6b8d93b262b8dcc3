#include "config/size.h"

#include <catch2/catch.hpp>

#include "config/path.h"

using namespace mc;

TEST_CASE("sizes count in powers of 1024") {
    CHECK(*parse_size("4096") == 4096);
    CHECK(*parse_size("1K") == 1024);
    CHECK(*parse_size("10m") == 10ULL << 20);
    CHECK(*parse_size("8G") == 8ULL << 30);
    CHECK(*parse_size("8388607T") == 8388607ULL << 40);
    for (const char* bad :
         {"", "G", "0", "0G", "-1G", "1.5G", "8 G", "8GB", "8388608T", "99999999999999999999", "+8"}) {
        INFO(bad);
        CHECK_FALSE(parse_size(bad));
    }
    for (const char* text : {"1", "1000", "1K", "1025K", "8G", "3T", "4096T"})
        CHECK(size_text(*parse_size(text)) == text);
}

TEST_CASE("the text output rounds sizes to a tenth of their unit") {
    CHECK(rounded_size_text(0) == "0");
    CHECK(rounded_size_text(512ULL << 20) == "512M");
    CHECK(rounded_size_text(8ULL << 30) == "8G");
    CHECK(rounded_size_text(1536ULL << 20) == "1.5G");
    CHECK(rounded_size_text((6ULL << 30) + 1000) == "6G");
    CHECK(rounded_size_text(5000ULL << 40) == "5000T");
}

TEST_CASE("relative paths are resolved against a directory, by text only") {
    CHECK(path_from("/etc/marketcron", "secrets/ops") == "/etc/marketcron/secrets/ops");
    CHECK(path_from("/etc/marketcron", "/run/x") == "/run/x");
    CHECK(path_from("/a/b", "../c/./d//e/") == "/a/c/d/e");
    CHECK(path_from("/a", "../../..") == "/");
    CHECK(directory_of("conf.d/x.toml", "/etc/marketcron") == "/etc/marketcron/conf.d");
    CHECK(directory_of("/etc/x.toml", "/home") == "/etc");
}
