#include "store/ledger_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace mc::store {
namespace {

enum class Found { nothing, empty_file, file };

// What is at that path, found out without opening it. For an unreadable path SQLite reports the error.
Found look(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return errno == ENOENT ? Found::nothing : Found::file;
    return status.st_size == 0 ? Found::empty_file : Found::file;
}

tl::unexpected<Error> lost(const std::string& path, Found found) {
    return fail(Error::Kind::store,
                fmt::format("the ledger {} is {}, but it existed before", path,
                            found == Found::nothing ? "gone" : "an empty file"),
                fmt::format("restore it from a backup, or, to start with an empty ledger, remove {}", mark_path(path)));
}

tl::unexpected<Error> cannot_write(const std::string& path) {
    return fail(Error::Kind::store, fmt::format("{} cannot be written: {}", path, std::strerror(errno)),
                "[daemon] state must name a directory that the daemon's user can write");
}

// Forces the name of a new file to the disk, not only its content.
bool sync_directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool done = fsync(fd) == 0;
    close(fd);
    return done;
}

}  // namespace

std::string mark_path(const std::string& ledger) { return ledger + ".made"; }

bool is_lost(const std::string& path) { return look(path) != Found::file && look(mark_path(path)) != Found::nothing; }

Result<void> require_ledger(const std::string& path) {
    const Found found = look(path);
    if (found == Found::file) return {};
    if (look(mark_path(path)) != Found::nothing) return lost(path, found);
    return fail(Error::Kind::store, fmt::format("there is no ledger {}", path),
                "the daemon creates it at its first start; `-c FILE` selects another daemon's configuration");
}

Result<void> find_or_create_ledger(const std::string& path) {
    const Found found = look(path);
    if (found == Found::file) return {};
    if (look(mark_path(path)) != Found::nothing) return lost(path, found);
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return cannot_write(path);
    close(fd);
    return {};
}

Result<void> mark_ledger(const std::string& path) {
    const std::string mark = mark_path(path);
    if (look(mark) == Found::file) return {};
    constexpr std::string_view text =
        "marketcron created a ledger in this directory. Without the ledger the daemon does not\n"
        "start while this file is here: remove it only to start with an empty ledger.\n";
    const int fd = open(mark.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0) return cannot_write(mark);
    const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
    close(fd);
    if (!written || !sync_directory_of(mark)) return cannot_write(mark);
    return {};
}

}  // namespace mc::store
