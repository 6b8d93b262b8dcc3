#include "os/file_looker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

#include "os/clock.h"
#include "os/descriptor.h"
#include "os/files.h"

namespace mc::os {

namespace {

constexpr std::size_t threads_max = 32;
constexpr std::size_t of_a_mount = 4, hanging_of_a_mount = 8;
constexpr std::size_t mounts_bytes_max = 16u << 20;
constexpr auto mounts_stay = std::chrono::seconds{10};

using Number = std::uint64_t;

// What threads and loop share; a thread that hangs keeps it alive.
struct Desk {
    std::mutex lock;
    std::condition_variable work;
    std::deque<std::pair<Number, FileQuestion>> questions;  // given out, and to be taken by a thread
    std::vector<std::pair<Number, FileSeen>> answers;
    std::size_t idle = 0;
    bool closed = false;
    FileLooker::Ask ask;
    Descriptor bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

// Of this thread alone: the C library's own calls would change every thread's.
bool become(const FileQuestion::Identity& who) {
    if (::syscall(SYS_setgroups, who.groups.size(), who.groups.data()) != 0) return false;
    (void)::setfsgid(who.gid);
    (void)::setfsuid(who.uid);
    return static_cast<std::uint32_t>(::setfsuid(static_cast<uid_t>(-1))) == who.uid;
}

void be_ourselves(const std::vector<gid_t>& groups) {
    (void)::setfsuid(::geteuid());
    (void)::setfsgid(::getegid());
    (void)::syscall(SYS_setgroups, groups.size(), groups.data());
}

std::vector<gid_t> own_groups() {
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
    groups.resize(static_cast<std::size_t>(std::max(0, count)));
    return groups;
}

FileSeen ask_kernel(const FileQuestion& question) {
    const std::vector<gid_t> groups = question.as ? own_groups() : std::vector<gid_t>{};
    struct stat status {};
    int error = 0;
    if (question.as && !become(*question.as)) error = EPERM;
    else if (::stat(question.path.c_str(), &status) != 0) error = errno;
    if (question.as) be_ourselves(groups);
    FileSeen seen;
    if (error == 0) {
        seen.is_there = true;
        seen.size = status.st_size;
        seen.changed_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
    } else if (error != ENOENT && error != ENOTDIR) {
        seen.error = std::generic_category().message(error);
    }
    return seen;
}

void serve(const std::shared_ptr<Desk>& desk) {
    std::unique_lock hold(desk->lock);
    while (true) {
        ++desk->idle;
        desk->work.wait(hold, [&] { return desk->closed || !desk->questions.empty(); });
        --desk->idle;
        if (desk->closed) return;
        const auto [number, question] = std::move(desk->questions.front());
        desk->questions.pop_front();
        hold.unlock();
        FileSeen seen = desk->ask(question);
        hold.lock();
        desk->answers.emplace_back(number, std::move(seen));
        const std::uint64_t one = 1;
        if (desk->answers.size() == 1) (void)!::write(desk->bell.get(), &one, sizeof one);
    }
}

// The kernel writes blanks and the like as \040.
std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + 3 >= text.size()) {
            plain += text[at];
            continue;
        }
        plain += static_cast<char>((text[at + 1] - '0') * 64 + (text[at + 2] - '0') * 8 + (text[at + 3] - '0'));
        at += 3;
    }
    return plain;
}

// The fifth word of each line of /proc/self/mountinfo.
std::vector<std::string> read_mounts() {
    std::vector<std::string> mounts;
    const std::string text = read_file("/proc/self/mountinfo", mounts_bytes_max).value_or("");
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line(text.data() + begin, end - begin);
        for (int word = 1; word < 5; ++word) line.remove_prefix(std::min(line.find(' ') + 1, line.size()));
        mounts.push_back(unescaped(line.substr(0, line.find(' '))));
        begin = end + 1;
    }
    return mounts;
}

bool lies_in(const std::string& path, const std::string& mount) {
    return path.starts_with(mount) &&
           (mount.ends_with('/') || path.size() == mount.size() || path[mount.size()] == '/');
}

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

}  // namespace

struct FileLooker::Body {
    struct Asked {
        FileQuestion question;
        Done done;  // none: it was answered, and its thread hangs
        MonotonicTime until;
        std::string mount;
        bool under_way = false;
    };
    struct Mount {
        std::size_t under_way = 0, hanging = 0;
        std::deque<Number> waiting;
    };

    std::chrono::milliseconds patience;
    std::shared_ptr<Desk> desk = std::make_shared<Desk>();
    EventLoop::Watch bell;
    MonotonicTimer late;
    std::map<Number, Asked> asked;
    std::map<std::string, Mount> mounts;
    std::multiset<std::string> hanging_directories;
    std::set<Number> to_be_late;  // those not answered yet: their times come in the order of their numbers
    std::vector<std::string> mount_points;
    MonotonicTime mounts_until{};
    Number last = 0;
    std::size_t threads = 0;

    Body(EventLoop& loop, std::chrono::milliseconds longest)
        : patience(longest),
          bell(loop.readable(desk->bell.get(), [this] { take_answers(); })),
          late(loop, [this] { give_up(); }) {}

    std::string mount_of(const std::string& path) {
        if (monotonic_now() >= mounts_until) {
            mount_points = read_mounts();
            mounts_until = monotonic_now() + mounts_stay;
        }
        std::string best = "/";
        for (const std::string& mount : mount_points)
            if (mount.size() > best.size() && lies_in(path, mount)) best = mount;
        return best;
    }

    void give_out(Mount& mount) {
        const auto has_room = [&] {
            const std::size_t healthy = mount.under_way - mount.hanging;
            return mount.hanging == 0 ? healthy < of_a_mount : healthy < 1 && mount.hanging < hanging_of_a_mount;
        };
        const std::lock_guard hold(desk->lock);
        std::deque<Number> left;
        while (!mount.waiting.empty() && has_room()) {
            const Number number = mount.waiting.front();
            mount.waiting.pop_front();
            Asked& one = asked.at(number);
            if (hanging_directories.contains(directory_of(one.question.path))) {
                left.push_back(number);
                continue;
            }
            one.under_way = true;
            ++mount.under_way;
            desk->questions.emplace_back(number, one.question);
            if (desk->idle < desk->questions.size() && threads < threads_max) start_thread();
            desk->work.notify_one();
        }
        mount.waiting.insert(mount.waiting.begin(), left.begin(), left.end());
    }

    // Signals are the loop's.
    void start_thread() {
        sigset_t all, before;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before);
        try {
            std::thread(serve, desk).detach();
            ++threads;
        } catch (const std::system_error&) {
            // No room for one more: those there are go on.
        }
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    void take_answers() {
        std::uint64_t count = 0;
        (void)!::read(desk->bell.get(), &count, sizeof count);
        std::vector<std::pair<Number, FileSeen>> answers;
        {
            const std::lock_guard hold(desk->lock);
            answers.swap(desk->answers);
        }
        std::vector<std::pair<Done, FileSeen>> told;
        std::set<std::string> touched;
        for (auto& [number, seen] : answers) {
            const auto found = asked.find(number);
            Asked& one = found->second;
            Mount& mount = mounts.at(one.mount);
            --mount.under_way;
            touched.insert(one.mount);
            if (one.done) {
                told.emplace_back(std::move(one.done), std::move(seen));
                to_be_late.erase(number);
            } else {
                --mount.hanging;
                hanging_directories.erase(hanging_directories.find(directory_of(one.question.path)));
            }
            asked.erase(found);
        }
        for (const std::string& name : touched) {
            Mount& mount = mounts.at(name);
            give_out(mount);
            if (mount.under_way == 0 && mount.waiting.empty()) mounts.erase(name);
        }
        arm();
        for (auto& [done, seen] : told) done(std::move(seen));
    }

    // Those whose time is over.
    void give_up() {
        const MonotonicTime now = monotonic_now();
        std::vector<Done> told;
        while (!to_be_late.empty() && asked.at(*to_be_late.begin()).until <= now) {
            const Number number = *to_be_late.begin();
            to_be_late.erase(to_be_late.begin());
            Asked& one = asked.at(number);
            Mount& mount = mounts.at(one.mount);
            told.push_back(std::exchange(one.done, nullptr));
            if (one.under_way) {
                ++mount.hanging;
                hanging_directories.insert(directory_of(one.question.path));
                continue;
            }
            std::erase(mount.waiting, number);
            asked.erase(number);
        }
        for (auto& [name, mount] : mounts) give_out(mount);
        arm();
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(patience).count();
        for (const Done& done : told)
            done({false, 0, 0, fmt::format("the file system has not answered for {} s", seconds)});
    }

    void arm() {
        late.arm(to_be_late.empty()
                     ? std::nullopt
                     : std::optional<std::chrono::nanoseconds>(asked.at(*to_be_late.begin()).until.time_since_epoch()));
    }
};

FileLooker::FileLooker(EventLoop& loop, std::chrono::milliseconds patience, Ask ask)
    : body_(std::make_unique<Body>(loop, patience)) {
    body_->desk->ask = ask ? std::move(ask) : ask_kernel;
}

FileLooker::~FileLooker() {
    const std::lock_guard hold(body_->desk->lock);
    body_->desk->closed = true;
    body_->desk->work.notify_all();
}

void FileLooker::look(FileQuestion question, Done done) {
    Body& b = *body_;
    const Number number = ++b.last;
    std::string name = b.mount_of(question.path);
    Body::Mount& mount = b.mounts[name];
    b.asked.emplace(number, Body::Asked{std::move(question), std::move(done), monotonic_now() + b.patience,
                                        std::move(name), false});
    b.to_be_late.insert(number);
    mount.waiting.push_back(number);
    b.give_out(mount);
    if (b.to_be_late.size() == 1) b.arm();
}

}  // namespace mc::os
