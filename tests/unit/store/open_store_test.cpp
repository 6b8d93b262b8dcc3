// An address selects the kind of store.
#include "store/open_store.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "store/store_kinds.h"
#include "worlds.h"

using namespace mc;
using Catch::Contains;

TEST_CASE("the path of a file is an SQLite store, whatever the path contains") {
    const TempDir directory;
    const std::string odd = directory / "a://b", usual = directory / "ledger.db";
    std::filesystem::create_directories(directory / "a:");
    for (const std::string& path : {usual, odd}) {
        CHECK_FALSE(must(store_was_made(path)));
        must(must(open_store(path, OpenMode::read_write))->commit(inserts({make_run(1, "a", 100)})));
        CHECK(must(store_was_made(path)));
        CHECK(must(open_store(path, OpenMode::read_only))->by_id(1).value());
        CHECK_FALSE(is_store_closed(path));
    }
    std::filesystem::remove(usual);
    CHECK(must(store_was_made(usual)));  // it is lost
}

TEST_CASE("an address with an unknown scheme is always an error, and no error shows the password") {
    const std::string address = "postgresql://ops:s3cret@db/marketcron";
    const auto check_refused = [](const Error& error) {
        CHECK(error.text() == "error: unknown kind of ledger `postgresql://`; write the path of a file");
        CHECK(error.kind == Error::Kind::config);
    };
    const auto opened = open_store(address, OpenMode::read_write);
    const auto was_made = store_was_made(address);
    REQUIRE_FALSE(opened);
    REQUIRE_FALSE(was_made);
    check_refused(opened.error());
    check_refused(was_made.error());
    CHECK_FALSE(is_store_closed(address));
    CHECK(is_store_unusable(address, opened.error()));  // retrying does not help
    CHECK_FALSE(std::filesystem::exists("postgresql:"));
}

TEST_CASE("a refused store is unusable only if retrying does not help") {
    const TempDir directory;
    const std::string path = directory / "ledger.db";
    std::ofstream(path) << "no database at all, and long enough to have a header of one hundred bytes: "
                        << std::string(100, '.');
    const auto damaged = open_store(path, OpenMode::read_write);
    REQUIRE_FALSE(damaged);
    CHECK(is_store_unusable(path, damaged.error()));
    std::filesystem::remove(path);
    must(open_store(path, OpenMode::read_write));
    CHECK_FALSE(is_store_unusable(path, {Error::Kind::store, "it is locked", "", {}}));
    std::filesystem::remove(path);
    CHECK(is_store_unusable(path, {Error::Kind::store, "it is gone", "", {}}));
}
