// A job's output on disk: cut to its limit, and read with its holes.
#include "exec/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "os/descriptor.h"
#include "unit/os/temporary.h"

namespace mc::os::test {

namespace {

constexpr std::uint64_t page = 4096, far = 1 << 20;

// A page of x, a hole up to `far`, and "the end\n".
std::string with_hole(const TemporaryDirectory& directory) {
    std::string path = directory / "output";
    write_text(path, std::string(page, 'x'));
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    REQUIRE(::pwrite(file.get(), "the end\n", 8, far) == 8);
    return path;
}

std::string shortened(const std::string& text, std::uint64_t max_bytes) {
    const TemporaryDirectory directory;
    write_text(directory / "output", text);
    const Descriptor file(::open((directory / "output").c_str(), O_RDWR | O_CLOEXEC));
    shorten_output(file.get(), max_bytes);
    return text_of(directory / "output");
}

}  // namespace

TEST_CASE("the last lines of a text; its last line may lack its end") {
    CHECK(last_lines("a\nb\nc\n", 1) == "c\n");
    CHECK(last_lines("a\nb\nc\n", 2) == "b\nc\n");
    CHECK(last_lines("a\nb\nc\n", 3) == "a\nb\nc\n");
    CHECK(last_lines("a\nb\nc\n", 9) == "a\nb\nc\n");
    CHECK(last_lines("a\nb", 1) == "b");
    CHECK(last_lines("\n\n", 1) == "\n");
    CHECK(last_lines("\na\n", 2) == "\na\n");
    CHECK(last_lines("\na", 1) == "a");
    CHECK(last_lines("", 3).empty());
}

TEST_CASE("no lines are none, whatever the text ends with") {
    for (const char* text : {"", "a", "a\n", "a\nb", "\n"}) CHECK(last_lines(text, 0).empty());
}

TEST_CASE("an output within its limit is not changed; a longer one keeps its head, its tail, and a note") {
    CHECK(shortened(std::string(200, 'a'), 200) == std::string(200, 'a'));
    const std::string cut = shortened(std::string(100, 'a') + std::string(101, 'b'), 200);
    CHECK(cut == std::string(68, 'a') + "\n[... 65 bytes left out ...]\n" + std::string(68, 'b'));
    CHECK(output_cut(200, 200).head == 200);
    CHECK(output_cut(200, 200).note.empty());
    CHECK(output_cut(201, 200).tail == 68);
    CHECK(output_cut(100, 64).note == "\n[... 100 bytes left out ...]\n");  // there is room for the note alone
    CHECK(output_cut(100, 65).tail == 1);
}

TEST_CASE("the end of an output, or the part after its hole") {
    const TemporaryDirectory directory;
    const std::string path = with_hole(directory);
    CHECK(output_end(path, 4).text == "end\n");
    CHECK_FALSE(output_end(path, 4).is_all);
    CHECK(output_end(path, 1000).text == "the end\n");
    write_text(path, "short");
    CHECK(output_end(path, 5).text == "short");
    CHECK(output_end(path, 5).is_all);
    CHECK_FALSE(output_end(path, 4).is_all);
    CHECK(output_end(directory / "none", 5).text.empty());
}

TEST_CASE("an output is read piece by piece, and its hole is skipped") {
    const TemporaryDirectory directory;
    const std::string path = with_hole(directory);
    OutputPiece piece = output_piece(path, 0, 1000);
    CHECK(piece.text == std::string(1000, 'x'));
    CHECK(piece.next == 1000);
    CHECK_FALSE(piece.skipped);
    piece = output_piece(path, piece.next, 2 * far);
    CHECK(piece.text == std::string(page - 1000, 'x'));
    CHECK(piece.next == page);
    piece = output_piece(path, piece.next, 4);
    CHECK(piece.text == "the ");
    CHECK(piece.next == far + 4);
    CHECK(piece.skipped);
    piece = output_piece(path, piece.next, 100);
    CHECK(piece.text == "end\n");
    CHECK_FALSE(piece.skipped);
    for (const std::uint64_t end : {far + 8, far + 100}) {
        piece = output_piece(path, end, 100);
        CHECK(piece.text.empty());
        CHECK(piece.next == end);
        CHECK_FALSE(piece.skipped);
    }
    CHECK(output_piece(directory / "none", 7, 100).next == 7);
}

TEST_CASE("a reader notices a hole, the growing of its file, and that it was replaced or shortened") {
    const TemporaryDirectory directory;
    const std::string path = with_hole(directory);
    using Is = OutputReader::Is;
    OutputReader reader(path, 16);
    CHECK(OutputReader(directory / "none", 16).next(10).is == Is::end);
    OutputReader::Block block = reader.next(far);
    CHECK(block.text == std::string(page, 'x'));
    CHECK(block.hole == 0);
    block = reader.next(far);
    CHECK(block.text == "the end\n");
    CHECK(block.hole == far - page);
    CHECK(reader.next(far).is == Is::end);
    std::ofstream(path, std::ios::app) << "more\n";
    block = reader.next(far);
    CHECK(block.is == Is::text);
    CHECK(block.text == "more\n");
    CHECK(reader.next(far).is == Is::end);
    SECTION("replaced by an equal file") {
        std::filesystem::copy_file(path, directory / "copy");
        std::filesystem::rename(directory / "copy", path);
    }
    SECTION("shortened") { std::filesystem::resize_file(path, page); }
    SECTION("removed") { std::filesystem::remove(path); }
    SECTION("overwritten") {
        const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        REQUIRE(::pwrite(file.get(), "T", 1, far) == 1);
    }
    CHECK(reader.next(far).is == Is::changed);
}

TEST_CASE("why an output cannot be read") {
    const TemporaryDirectory directory;
    write_text(directory / "file", "");
    REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
    CHECK(output_obstacle(directory / "file").empty());
    CHECK(output_obstacle(directory / "none").empty());
    CHECK(output_obstacle(directory.path()) == "it is a directory");
    CHECK(output_obstacle(directory / "fifo") == "it is not a regular file");
    CHECK(output_obstacle(directory / "file/below") == "Not a directory");
}

}  // namespace mc::os::test
