#include "exec/job_runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "exec/attempt_files.h"
#include "exec/kept_elsewhere.h"
#include "exec/output_file.h"
#include "exec/reap.h"
#include "os/files.h"

namespace mc::os {

namespace {

constexpr auto bound_every = std::chrono::seconds(1);
constexpr auto look_every = std::chrono::milliseconds(100);

}  // namespace

JobRunner::JobRunner(int state_dir, AttemptTable& table)
    : table_(table), null_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
    place_ = {state_dir, boot_id(), file_identity(state_dir), null_.get(), ::geteuid()};
    for (AttemptEntry* entry : table_.used()) begun_.emplace(AttemptKey{entry->run, entry->attempt}, Begun{entry, ""});
}

// The attempt, if its child has claimed it and has not been reaped; otherwise nullptr.
const JobRunner::Begun* JobRunner::held(AttemptKey key, const std::string& identity) const {
    const auto [first, last] = begun_.equal_range(key);
    for (auto at = first; at != last; ++at) {
        const AttemptEntry& entry = *at->second.entry;
        if (entry.identity.data() != identity) continue;
        const bool is_still = entry.in_use.load() != 0 && entry.run == key.first && entry.attempt == key.second;
        const bool has_claimed = entry.has_claimed.load() != 0 && entry.failed_step == SpawnStep::none;
        // A process that was killed before it could release the entry may have reaped it.
        if (is_still && has_claimed && life_of(claim_of(entry)) != Life::gone) return &at->second;
    }
    return nullptr;
}

// False if the attempt is not held.
bool JobRunner::keep_record(AttemptKey key, const std::string& identity) const {
    const Begun* begun = held(key, identity);
    if (begun == nullptr) return false;
    const auto& [run, attempt] = key;
    make_run_directory(place_.state_dir, run);
    keep_claim(place_.state_dir, run, attempt, claim_of(*begun->entry), begun->owner);
    return true;
}

void JobRunner::forget(AttemptKey key, const AttemptEntry& entry) {
    const auto [first, last] = begun_.equal_range(key);
    const auto found = std::find_if(first, last, [&](const auto& one) { return one.second.entry == &entry; });
    if (found != last) begun_.erase(found);
}

// If the attempt is known, its answer is added to the events; or its end, if that is not on the disk yet.
bool JobRunner::is_known(const Question& asked, std::vector<Event>& events) const {
    const AttemptKey key{asked.id.run, asked.id.attempt};
    if (const auto left = not_on_disk_.find(key); left != not_on_disk_.end()) {
        events.emplace_back(std::in_place_type<Ended>, left->second);
        return true;
    }
    bool is_held = keep_record(key, asked.identity);
    if (const auto lingers = lingering_.find(key); lingers != lingering_.end()) {
        is_held = true;
        const auto* end = std::get_if<Ended>(&lingers->second.end);
        if (end != nullptr && !read_ended(place_.state_dir, key.first, key.second))
            (void)write_ended(place_.state_dir, *end);
    }
    if (is_held) events.emplace_back(std::in_place_type<Answer>, Answer{{key.first, key.second}, true});
    return is_held;
}

// Adopts an attempt that another keeper began: writes a record that names its process, so that its end is waited for.
bool JobRunner::adopt(AttemptKey key, const std::vector<Process>& members) const {
    const auto is_main = [](const Process& one) { return one.is_main; };
    const auto main = std::find_if(members.begin(), members.end(), is_main);
    if (main == members.end()) return false;  // processes left behind by an ended job are not an attempt
    make_run_directory(place_.state_dir, key.first);
    keep_claim(place_.state_dir, key.first, key.second, claim_of(*main), "");
    return true;
}

void JobRunner::answer(std::vector<Event>& events) {
    std::vector<AttemptKey> unknown;
    std::vector<Tree> trees;
    for (const Question& asked : std::exchange(asked_, {})) {
        const AttemptKey key{asked.id.run, asked.id.attempt};
        if (is_known(asked, events)) continue;
        if (asked.look == Question::Look::at_own) continue;  // without a search the answer cannot be no
        unknown.push_back(key);
        trees.push_back(tree_of(key, asked.identity));
    }
    if (unknown.empty()) return;
    const auto members = members_of(trees);
    for (std::size_t i = 0; i < unknown.size(); ++i)
        events.emplace_back(std::in_place_type<Answer>,
                            Answer{{unknown[i].first, unknown[i].second}, adopt(unknown[i], members[i])});
}

bool JobRunner::launch(const Launch& wanted, std::vector<Event>& events) {
    if (keep_record({wanted.run, wanted.attempt}, wanted.identity)) {
        events.emplace_back(std::in_place_type<wire::Claimed>, wire::Claimed{wanted.run, wanted.attempt});
        return true;
    }
    AttemptEntry* entry = table_.reserve();
    if (entry == nullptr) return false;
    make_run_directory(place_.state_dir, wanted.run);
    const pid_t pid = may_begin(wanted, *entry) ? spawn(place_, cradles_, wanted, *entry) : 0;
    if (pid == 0) {
        events.push_back(conclude(*entry, Zombie{}));
        return true;
    }
    if (running_.empty() && not_on_disk_.empty()) next_bound_ = monotonic_now() + bound_every;
    running_.emplace(pid, entry);
    begun_.emplace(AttemptKey{wanted.run, wanted.attempt}, Begun{entry, owner_line(wanted.owner)});
    return true;
}

// Settles first what would make records misleading: the record of an earlier try that never began looks like that of an
// attempt that did, and a record without the boot's id like one of another boot. False if that fails: see `entry`.
bool JobRunner::may_begin(const Launch& wanted, AttemptEntry& entry) {
    if (!null_) null_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    place_.null = null_.get();
    if (place_.boot.empty()) place_.boot = boot_id();
    if (!null_ || place_.boot.empty()) {
        entry.run = wanted.run;
        entry.attempt = wanted.attempt;
        entry.failed_step = SpawnStep::claim;
        entry.failure = EMFILE;
        return false;
    }
    const auto left = not_on_disk_.find({wanted.run, wanted.attempt});
    if (left == not_on_disk_.end()) return true;
    if (left->second.hindrance && mc::os::put_on_disk(place_.state_dir, left->second)) {
        not_on_disk_.erase(left);
        return true;
    }
    entry.run = wanted.run;
    entry.attempt = wanted.attempt;
    entry.failed_step = SpawnStep::taken;
    return false;
}

// Our child that was created for the attempt a moment ago and has not claimed it yet; 0: none. SIGTERM is blocked in it
// until it is about to execute the command, so the signal ends it then.
pid_t JobRunner::unclaimed_child(AttemptKey key, const std::string& identity) const {
    for (const auto& [pid, entry] : running_)
        if (entry->run == key.first && entry->attempt == key.second && entry->identity.data() == identity &&
            entry->has_claimed.load() == 0)
            return pid;
    return 0;
}

// 0 if it has ended or is not known. Processes that a job leaves behind when it ends by itself may stay, as under cron.
pid_t JobRunner::main_process(AttemptKey key, const std::string& identity) const {
    if (const Begun* begun = held(key, identity)) return begun->entry->pid.load();  // even if its record is wrong
    if (read_ended(place_.state_dir, key.first, key.second)) return 0;
    const auto claim = read_claim(place_.state_dir, key.first, key.second);
    if (!claim || !lives(*claim)) return unclaimed_child(key, identity);
    const auto process = process_of(claim->pid);
    return process && !is_kept_elsewhere(*process, place_.directory) ? claim->pid : 0;
}

// The tree without its main process. For an attempt that this keeper does not hold, the place is not compared: another
// keeper may have begun it in a directory of which this one is a copy.
Tree JobRunner::tree_of(AttemptKey key, const std::string& identity) const {
    Tree tree;
    tree.mark = tree_mark(place_, key.first, key.second, identity);
    tree.any_place = !identity.empty() && held(key, identity) == nullptr;
    return tree;
}

void JobRunner::signal(const std::vector<wire::Signal>& wanted) {
    std::vector<Tree> trees;
    std::vector<AttemptKey> own;  // for each tree, the attempt if it is our own; otherwise {}
    for (const wire::Signal& one : wanted) {
        if (const auto left = lingering_.find({one.run, one.attempt}); left != lingering_.end()) {
            trees.push_back(left->second.tree);
            trees.back().number = one.number;
            own.emplace_back();
            next_look_ = monotonic_now();
            continue;
        }
        const pid_t main = main_process({one.run, one.attempt}, one.identity);
        if (main == 0) continue;
        const auto before = signalled_.find({one.run, one.attempt});
        trees.push_back(tree_of({one.run, one.attempt}, one.identity));
        trees.back().main = main;
        trees.back().number = one.number;
        if (before != signalled_.end()) trees.back().known = before->second;
        own.emplace_back(running_.contains(main) ? AttemptKey{one.run, one.attempt} : AttemptKey{});
    }
    if (trees.empty()) return;
    const auto reached = signal_trees(trees);
    for (std::size_t i = 0; i < own.size(); ++i)
        if (own[i] != AttemptKey{}) signalled_[own[i]] = reached[i];
}

void JobRunner::reap(std::vector<Event>& events) {
    while (const auto zombie = find_zombie(Wait::look)) {
        const auto found = running_.find(zombie->pid);
        if (found != running_.end()) {
            end_of(*found->second, *zombie, events);
            running_.erase(found);
        }
        bury(*zombie);
    }
}

void JobRunner::end_of(AttemptEntry& entry, const Zombie& zombie, std::vector<Event>& events) {
    const AttemptKey key{entry.run, entry.attempt};
    Tree tree = tree_of(key, entry.identity.data());
    tree.main = zombie.pid;
    Event end = conclude(entry, zombie);
    // As long as the zombie exists, its number is not given to another process.
    if (const auto signalled = signalled_.find(key); signalled != signalled_.end()) {
        tree.known = std::move(signalled->second);  // also members that are no longer connected to it by a parent
        signalled_.erase(signalled);
        tree.known = members_of({tree}).front();
    }
    if (tree.known.empty()) {
        events.push_back(std::move(end));
        return;
    }
    tree.main = 0;
    lingering_.emplace(key, Lingering{std::move(end), std::move(tree)});
    next_look_ = monotonic_now() + look_every;
}

JobRunner::Event JobRunner::conclude(AttemptEntry& entry, const Zombie& zombie) {
    Event end = wire::Claimed{entry.run, entry.attempt};
    const AttemptKey key{entry.run, entry.attempt};
    (void)keep_record(key, entry.identity.data());
    if (auto known = mc::os::conclude(place_.state_dir, entry, zombie)) {
        if (idle()) next_bound_ = monotonic_now() + bound_every;
        if (!known->on_disk) not_on_disk_.insert_or_assign(key, known->ended);
        end = std::move(known->ended);
    } else if (const auto left = not_on_disk_.find(key); left != not_on_disk_.end()) {
        end = left->second;
    }
    forget(key, entry);
    table_.release(entry);
    return end;
}

MonotonicTime JobRunner::next_check() const {
    if (lingering_.empty()) return next_bound_;
    return running_.empty() && not_on_disk_.empty() ? next_look_ : std::min(next_bound_, next_look_);
}

void JobRunner::check(std::vector<Event>& events) {
    const MonotonicTime now = monotonic_now();
    if (now >= next_bound_) {
        bound_outputs();
        put_on_disk();
        next_bound_ = now + bound_every;
    }
    if (!lingering_.empty() && now >= next_look_) look_at_lingering(events);
}

void JobRunner::look_at_lingering(std::vector<Event>& events) {
    std::vector<Tree> trees;
    for (const auto& [key, left] : lingering_) trees.push_back(left.tree);
    const auto members = members_of(trees);
    std::size_t place = 0;
    for (auto it = lingering_.begin(); it != lingering_.end(); ++place) {
        if (!members[place].empty()) {
            it->second.tree.known = members[place];
            ++it;
            continue;
        }
        events.push_back(std::move(it->second.end));
        it = lingering_.erase(it);
    }
    next_look_ = monotonic_now() + look_every;
}

void JobRunner::bound_outputs() {
    for (const auto& [pid, entry] : running_) {
        const AttemptPath path = attempt_path(entry->run, entry->attempt, "output");
        struct stat status {};
        if (::fstatat(place_.state_dir, path.data(), &status, 0) != 0) continue;
        if (static_cast<std::uint64_t>(status.st_size) <= entry->max_output) continue;
        if (is_anothers(place_.state_dir, entry->run, entry->attempt, entry->ticks)) continue;
        const Descriptor file{::openat(place_.state_dir, path.data(),
                                       O_WRONLY | O_CLOEXEC | O_NONBLOCK)};  // the job may hold a lease on it
        if (file) free_middle(file.get(), entry->max_output);
    }
}

void JobRunner::put_on_disk() {
    struct stat status {};
    const bool is_there = ::fstat(place_.state_dir, &status) == 0 && status.st_nlink > 0;
    std::erase_if(not_on_disk_,
                  [&](const auto& one) { return !is_there || mc::os::put_on_disk(place_.state_dir, one.second); });
}

}  // namespace mc::os
