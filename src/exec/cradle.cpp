#include "exec/cradle.h"

#include <sched.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <csignal>

#include "exec/raw_call.h"

namespace mc::os {

namespace {

constexpr std::size_t page = 65536;  // the largest page size
constexpr std::size_t stack_bytes = page;
constexpr std::size_t cradle_bytes = page + stack_bytes;  // below each stack is an inaccessible page

// The address sanitizer keeps data about every stack, also that of a child that has left; the thread sanitizer takes
// the child for the thread that created it, so that both would write that thread's data.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool shareable = false;
#else
constexpr bool shareable = raw_calls;
#endif

int run(void* child) { return run_child(*static_cast<Child*>(child)); }

std::byte* make_stacks() {
    if (!shareable) return nullptr;
    void* all = ::mmap(nullptr, Cradles::capacity * cradle_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) return nullptr;
    auto* stacks = static_cast<std::byte*>(all);
    for (std::size_t i = 0; i < Cradles::capacity; ++i)
        ::mprotect(stacks + i * cradle_bytes + page, stack_bytes, PROT_READ | PROT_WRITE);
    return stacks;
}

}  // namespace

struct Cradles::Cradle {
    Child child;
    // Set by us; the kernel clears it when the child has left our memory, by exec or exit.
    std::atomic<pid_t> taken = 0;
    static_assert(sizeof taken == sizeof(pid_t));
};

Cradles::Cradles() : cradles_(std::make_unique<std::array<Cradle, capacity>>()), stacks_(make_stacks()) {}

Cradles::~Cradles() {
    if (stacks_ != nullptr) ::munmap(stacks_, capacity * cradle_bytes);
}

Child* Cradles::free() {
    if (stacks_ == nullptr) return nullptr;
    const auto found =
        std::find_if(cradles_->begin(), cradles_->end(), [](const Cradle& one) { return one.taken == 0; });
    return found == cradles_->end() ? nullptr : &found->child;
}

pid_t Cradles::start(Child& child) {
    const auto cradle =
        std::find_if(cradles_->begin(), cradles_->end(), [&](const Cradle& one) { return &one.child == &child; });
    const auto place = static_cast<std::size_t>(cradle - cradles_->begin());
    std::byte* stack_top = stacks_ + (place + 1) * cradle_bytes;
    cradle->taken = 1;
    const pid_t pid =
        ::clone(run, stack_top, CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD, &child, nullptr, nullptr, &cradle->taken);
    if (pid < 0) cradle->taken = 0;
    return pid;
}

}  // namespace mc::os
