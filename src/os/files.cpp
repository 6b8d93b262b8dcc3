#include "os/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "os/descriptor.h"
#include "os/obstacle.h"

namespace mc::os {

namespace {

tl::unexpected<Error> failed(const char* act, const std::string& path, int error, std::string hint = {}) {
    return fail(kind_of(error), fmt::format("cannot {} {}: {}", act, path, std::strerror(error)), std::move(hint));
}

std::string identity_text(const struct stat& info) { return fmt::format("{:x}.{:x}", info.st_dev, info.st_ino); }

}  // namespace

std::string file_identity(int descriptor) {
    struct stat info {};
    return ::fstat(descriptor, &info) == 0 ? identity_text(info) : "";
}

std::string file_identity(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? identity_text(info) : "";
}

bool FileOwner::may_be_read_by(std::uint32_t user, const std::vector<std::uint32_t>& groups) const {
    if (user == 0) return true;
    if (user == uid) return (mode & S_IRUSR) != 0;
    if (std::find(groups.begin(), groups.end(), gid) != groups.end()) return (mode & S_IRGRP) != 0;
    return (mode & S_IROTH) != 0;
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
    return read_owned_file(path, bytes_max).map([](OwnedText&& file) { return std::move(file.text); });
}

Result<OwnedText> read_owned_file(const std::string& path, std::size_t bytes_max) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (file.get() < 0 && errno == EWOULDBLOCK)
        return fail(Error::Kind::process, fmt::format("cannot read {}: another process holds a lease on it", path));
    if (file.get() < 0) return failed("read", path, errno, errno == EACCES ? "check its owner and mode (ls -l)" : "");
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return failed("read", path, errno);
    if (S_ISDIR(info.st_mode)) return failed("read", path, EISDIR);
    std::string text;
    std::string buffer(64 * 1024, '\0');
    while (true) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read", path, errno);
        if (got == 0 && text.empty() && S_ISFIFO(info.st_mode))
            return fail(Error::Kind::process, fmt::format("cannot read {}: it is a FIFO without a writer", path),
                        "replace it with a file");
        if (got == 0) return OwnedText{std::move(text), {info.st_uid, info.st_gid, info.st_mode}};
        text.append(buffer, 0, static_cast<std::size_t>(got));
        if (text.size() > bytes_max)
            return fail(Error::Kind::process, fmt::format("{} is larger than {} bytes", path, bytes_max));
    }
}

Result<void> write_file(const std::string& path, std::string_view text, unsigned mode) {
    const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (file.get() < 0) return failed("write", path, errno);
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t put = ::write(file.get(), text.data() + done, text.size() - done);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) {
            const int error = errno;
            ::unlink(temporary.c_str());
            return failed("write", path, error);
        }
        done += static_cast<std::size_t>(put);
    }
    if (::fsync(file.get()) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
        const int error = errno;
        ::unlink(temporary.c_str());
        return failed("write", path, error);
    }
    return {};
}

Result<void> make_directories(const std::string& path, unsigned mode) {
    for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
        const std::string part = path.substr(0, at);
        if (!part.empty() && ::mkdir(part.c_str(), at == std::string::npos ? mode : 0755) != 0 && errno != EEXIST)
            return failed("make the directory", part, errno);
        if (at == std::string::npos) return {};
    }
}

Result<void> remove_tree(const std::string& path) {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return failed("remove", path, error.value());
    return {};
}

std::vector<std::filesystem::path> entries_of(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> entries;
    std::error_code error;
    const std::filesystem::directory_iterator end;
    for (std::filesystem::directory_iterator at(directory, error); !error && at != end; at.increment(error))
        entries.push_back(at->path());
    return entries;
}

std::vector<std::string> glob_files(const std::string& pattern) {
    glob_t found{};
    std::vector<std::string> paths;
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
        for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
    ::globfree(&found);
    return paths;
}

}  // namespace mc::os
