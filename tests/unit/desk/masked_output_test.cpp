// The masked output of a file that grows, has holes or is shortened, read in pieces: complete, each byte read once.
#include "desk/masked_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <random>

#include "os/descriptor.h"
#include "unit/os/temporary.h"

using namespace mc;
using namespace mc::app;
using os::test::TemporaryDirectory;
using os::test::text_of;
using os::test::write_text;

namespace {

const std::string secret = "correct-horse-battery";

bool shows_a_piece(const std::string& text) {
    for (std::size_t at = 0; at + 6 <= secret.size(); ++at)
        if (text.find(secret.substr(at, 6)) != std::string::npos) return true;
    return false;
}

// Everything from a place on.
std::string follow(MaskedOutput& output, std::uint64_t& place, std::size_t bytes, Growth growth) {
    std::string all;
    while (true) {
        const MaskedPiece piece = output.piece(place, bytes, growth);
        place = piece.next;
        if (piece.text.empty()) return all;
        CHECK(piece.text.size() <= bytes);
        all += piece.text;
    }
}

std::string many_lines(std::size_t bytes) {
    std::string text;
    for (int line = 0; text.size() < bytes; ++line) text += std::to_string(line) + " " + secret + "\n";
    return text;
}

}  // namespace

TEST_CASE("reading a large output in pieces reads each byte once") {
    const TemporaryDirectory folder;
    const std::string path = folder / "output", text = many_lines(3'000'000);
    write_text(path, text);
    const Mask mask({secret});
    MaskedOutput output(path, mask);
    std::uint64_t place = 0;
    CHECK(follow(output, place, 10'000, Growth::over) == mask.hide(text));
    CHECK(output.bytes_read() == text.size());
    // The same piece again, and one that begins a little before its end, as when a character's last byte is missing.
    MaskedOutput again(path, mask);
    const std::string first = again.piece(0, 1000, Growth::over).text;
    CHECK(again.piece(0, 1000, Growth::over).text == first);
    CHECK(again.piece(997, 1000, Growth::over).text.substr(0, 3) == first.substr(997));
    CHECK(again.bytes_read() < 200'000);
}

TEST_CASE("a growing output is masked as if it had been read at its end") {
    const TemporaryDirectory folder;
    const std::string path = folder / "output", text = many_lines(60'000);
    const Mask mask({secret, "horse"});
    std::mt19937 random(1);
    for (int round = 0; round < 20; ++round) {
        MaskedOutput output(path, mask);
        std::uint64_t place = 0;
        std::string shown;
        for (std::size_t size = 0; size < text.size(); size += random() % 3000) {
            // In place, as a job writes: the file keeps its inode.
            os::Descriptor file(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
            const std::string now = text_of(path);
            if (size > now.size())
                REQUIRE(::pwrite(file.get(), text.data() + now.size(), size - now.size(),
                                 static_cast<off_t>(now.size())) > 0);
            shown += follow(output, place, 1 + random() % 5000, Growth::going_on);
            CHECK_FALSE(shows_a_piece(shown));
        }
        const std::string all = text_of(path);
        shown += follow(output, place, 4000, Growth::over);
        CHECK(shown == mask.hide(all));
        ::unlink(path.c_str());
    }
}

TEST_CASE("a hole costs nothing, counts with its length, and no secret is visible at its edges") {
    const TemporaryDirectory folder;
    const std::string path = folder / "output", head = "head corr", tail = "horse-battery tail\n";
    constexpr off_t far = off_t{4} << 30;
    const os::Descriptor file(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    REQUIRE(::pwrite(file.get(), head.data(), head.size(), 0) > 0);
    REQUIRE(::pwrite(file.get(), tail.data(), tail.size(), far) > 0);
    MaskedOutput output(path, Mask({secret}));
    const MaskedPiece first = output.piece(0, 1000, Growth::over);
    CHECK(first.text == "head ***");
    CHECK_FALSE(first.skipped);
    const MaskedPiece second = output.piece(first.next, 1000, Growth::over);
    CHECK(second.text == "*** tail\n");
    CHECK(second.skipped);
    CHECK(second.next > static_cast<std::uint64_t>(far) - 10'000);
    CHECK(output.bytes_read() < 100'000);
    CHECK(MaskedOutput(path, Mask({secret})).piece(first.next + 5000, 1000, Growth::over).text == "*** tail\n");
}

TEST_CASE("a hole at the end is not passed before something follows it") {
    const TemporaryDirectory folder;
    const std::string path = folder / "output", head = "head\n";
    constexpr off_t far = off_t{1} << 30;
    const os::Descriptor file(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    REQUIRE(::pwrite(file.get(), head.data(), head.size(), 0) > 0);
    REQUIRE(::ftruncate(file.get(), far) == 0);
    for (const Growth growth : {Growth::over, Growth::going_on}) {
        MaskedOutput output(path, Mask({secret}));
        const MaskedPiece piece = output.piece(head.size(), 1000, growth);
        CHECK(piece.text.empty());
        CHECK(piece.next == head.size());
        CHECK_FALSE(piece.skipped);
    }
    MaskedOutput output(path, Mask({secret}));
    REQUIRE(output.piece(head.size(), 1000, Growth::going_on).next == head.size());
    REQUIRE(::pwrite(file.get(), "tail\n", 5, far) > 0);
    const MaskedPiece piece = output.piece(head.size(), 1000, Growth::over);
    CHECK(piece.text == "tail\n");
    CHECK(piece.skipped);
    CHECK(piece.next == static_cast<std::uint64_t>(far) + 5);
}

TEST_CASE("a piece is as long as it may be while there is more text") {
    const TemporaryDirectory folder;
    const std::string path = folder / "output", text = many_lines(400'000);
    write_text(path, text);
    MaskedOutput output(path, Mask({secret}));
    CHECK(output.piece(0, 100'000, Growth::over).text.size() == 100'000);
}

TEST_CASE("a piece that was read already is given without reading on") {
    const TemporaryDirectory folder;
    const std::string path = folder / "output";
    write_text(path, many_lines(1'000'000));
    MaskedOutput output(path, Mask({secret}));
    const MaskedPiece block = output.piece(0, 1'000'000, Growth::over, std::chrono::nanoseconds{0});
    const std::uint64_t read = output.bytes_read();
    REQUIRE(block.more);
    REQUIRE_FALSE(block.text.empty());
    CHECK(output.piece(0, block.text.size(), Growth::over).text == block.text);
    CHECK(output.bytes_read() == read);
}

TEST_CASE("with little time for each request, a distant place is reached by asking repeatedly") {
    const TemporaryDirectory folder;
    const std::string path = folder / "output", text = many_lines(2'000'000);
    write_text(path, text);
    const Mask mask({secret});
    MaskedOutputs outputs;
    const std::uint64_t place = 500'000;
    int asked = 0;
    MaskedPiece piece;
    do {
        piece = outputs.piece(path, mask, place, 1000, Growth::going_on, std::chrono::nanoseconds{0});
        ++asked;
    } while (piece.more && piece.text.empty() && asked < 1000);
    CHECK(piece.text == mask.hide(text).substr(place, 1000));
    CHECK(asked > 5);  // one block for each request
    // Other clients have their own readers, and do not disturb this one.
    CHECK(outputs.piece(path, mask, 0, 1000, Growth::going_on, std::chrono::nanoseconds{0}).text ==
          mask.hide(text).substr(0, 1000));
    CHECK(outputs.piece(path, mask, place + 1000, 1000, Growth::going_on, std::chrono::nanoseconds{0}).text ==
          mask.hide(text).substr(place + 1000, 1000));
    CHECK_FALSE(
        shows_a_piece(outputs.piece(path, Mask({secret, "x"}), 0, 1000, Growth::over, std::chrono::hours{1}).text));
}

TEST_CASE("a file that was shortened or replaced is read again from its beginning") {
    const TemporaryDirectory folder;
    const std::string path = folder / "output", text = many_lines(400'000);
    for (std::size_t cut = 0; cut < 60; ++cut) {
        write_text(path, text);
        MaskedOutput output(path, Mask({secret}));
        std::uint64_t place = 0;
        place = output.piece(place, 1000, Growth::going_on).next;
        // As a keeper shortens it, in place; then an orphaned process makes it longer than before.
        {
            const std::string kept = text.substr(0, 5000) + "\n[... 17 bytes left out ...]\n" + text.substr(5000 + cut);
            const os::Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
            REQUIRE(::pwrite(file.get(), kept.data(), kept.size(), 0) > 0);
            REQUIRE(::ftruncate(file.get(), static_cast<off_t>(kept.size())) == 0);
            REQUIRE(::ftruncate(file.get(), static_cast<off_t>(kept.size() + 100'000)) == 0);
        }
        CHECK_FALSE(shows_a_piece(follow(output, place, 5000, Growth::over)));
    }
    write_text(path, text);
    MaskedOutput output(path, Mask({secret}));
    std::uint64_t place = output.piece(0, 1000, Growth::going_on).next;
    ::unlink(path.c_str());
    CHECK(output.piece(place, 1000, Growth::going_on).text.size() == 1000);  // it was already read
    write_text(path, std::string(500, '.') + "short");
    CHECK(follow(output, place, 200'000, Growth::over).size() < 400'000);
    place = 0;
    CHECK(follow(output, place, 1000, Growth::over) == std::string(500, '.') + "short");
}
