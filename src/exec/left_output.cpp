#include "exec/left_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace mc::os {

namespace {

// A lease is given only if no other process has the file open. If a process opens it during the lease, through /proc,
// we get a signal that is ignored.
bool is_ours_alone(int fd) {
    if (::fcntl(fd, F_SETSIG, SIGURG) != 0 || ::fcntl(fd, F_SETLEASE, F_WRLCK) != 0) return false;
    (void)::fcntl(fd, F_SETLEASE, F_UNLCK);
    return true;
}

bool is_number(const std::string& name) {
    return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

template <class Use>
void each_entry(const std::filesystem::path& directory, Use use) {
    std::error_code error;
    for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error))
        use(at->path());
}

}  // namespace

void LeftOutput::add(Descriptor file) {
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0 || status.st_nlink > 0 || !S_ISREG(status.st_mode)) return;
    if (is_ours_alone(file.get())) return;
    const auto is_same = [&](const File& one) { return one.device == status.st_dev && one.inode == status.st_ino; };
    if (std::any_of(files_.begin(), files_.end(), is_same)) return;
    if (files_.size() >= most)
        files_.erase(std::min_element(files_.begin(), files_.end(),
                                      [](const File& a, const File& b) { return a.grown < b.grown; }));
    files_.push_back({std::move(file), status.st_dev, status.st_ino, status.st_size, monotonic_now()});
}

void LeftOutput::adopt(const std::string& runs) {
    const std::unique_ptr<char, void (*)(void*)> real(::realpath(runs.c_str(), nullptr), std::free);
    if (!real) return;
    const std::string begin = std::string(real.get()) + "/", end = ".output (deleted)";
    each_entry("/proc", [&](const std::filesystem::path& process) {
        if (!is_number(process.filename())) return;
        each_entry(process / "fd", [&](const std::filesystem::path& link) {
            std::error_code error;
            const std::string target = std::filesystem::read_symlink(link, error).string();
            if (error || !target.starts_with(begin) || !target.ends_with(end)) return;
            add(Descriptor(::open(link.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)));
        });
    });
}

void LeftOutput::empty_all() {
    std::erase_if(files_, [](File& file) {
        struct stat status {};
        if (::fstat(file.descriptor.get(), &status) != 0) return true;
        // A process that only reads it (`logs`) may continue; one that writes would fill the disk.
        if (status.st_size > file.size) {
            (void)!::ftruncate(file.descriptor.get(), 0);
            file.size = 0;
            file.grown = monotonic_now();
        }
        return is_ours_alone(file.descriptor.get());
    });
}

}  // namespace mc::os
