#include "desk/output_view.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <random>

#include "unit/os/temporary.h"

using namespace mc;
using namespace mc::app;
using os::test::TemporaryDirectory;
using os::test::write_text;

namespace {

const std::string secret = "correct-horse-battery";

bool shows_a_piece(const std::string& text) {
    for (std::size_t at = 0; at + 6 <= secret.size(); ++at)
        if (text.find(secret.substr(at, 6)) != std::string::npos) return true;
    return false;
}

// The whole text, as a client gets it that follows it in pieces.
std::string followed(const std::string& path, const Mask& mask, std::size_t bytes, Growth growth) {
    std::string all;
    for (std::uint64_t at = 0;;) {
        const os::OutputPiece piece = MaskedOutput(path, mask).piece(at, bytes, growth);
        if (piece.text.empty()) return all;
        all += piece.text;
        at = piece.next;
    }
}

}  // namespace

TEST_CASE("a tail is masked before it is cut") {
    const TemporaryDirectory folder;
    const std::string path = folder / "output";
    const Mask mask({secret});
    write_text(path, fmt::format("first\n{0}\nand {0}{0} last", secret));
    for (std::size_t bytes = 1; bytes < 90; ++bytes) {
        const std::string tail = masked_tail(path, mask, 10, bytes);
        CHECK_FALSE(shows_a_piece(tail));
        CHECK(tail.size() <= bytes);
    }
    CHECK(masked_tail(path, mask, 1, 2000) == "and *** last");
    CHECK(masked_tail(path, mask, 2, 2000) == "***\nand *** last");
    CHECK(masked_tail(folder / "none", mask, 2, 2000).empty());
}

TEST_CASE("a secret interrupted by an escape sequence is also masked") {
    const TemporaryDirectory folder;
    const std::string path = folder / "output";
    write_text(path, "it is \x1b[01;31mcorrect-\x1b[0mhorse-battery\n");
    CHECK(masked_tail(path, Mask({secret}), 10, 2000) == "it is ***\n");
}

TEST_CASE("the pieces of a growing text add up to the masked text") {
    const TemporaryDirectory folder;
    const std::string path = folder / "output";
    const Mask mask({secret, "correct"});
    const std::string text = "a " + secret + " b correct c " + secret + secret + " d";
    std::string shown;
    for (std::size_t size = 0; size <= text.size(); ++size) {
        write_text(path, text.substr(0, size));
        const os::OutputPiece piece = MaskedOutput(path, mask).piece(shown.size(), 7, Growth::going_on);
        CHECK(piece.next == shown.size() + piece.text.size());
        shown += piece.text;
        CHECK_FALSE(shows_a_piece(shown));
    }
    CHECK(shown == "a *** b *** c *** d");
    CHECK(followed(path, mask, 5, Growth::over) == "a *** b *** c *** d");
    CHECK(followed(path, Mask(), 5, Growth::over) == text);
}

TEST_CASE("a hole is skipped, and no secret is visible at its edges") {
    const TemporaryDirectory folder;
    const std::string path = folder / "output";
    write_text(path, "head corr" + std::string(5000, '\0') + "horse-battery tail");
    const Mask mask({secret});
    CHECK(followed(path, mask, 100, Growth::over) == "head ****** tail");
    CHECK(followed(path, mask, 100, Growth::going_on) == "head ***");  // the text after the hole is shown later
    // Only when as much text follows as the value's longest encoding.
    const std::string dots(mask.longest(), '.');
    write_text(path, "head corr" + std::string(5000, '\0') + "horse-battery tail" + dots);
    CHECK(followed(path, mask, 100, Growth::going_on) == "head ****** tail" + dots);
}
