#include "exec/output_seal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "exec/left_output.h"
#include "exec/output_file.h"
#include "os/descriptor.h"

namespace mc::os {

namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

tl::unexpected<Error> failed(const char* what, const std::string& path, int error) {
    return fail(Error::Kind::process,
                fmt::format("cannot {} {}: {}", what, path, std::generic_category().message(error)));
}

std::string hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
}

// Reads [from, until), or up to the file's end, in pieces.
template <class Use>
Result<void> read_range(int fd, const std::string& path, std::uint64_t from, std::uint64_t until, Use use) {
    std::vector<char> buffer(piece_bytes);
    while (from < until) {
        const std::size_t room = std::min<std::uint64_t>(buffer.size(), until - from);
        const ssize_t got = ::pread(fd, buffer.data(), room, static_cast<off_t>(from));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read", path, errno);
        if (got == 0) return {};
        from += static_cast<std::uint64_t>(got);
        if (auto used = use(std::string_view(buffer.data(), static_cast<std::size_t>(got))); !used) return used;
    }
    return {};
}

// The copy in the file's directory; removed again unless it replaces the file.
class Copy {
   public:
    Copy(const std::string& path, const CryptoLibrary& crypto) : path_(path + ".new"), hash_(crypto.sha256()) {
        (void)::unlink(path_.c_str());  // left by a killed daemon
        file_ = Descriptor(::open(path_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600));
    }
    ~Copy() {
        if (made() && !in_place_) (void)::unlink(path_.c_str());
    }
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;

    bool made() const { return static_cast<bool>(file_); }
    const std::string& path() const { return path_; }

    Result<void> write(std::string_view text) {
        hash_.add(text);
        seal_.bytes += static_cast<std::int64_t>(text.size());
        while (!text.empty()) {
            const ssize_t put = ::write(file_.get(), text.data(), text.size());
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) return failed("write", path_, errno);
            text.remove_prefix(static_cast<std::size_t>(put));
        }
        return {};
    }

    // Whether it has replaced the file; an error may still follow.
    bool in_place() const { return in_place_; }

    Result<Seal> take_place_of(const std::string& path) {
        if (seal_.bytes > 0 && ::fsync(file_.get()) != 0) return failed("sync to disk", path_, errno);
        if (::rename(path_.c_str(), path.c_str()) != 0) return failed("replace", path, errno);
        in_place_ = true;
        if (auto forced = force_directory(path); !forced) return tl::unexpected(forced.error());
        seal_.sha256 = hex(hash_.end());
        return seal_;
    }

   private:
    // An empty file need not be synced: the replaced one was empty too. EINVAL: the file system does not support it.
    Result<void> force_directory(const std::string& path) const {
        if (seal_.bytes == 0) return {};
        const std::string directory = std::filesystem::path(path).parent_path();
        const Descriptor opened{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (opened && (::fsync(opened.get()) == 0 || errno == EINVAL)) return {};
        return failed("sync to disk", directory, errno);
    }

    std::string path_;
    Descriptor file_;
    CryptoLibrary::Sha256 hash_;
    Seal seal_;
    bool in_place_ = false;
};

Result<void> copy_masked(int fd, const SealWork& work, Copy& copy, const std::atomic<bool>& stop) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return failed("read", work.path, errno);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    MaskStream stream(work.mask);
    const auto use = [&](std::string_view piece) -> Result<void> {
        if (stop) return fail(Error::Kind::process, "the daemon is stopping");
        return copy.write(stream.add(piece));
    };
    const OutputCut cut = output_cut(size, work.bytes_max);
    auto done = read_range(fd, work.path, 0, cut.head, use);
    if (done && !cut.note.empty()) done = use(cut.note);
    if (done && !cut.note.empty()) done = read_range(fd, work.path, size - cut.tail, size, use);
    return done ? copy.write(stream.end()) : done;
}

}  // namespace

Result<Seal> seal_output(const SealWork& work, const CryptoLibrary& crypto, const std::atomic<bool>& stop,
                         LeftOutput* left) {
    constexpr int how = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    Descriptor file{::open(work.path.c_str(), O_RDWR | how)};
    const bool may_be_emptied = static_cast<bool>(file);
    if (!file) file.reset(::open(work.path.c_str(), O_RDONLY | how));
    if (!file && errno == ENOENT) return Seal{};
    if (!file) return failed("read", work.path, errno);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return failed("read", work.path, errno);
    if (!S_ISREG(status.st_mode)) return fail(Error::Kind::process, fmt::format("{} is not a file", work.path));
    Copy copy(work.path, crypto);
    if (!copy.made()) return failed("write", copy.path(), errno);
    if (auto done = copy_masked(file.get(), work, copy, stop); !done) return tl::unexpected(done.error());
    auto seal = copy.take_place_of(work.path);
    if (copy.in_place() && left != nullptr && may_be_emptied) left->add(std::move(file));
    return seal;
}

Result<Seal> seal_of(const std::string& path, const CryptoLibrary& crypto) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!file) return failed("read", path, errno);
    CryptoLibrary::Sha256 hash = crypto.sha256();
    Seal seal;
    auto done = read_range(file.get(), path, 0, UINT64_MAX, [&](std::string_view piece) -> Result<void> {
        hash.add(piece);
        seal.bytes += static_cast<std::int64_t>(piece.size());
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    seal.sha256 = hex(hash.end());
    return seal;
}

namespace {

// An exception would end the thread and so the daemon.
Result<Seal> seal_or_say(const SealWork& work, const CryptoLibrary& crypto, const std::atomic<bool>& stop,
                         LeftOutput* left) {
    try {
        return seal_output(work, crypto, stop, left);
    } catch (const std::exception& error) {
        return fail(Error::Kind::resources, fmt::format("cannot copy {}: {}", work.path, error.what()));
    }
}

}  // namespace

// Shared by the thread and the loop.
struct OutputSealer::Body {
    struct Work {
        std::uint64_t number;
        SealWork work;
    };
    std::mutex lock;
    std::condition_variable more;
    std::deque<Work> waiting;
    std::vector<std::pair<std::uint64_t, Result<Seal>>> ended;
    std::atomic<bool> stop = false;
    Descriptor bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    // Used only by the loop.
    std::uint64_t last = 0;
    std::map<std::uint64_t, Done> asked;
    EventLoop::Watch rings;
    std::thread thread;

    std::string start();
    void work();
    void ring();
    void tell();
};

void OutputSealer::Body::work() {
    auto crypto = CryptoLibrary::load();
    LeftOutput left;
    bool looked = false;  // for files left by an earlier daemon's jobs
    std::unique_lock locked(lock);
    while (true) {
        const auto called = [this] { return stop || !waiting.empty(); };
        if (left.none()) more.wait(locked, called);
        else more.wait_for(locked, LeftOutput::every, called);
        if (stop) return;
        if (waiting.empty()) {
            locked.unlock();
            left.empty_all();
            locked.lock();
            continue;
        }
        const Work next = std::move(waiting.front());
        waiting.pop_front();
        locked.unlock();
        if (!std::exchange(looked, true))
            left.adopt(std::filesystem::path(next.work.path).parent_path().parent_path().string());
        left.empty_all();
        if (!crypto) crypto = CryptoLibrary::load();
        Result<Seal> seal = crypto ? seal_or_say(next.work, *crypto, stop, &left) : tl::unexpected(crypto.error());
        locked.lock();
        ended.emplace_back(next.number, std::move(seal));
        ring();
    }
}

void OutputSealer::Body::ring() {
    const std::uint64_t one = 1;
    (void)!::write(bell.get(), &one, sizeof one);
}

// "", or why no thread can be started now.
std::string OutputSealer::Body::start() {
    // The thread blocks all signals: the loop handles them.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::string refused;
    try {
        thread = std::thread([this] { work(); });
    } catch (const std::system_error& error) {
        refused = error.code().message();
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return refused;
}

void OutputSealer::Body::tell() {
    std::uint64_t count = 0;
    (void)!::read(bell.get(), &count, sizeof count);
    std::vector<std::pair<std::uint64_t, Result<Seal>>> mine;
    {
        const std::lock_guard locked(lock);
        mine.swap(ended);
    }
    for (auto& [number, seal] : mine) {
        const auto found = asked.find(number);
        const Done done = std::move(found->second);
        asked.erase(found);
        done(std::move(seal));
    }
}

OutputSealer::OutputSealer(EventLoop& loop) : body_(std::make_unique<Body>()) {
    body_->rings = loop.readable(body_->bell.get(), [body = body_.get()] { body->tell(); });
}

OutputSealer::~OutputSealer() {
    {
        const std::lock_guard locked(body_->lock);
        body_->stop = true;
    }
    body_->more.notify_all();
    if (body_->thread.joinable()) body_->thread.join();
}

void OutputSealer::seal(SealWork work, Done done) {
    const std::uint64_t number = ++body_->last;
    body_->asked.emplace(number, std::move(done));
    const std::string refused = body_->thread.joinable() ? "" : body_->start();
    {
        const std::lock_guard locked(body_->lock);
        if (refused.empty()) body_->waiting.push_back({number, std::move(work)});
        else
            body_->ended.emplace_back(number,
                                      fail(Error::Kind::resources, fmt::format("cannot start a thread: {}", refused)));
    }
    if (refused.empty()) body_->more.notify_one();
    else body_->ring();
}

}  // namespace mc::os
