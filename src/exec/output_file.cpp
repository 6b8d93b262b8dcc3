#include "exec/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "os/descriptor.h"

namespace mc::os {

namespace {

constexpr std::uint64_t note_bytes_max = 64;
constexpr std::size_t copy_bytes = 256 * 1024;

// How many bytes of a too long file are kept.
struct Kept {
    std::uint64_t head, tail;
};

Kept kept(std::uint64_t max_bytes) {
    const std::uint64_t text = max_bytes > note_bytes_max ? max_bytes - note_bytes_max : 0;
    return {text / 2, text - text / 2};
}

std::uint64_t size_of(int fd) {
    struct stat status {};
    return ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

// Copies a range to an earlier place of the same file; returns the end of the copy.
std::uint64_t move_down(int fd, std::uint64_t from, std::uint64_t to, std::uint64_t length) {
    std::vector<char> buffer(std::min<std::uint64_t>(copy_bytes, length));
    while (length > 0) {
        const ssize_t got =
            ::pread(fd, buffer.data(), std::min<std::uint64_t>(buffer.size(), length), static_cast<off_t>(from));
        if (got <= 0) break;
        const auto size = static_cast<std::size_t>(got);
        if (::pwrite(fd, buffer.data(), size, static_cast<off_t>(to)) != got) break;
        from += size;
        to += size;
        length -= size;
    }
    return to;
}

// The first position from `offset` on that is not in a hole.
std::uint64_t next_data(int fd, std::uint64_t offset) {
    const off_t data = ::lseek(fd, static_cast<off_t>(offset), SEEK_DATA);
    return data < 0 ? offset : static_cast<std::uint64_t>(data);
}

std::string read_at(int fd, std::uint64_t offset, std::size_t bytes) {
    std::string text(bytes, '\0');
    std::size_t filled = 0;
    while (filled < bytes) {
        const ssize_t got = ::pread(fd, text.data() + filled, bytes - filled, static_cast<off_t>(offset + filled));
        if (got <= 0) break;
        filled += static_cast<std::size_t>(got);
    }
    text.resize(filled);
    return text;
}

}  // namespace

void free_middle(int fd, std::uint64_t max_bytes) {
    const std::uint64_t size = size_of(fd);
    const auto [head, tail] = kept(max_bytes);
    if (size <= max_bytes) return;
    ::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(head),
                static_cast<off_t>(size - tail - head));
}

OutputCut output_cut(std::uint64_t size, std::uint64_t max_bytes) {
    if (size <= max_bytes) return {size, 0, ""};
    const auto [head, tail] = kept(max_bytes);
    return {head, tail, fmt::format("\n[... {} bytes left out ...]\n", size - head - tail)};
}

void shorten_output(int fd, std::uint64_t max_bytes) {
    const std::uint64_t size = size_of(fd);
    if (size <= max_bytes) return;
    const auto [head, tail, note] = output_cut(size, max_bytes);
    const ssize_t noted = ::pwrite(fd, note.data(), note.size(), static_cast<off_t>(head));
    if (noted != static_cast<ssize_t>(note.size())) return;
    const std::uint64_t end = move_down(fd, size - tail, head + note.size(), tail);
    // If the disk is too full to shorten the file, it stays long, but with its hole it is also limited.
    if (::ftruncate(fd, static_cast<off_t>(end)) != 0) return;
}

OutputEnd output_end(const std::string& path, std::size_t bytes) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!file) return {};
    const std::uint64_t size = size_of(file.get());
    const std::uint64_t from = next_data(file.get(), size > bytes ? size - bytes : 0);
    return {read_at(file.get(), from, static_cast<std::size_t>(size - from)), from == 0};
}

std::string output_obstacle(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat status {};
    const bool is_open = file && ::fstat(file.get(), &status) == 0;
    if (!is_open) return errno == ENOENT ? "" : std::generic_category().message(errno);
    if (S_ISREG(status.st_mode)) return "";
    return S_ISDIR(status.st_mode) ? "it is a directory" : "it is not a regular file";
}

std::string last_lines(const std::string& text, std::size_t lines) {
    std::size_t start = text.size();
    if (start > 0 && text.back() == '\n') --start;
    for (; lines > 0; --lines) {
        const std::size_t newline = start == 0 ? std::string::npos : text.rfind('\n', start - 1);
        if (newline == std::string::npos) return text;
        start = newline;
    }
    return text.substr(std::min(start + 1, text.size()));
}

OutputPiece output_piece(const std::string& path, std::uint64_t offset, std::size_t bytes) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!file || offset >= size_of(file.get())) return {{}, offset, false};
    const std::uint64_t from = next_data(file.get(), offset);
    const off_t hole = ::lseek(file.get(), static_cast<off_t>(from), SEEK_HOLE);
    const std::uint64_t room = hole < 0 ? bytes : static_cast<std::uint64_t>(hole) - from;
    std::string text = read_at(file.get(), from, std::min<std::uint64_t>(bytes, room));
    const std::uint64_t next = from + text.size();
    return {std::move(text), next, from != offset};
}

OutputReader::Block OutputReader::next(std::size_t bytes) {
    const Descriptor file{::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) return {id_ ? Is::changed : Is::end, 0, {}};
    const std::pair id{std::uint64_t{status.st_dev}, std::uint64_t{status.st_ino}};
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const bool is_same =
        !id_ || (*id_ == id && size >= size_ && read_at(file.get(), at_ - last_.size(), last_.size()) == last_);
    if (!is_same) return {Is::changed, 0, {}};
    id_ = id;
    size_ = size;
    if (at_ >= size) return {};
    const off_t data = ::lseek(file.get(), static_cast<off_t>(at_), SEEK_DATA);
    const std::uint64_t from = data >= 0 ? static_cast<std::uint64_t>(data) : errno == ENXIO ? size : at_;
    const off_t end = from < size ? ::lseek(file.get(), static_cast<off_t>(from), SEEK_HOLE) : -1;
    const std::uint64_t room = (end < 0 ? size : static_cast<std::uint64_t>(end)) - from;
    Block block{Is::text, from - at_, read_at(file.get(), from, std::min<std::uint64_t>(bytes, room))};
    if (block.hole == 0 && block.text.empty()) return {};
    at_ = from + block.text.size();
    if (block.hole > 0) last_.clear();
    last_ += block.text;
    if (last_.size() > compared_) last_.erase(0, last_.size() - compared_);
    return block;
}

}  // namespace mc::os
