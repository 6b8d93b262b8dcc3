#include "os/file_looker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
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

constexpr std::size_t working_max = 32, threads_max = 128;
constexpr std::size_t of_a_mount = 4, hanging_of_a_mount = 8;
constexpr std::size_t mounts_bytes_max = 16u << 20;
constexpr auto mounts_stay = std::chrono::seconds{10};
constexpr int links_max = 40;  // the kernel's limit

using Number = std::uint64_t;
using Mounts =
    std::map<std::string, std::string>;  // mount point to name "ID PATH"; a later mount at that point has another ID

struct Errand {
    Number number = 0;
    FileQuestion question;
    std::set<std::string>
        allowed;  // the mount in which the path begins, and those to which earlier tries were redirected
    std::shared_ptr<const Mounts> mounts;
};

struct Answer {
    Number number = 0;
    FileSeen seen;
    std::string leads_to;  // a mount with hanging threads, so the file was not checked; "" = `seen` is the answer
};

// Shared by the threads and the loop; a thread that hangs keeps it alive.
struct Desk {
    std::mutex lock;
    std::condition_variable work;
    std::deque<Errand> errands;  // ready to be taken by a thread
    std::vector<Answer> answers;
    std::map<Number, std::string> where;  // the mount that the errand has entered, if not the first one
    std::set<std::string> hanging;        // mounts with hanging threads
    bool closed = false;
    FileLooker::Ask ask;
    Descriptor bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

// A hanging thread outlives even a killed process and would keep its descriptors (locks, sockets) open.
void let_go_of_descriptors(int but) {
    if (::unshare(CLONE_FILES) != 0) return;
    const auto kept = static_cast<unsigned>(but);
    if (kept > 0) (void)::syscall(SYS_close_range, 0U, kept - 1, 0U);
    (void)::syscall(SYS_close_range, kept + 1, ~0U, 0U);
}

// For this thread only: the C library's functions would change the identity of all threads.
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
    struct stat status {};
    if (::stat(question.path.c_str(), &status) == 0)
        return {true, status.st_size, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, ""};
    const int error = errno;
    return {false, 0, 0, error == ENOENT || error == ENOTDIR ? "" : std::generic_category().message(error)};
}

void put_first(std::deque<std::string>& parts, std::string_view path) {
    std::vector<std::string> mine;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view part = path.substr(at, end - at);
        if (!part.empty() && part != ".") mine.emplace_back(part);
        at = end + 1;
    }
    parts.insert(parts.begin(), mine.begin(), mine.end());
}

std::string mount_of(std::string path, const Mounts& mounts) {
    while (!path.empty()) {
        if (const auto found = mounts.find(path); found != mounts.end()) return found->second;
        path.erase(path.find_last_of('/'));
    }
    const auto root = mounts.find("/");
    return root == mounts.end() ? "" : root->second;
}

// Follows the path through its links, and calls `enter` before each mount, because the thread may hang there. False:
// `enter` refused a mount. Errors only end the walk; the kernel reports them when it is asked for the whole path.
bool walk(const std::string& path, const Mounts& mounts, const std::function<bool(const std::string&)>& enter) {
    std::deque<std::string> parts;
    put_first(parts, path);
    std::string at;
    std::array<char, PATH_MAX> target;
    for (int links = 0; !parts.empty();) {
        const std::string part = std::move(parts.front());
        parts.pop_front();
        if (part == "..") {
            at.erase(std::min(at.rfind('/'), at.size()));
            if (!enter(mount_of(at, mounts))) return false;
            continue;
        }
        std::string next = at;
        next.append("/").append(part);
        if (const auto mount = mounts.find(next); mount != mounts.end() && !enter(mount->second)) return false;
        const ssize_t size = ::readlink(next.c_str(), target.data(), target.size());
        if (size < 0 && errno != EINVAL) return true;
        if (size < 0) {
            at = next;
            continue;
        }
        if (++links > links_max) return true;
        put_first(parts, {target.data(), static_cast<std::size_t>(size)});
        if (size == 0 || target[0] != '/') continue;
        at.clear();
        if (!enter(mount_of(at, mounts))) return false;
    }
    return true;
}

Answer run_errand(Desk& desk, const Errand& errand) {
    const FileQuestion& question = errand.question;
    const std::vector<gid_t> groups = question.as ? own_groups() : std::vector<gid_t>{};
    Answer answer{errand.number, {}, ""};
    const auto enter = [&](const std::string& mount) {
        const std::lock_guard hold(desk.lock);
        if (desk.hanging.contains(mount) && !errand.allowed.contains(mount)) {
            answer.leads_to = mount;
            return false;
        }
        desk.where[errand.number] = mount;
        return true;
    };
    if (question.as && !become(*question.as)) answer.seen.error = std::generic_category().message(EPERM);
    else if (walk(question.path, *errand.mounts, enter)) answer.seen = desk.ask(question);
    if (question.as) be_ourselves(groups);
    return answer;
}

void serve(const std::shared_ptr<Desk>& desk) {
    let_go_of_descriptors(desk->bell.get());
    std::unique_lock hold(desk->lock);
    while (true) {
        desk->work.wait(hold, [&] { return desk->closed || !desk->errands.empty(); });
        if (desk->closed) return;
        const Errand errand = std::move(desk->errands.front());
        desk->errands.pop_front();
        hold.unlock();
        Answer answer = run_errand(*desk, errand);
        hold.lock();
        desk->where.erase(errand.number);
        desk->answers.push_back(std::move(answer));
        const std::uint64_t one = 1;
        if (desk->answers.size() == 1) (void)!::write(desk->bell.get(), &one, sizeof one);
    }
}

// The kernel writes blanks and some other characters as octal escapes: \040.
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

// The first and the fifth word of each line of /proc/self/mountinfo. Of several mounts at one point the last is
// visible.
Mounts read_mounts() {
    Mounts mounts;
    const std::string text = read_file("/proc/self/mountinfo", mounts_bytes_max).value_or("");
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line(text.data() + begin, end - begin);
        const std::string_view id = line.substr(0, line.find(' '));
        for (int word = 1; word < 5; ++word) line.remove_prefix(std::min(line.find(' ') + 1, line.size()));
        const std::string path = unescaped(line.substr(0, line.find(' ')));
        mounts[path] = fmt::format("{} {}", id, path);
        begin = end + 1;
    }
    return mounts;
}

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

}  // namespace

struct FileLooker::Body {
    struct Asked {
        FileQuestion question;
        Done done;  // empty: already answered, and its thread hangs
        MonotonicTime until;
        std::string mount;
        std::set<std::string> allowed{};  // that mount and earlier ones
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
    std::multiset<std::pair<std::string, std::string>> hanging_directories;  // mount and directory
    std::set<Number> to_be_late;  // not answered yet; their deadlines have the order of their numbers
    std::shared_ptr<const Mounts> mount_points = std::make_shared<Mounts>();
    MonotonicTime mounts_until{};
    Number last = 0;
    std::size_t threads = 0, busy = 0, hanging = 0;  // busy: with an errand; hanging: those of the busy ones that hang

    Body(EventLoop& loop, std::chrono::milliseconds longest)
        : patience(longest),
          bell(loop.readable(desk->bell.get(), [this] { take_answers(); })),
          late(loop, [this] { give_up(); }) {}

    std::string where_it_begins(const std::string& path) {
        if (monotonic_now() >= mounts_until) {
            mount_points = std::make_shared<Mounts>(read_mounts());
            mounts_until = monotonic_now() + mounts_stay;
        }
        return mount_of(path, *mount_points);
    }

    void give_out(const std::string& name, Mount& mount) {
        const auto has_room = [&] {
            const std::size_t healthy = mount.under_way - mount.hanging;
            return mount.hanging == 0 ? healthy < of_a_mount : healthy < 1 && mount.hanging < hanging_of_a_mount;
        };
        const std::lock_guard hold(desk->lock);
        std::deque<Number> left;
        while (!mount.waiting.empty() && has_room()) {
            const Number number = mount.waiting.front();
            Asked& one = asked.at(number);
            if (hanging_directories.contains({name, directory_of(one.question.path)})) {
                left.push_back(number);
                mount.waiting.pop_front();
                continue;
            }
            if (busy == threads && !start_thread()) break;  // continued when an answer comes
            mount.waiting.pop_front();
            one.under_way = true;
            ++busy;
            ++mount.under_way;
            one.allowed.insert(name);
            desk->errands.push_back({number, one.question, one.allowed, mount_points});
            desk->work.notify_one();
        }
        mount.waiting.insert(mount.waiting.begin(), left.begin(), left.end());
    }

    void give_out_everywhere() {
        for (auto at = mounts.begin(); at != mounts.end();) {
            give_out(at->first, at->second);
            if (at->second.under_way == 0 && at->second.waiting.empty()) at = mounts.erase(at);
            else ++at;
        }
    }

    // The thread blocks all signals: the loop handles them.
    bool start_thread() {
        if (threads - hanging >= working_max || threads >= threads_max) return false;
        sigset_t all, before;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before);
        bool started = true;
        try {
            std::thread(serve, desk).detach();
            ++threads;
        } catch (const std::system_error&) {
            started = false;  // the machine allows no more threads: the existing ones continue
        }
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        return started;
    }

    void take_answers() {
        std::uint64_t count = 0;
        (void)!::read(desk->bell.get(), &count, sizeof count);
        std::vector<Answer> answers;
        {
            const std::lock_guard hold(desk->lock);
            answers.swap(desk->answers);
        }
        std::vector<std::pair<Done, FileSeen>> told;
        for (Answer& answer : answers) {
            const auto found = asked.find(answer.number);
            Asked& one = found->second;
            come_back(one);
            if (!one.done) {
                asked.erase(found);
            } else if (!answer.leads_to.empty()) {
                one.mount = std::move(answer.leads_to);
                mounts[one.mount].waiting.push_back(answer.number);
            } else {
                told.emplace_back(std::move(one.done), std::move(answer.seen));
                to_be_late.erase(answer.number);
                asked.erase(found);
            }
        }
        give_out_everywhere();
        arm();
        for (auto& [done, seen] : told) done(std::move(seen));
    }

    void come_back(Asked& one) {
        Mount& mount = mounts.at(one.mount);
        --busy;
        --mount.under_way;
        one.under_way = false;
        if (one.done) return;
        --hanging;
        hanging_directories.erase(hanging_directories.find({one.mount, directory_of(one.question.path)}));
        if (--mount.hanging > 0) return;
        const std::lock_guard hold(desk->lock);
        desk->hanging.erase(one.mount);
    }

    // Counts a hanging thread for the mount that it has entered.
    void write_off(Number number, Asked& one) {
        --mounts.at(one.mount).under_way;
        const std::lock_guard hold(desk->lock);
        if (const auto where = desk->where.find(number); where != desk->where.end()) one.mount = where->second;
        Mount& mount = mounts[one.mount];
        ++mount.under_way;
        ++mount.hanging;
        ++hanging;
        hanging_directories.insert({one.mount, directory_of(one.question.path)});
        desk->hanging.insert(one.mount);
    }

    // Answers the questions whose time is over.
    void give_up() {
        const MonotonicTime now = monotonic_now();
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(patience).count();
        std::vector<std::pair<Done, FileSeen>> told;
        while (!to_be_late.empty() && asked.at(*to_be_late.begin()).until <= now) {
            const Number number = *to_be_late.begin();
            to_be_late.erase(to_be_late.begin());
            Asked& one = asked.at(number);
            const bool hangs = one.under_way || mounts.at(one.mount).hanging > 0;
            std::string error = hangs ? fmt::format("the file system has not answered for {} s", seconds)
                                      : fmt::format("no thread was free to check it for {} s", seconds);
            told.emplace_back(std::exchange(one.done, nullptr), FileSeen{false, 0, 0, std::move(error), !hangs});
            if (one.under_way) {
                write_off(number, one);
                continue;
            }
            std::erase(mounts.at(one.mount).waiting, number);
            asked.erase(number);
        }
        give_out_everywhere();
        arm();
        for (auto& [done, seen] : told) done(std::move(seen));
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
    const std::string name = b.where_it_begins(question.path);
    Body::Mount& mount = b.mounts[name];
    b.asked.emplace(number, Body::Asked{std::move(question), std::move(done), monotonic_now() + b.patience, name});
    b.to_be_late.insert(number);
    mount.waiting.push_back(number);
    b.give_out(name, mount);
    if (b.to_be_late.size() == 1) b.arm();
}

}  // namespace mc::os
