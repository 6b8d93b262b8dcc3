#include "exec/output_seal.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "exec/left_output.h"
#include "os/descriptor.h"
#include "unit/os/temporary.h"

using namespace mc;
using namespace mc::os;

namespace {

// While set, records file operations in order: "fsync output.new", "rename output", "fsync folder".
std::vector<std::string>* noted = nullptr;
std::string refused_to_sync;  // a file's or directory's name

void note(const std::string& what) {
    if (noted != nullptr) noted->push_back(what);
}

}  // namespace

// These replace the C library's functions.
extern "C" int fsync(int fd) {
    const auto file = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)).filename().string();
    note("fsync " + file);
    if (!refused_to_sync.empty() && file == refused_to_sync) {
        errno = EIO;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" int rename(const char* from, const char* to) noexcept {
    note("rename " + std::filesystem::path(to).filename().string());
    return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

namespace {

std::string read(const std::string& path) { return test::text_of(path); }

void write(const std::string& path, const std::string& text) { test::write_text(path, text); }

CryptoLibrary crypto() { return CryptoLibrary::load().value(); }

Seal must(const Result<Seal>& seal) {
    REQUIRE(seal);
    return *seal;
}

const std::string secret = "correct-horse-battery";
const std::atomic<bool> go_on = false;

}  // namespace

TEST_CASE("a masked copy replaces the file, and open descriptors keep the old one") {
    const test::TemporaryDirectory folder;
    const std::string path = folder / "1.1.output", link = folder / "link";
    write(path, "one " + secret + " two\n");
    std::filesystem::create_hard_link(path, link);
    const Descriptor open_file{::open(path.c_str(), O_WRONLY | O_APPEND)};
    const Seal seal = must(seal_output({path, 1 << 20, Mask({secret})}, crypto(), go_on));
    CHECK(read(path) == "one *** two\n");
    CHECK(seal.bytes == 12);
    // printf 'one *** two\n' | sha256sum
    CHECK(seal.sha256 == "20a7079929bc4402b36e07db7d7fd514c1f073b687d69e6bfbdd8393f9d2abd7");
    CHECK(must(seal_of(path, crypto())).sha256 == seal.sha256);
    CHECK(::write(open_file.get(), "forged", 6) == 6);
    CHECK(read(path) == "one *** two\n");
    CHECK(read(link) == "one " + secret + " two\nforged");
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0600);
    CHECK(status.st_uid == ::geteuid());
    CHECK_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_CASE("sealing a copy again does not change it") {
    const test::TemporaryDirectory folder;
    const std::string path = folder / "output";
    write(path, secret + secret + "\n" + secret.substr(3));
    const SealWork work{path, 1 << 20, Mask({secret})};
    const Seal first = must(seal_output(work, crypto(), go_on));
    write(path + ".new", "what a daemon that was killed has left");
    CHECK(must(seal_output(work, crypto(), go_on)).sha256 == first.sha256);
    CHECK(read(path) == "***\n" + secret.substr(3));
}

TEST_CASE("a large file is copied in pieces, and one beyond its limit is cut without showing part of a secret") {
    const test::TemporaryDirectory folder;
    const std::string path = folder / "output";
    std::string text;
    while (text.size() < 900'000) text += "0123456789" + secret;
    write(path, text);
    CHECK(must(seal_output({path, 1 << 20, Mask({secret})}, crypto(), go_on)).bytes ==
          static_cast<std::int64_t>(text.size() / (10 + secret.size()) * 13));
    CHECK(read(path).find(secret.substr(0, 4)) == std::string::npos);
    for (std::uint64_t bound = 200; bound < 260; ++bound) {
        write(path, text);
        const Seal seal = must(seal_output({path, bound, Mask({secret})}, crypto(), go_on));
        const std::string copy = read(path);
        CHECK(copy.size() <= bound);
        CHECK(seal.bytes == static_cast<std::int64_t>(copy.size()));
        CHECK(copy.find(" bytes left out ...]") != std::string::npos);
        for (std::size_t at = 0; at + 6 <= secret.size(); ++at)
            CHECK(copy.find(secret.substr(at, 6)) == std::string::npos);
    }
}

TEST_CASE("a copy is on disk before its name, and its name before its hash") {
    const test::TemporaryDirectory folder;
    const std::string path = folder / "output", directory = std::filesystem::path(folder.path()).filename();
    std::vector<std::string> done;
    const auto seal = [&](const std::string& text, const std::string& refused) {
        write(path, text);
        done.clear();
        noted = &done;
        refused_to_sync = refused;
        const auto sealed = seal_output({path, 1000, Mask({secret})}, crypto(), go_on);
        noted = nullptr;
        refused_to_sync.clear();
        return sealed ? sealed->sha256 : sealed.error().what;
    };
    CHECK(seal("text", "").size() == 64);
    CHECK(done == std::vector<std::string>{"fsync output.new", "rename output", "fsync " + directory});
    CHECK(seal(secret, "output.new") == "cannot sync to disk " + path + ".new: Input/output error");
    CHECK(read(path) == secret);
    CHECK_FALSE(std::filesystem::exists(path + ".new"));
    CHECK(seal(secret, directory) == "cannot sync to disk " + folder.path() + ": Input/output error");
    CHECK(read(path) == "***");
    CHECK(seal("", "").size() == 64);  // an empty file needs no sync
    CHECK(done == std::vector<std::string>{"rename output"});
}

TEST_CASE("a file that cannot be copied is not changed") {
    const test::TemporaryDirectory folder;
    const std::string path = folder / "output";
    CHECK(must(seal_output({path, 1000, Mask()}, crypto(), go_on)).sha256.empty());  // the file does not exist
    write(path, "text");
    const std::atomic<bool> stop = true;
    CHECK_FALSE(seal_output({path, 1000, Mask()}, crypto(), stop));
    CHECK(read(path) == "text");
    CHECK_FALSE(std::filesystem::exists(path + ".new"));
    std::filesystem::create_directory(path + ".new");
    CHECK_FALSE(seal_output({path, 1000, Mask()}, crypto(), go_on));
    CHECK(read(path) == "text");
    const std::string link = folder / "link";
    std::filesystem::create_symlink(path, link);
    CHECK_FALSE(seal_output({link, 1000, Mask()}, crypto(), go_on));
}

TEST_CASE("the loop gets each result") {
    const test::TemporaryDirectory folder;
    EventLoop loop;
    OutputSealer sealer(loop);
    int told = 0;
    for (int n = 0; n < 50; ++n) {
        const std::string path = folder / std::to_string(n);
        if (n % 2 == 0) write(path, secret);
        sealer.seal({path, 1000, Mask({secret})}, [&, n](const Result<Seal>& seal) {
            CHECK(must(seal).bytes == (n % 2 == 0 ? 3 : 0));
            if (++told == 50) loop.stop();
        });
    }
    loop.run();
    CHECK(told == 50);
}

TEST_CASE("a thread that cannot start is reported, and tried again with the next file") {
    const test::TemporaryDirectory folder;
    const std::string path = folder / "output";
    write(path, secret);
    EventLoop loop;
    OutputSealer sealer(loop);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    // No memory for a large stack; smaller stacks may be cached from earlier tests.
    pthread_attr_t usual, large;
    REQUIRE(::pthread_getattr_default_np(&usual) == 0);
    REQUIRE(::pthread_getattr_default_np(&large) == 0);
    REQUIRE(::pthread_attr_setstacksize(&large, std::size_t{256} << 20U) == 0);
    REQUIRE(::pthread_setattr_default_np(&large) == 0);
    const rlimit tight{pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + (1U << 20), before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_AS, &tight) == 0);
    std::string refused;
    sealer.seal({path, 1000, Mask({secret})}, [&](const Result<Seal>& seal) {
        refused = seal ? "nobody refused it" : seal.error().what;
        loop.stop();
    });
    REQUIRE(::setrlimit(RLIMIT_AS, &before) == 0);
    REQUIRE(::pthread_setattr_default_np(&usual) == 0);
    loop.run();
    CHECK(refused.starts_with("cannot start a thread: "));
    CHECK(read(path) == secret);
    sigset_t blocked;
    REQUIRE(::pthread_sigmask(SIG_SETMASK, nullptr, &blocked) == 0);
    CHECK(::sigismember(&blocked, SIGUSR1) == 0);
    sealer.seal({path, 1000, Mask({secret})}, [&](const Result<Seal>& seal) {
        CHECK(must(seal).bytes == 3);
        loop.stop();
    });
    loop.run();
    CHECK(read(path) == "***");
}

TEST_CASE("a file without a name is emptied while it grows") {
    const test::TemporaryDirectory folder;
    const std::string path = folder / "output", linked = folder / "linked";
    LeftOutput left;
    Descriptor writer{::open(path.c_str(), O_CREAT | O_RDWR | O_APPEND, 0600)};
    REQUIRE(::write(writer.get(), "text", 4) == 4);
    left.add(Descriptor(::open(path.c_str(), O_RDWR)));
    CHECK(left.none());  // it has a name
    CHECK(read(path) == "text");
    Descriptor ours{::open(path.c_str(), O_RDWR)};
    REQUIRE(::unlink(path.c_str()) == 0);
    left.add(std::move(ours));
    const auto size = [&] {
        struct stat status {};
        REQUIRE(::fstat(writer.get(), &status) == 0);
        return status.st_size;
    };
    left.empty_all();
    CHECK(size() == 4);  // a file that does not grow may still be read
    for (int round = 0; round < 3; ++round) {
        REQUIRE(::write(writer.get(), "text", 4) == 4);
        left.empty_all();
        CHECK(size() == 0);
        CHECK_FALSE(left.none());
    }
    writer.reset();
    left.empty_all();
    CHECK(left.none());
}
