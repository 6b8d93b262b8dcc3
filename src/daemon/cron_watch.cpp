#include "daemon/cron_watch.h"

#include <chrono>

namespace mc::app {

namespace {

constexpr std::chrono::milliseconds looked_ahead{250}, looked_lately{1000};

}  // namespace

CronWatch::CronWatch(os::EventLoop& loop, Changed changed)
    : loop_(loop),
      changed_(std::move(changed)),
      timer_(loop, looked_ahead, [this] { look(); }),
      run_watch_(loop, [this] { look_at_pid_files(); }) {}

void CronWatch::use(const Plan& plan) {
    shares_ = shares_tables(plan);
    lines_changed();
    // If /run cannot be watched, the check before the next line is enough.
    (void)run_watch_.watch(shares_ ? std::vector<std::string>{"/run"} : std::vector<std::string>{});
    look();
}

void CronWatch::arm(const std::function<std::optional<Instant>()>& next_line) {
    if (!shares_) return timer_.arm(std::nullopt);
    if (due_ && *due_ > os::instant_now() + Seconds{1}) return;
    due_ = next_line();
    timer_.arm(due_);
}

// After a suspend, or after the wall clock was set, the check ahead of the instant has not happened.
void CronWatch::instant_comes() {
    if (!shares_ || !due_ || *due_ > os::instant_now() + Seconds{1}) return;
    if (os::monotonic_now() - looked_ > looked_lately) look();
    else look_at_pid_files();
}

void CronWatch::look() {
    found(shares_ ? os::other_cron() : std::nullopt);
    looked_ = os::monotonic_now();
}

void CronWatch::look_at_pid_files() {
    if (!shares_ || !who_.empty()) return;
    if (const auto other = os::other_cron_by_pid_file()) found(other);
}

void CronWatch::found(const std::optional<os::CronProcess>& other) {
    const std::string who = other ? other->text() : "";
    if (who == who_) return;
    who_ = who;
    ended_ = {};
    process_ = other ? os::process_descriptor(other->pid) : os::Descriptor{};
    if (process_) ended_ = loop_.readable(process_.get(), [this] { look(); });
    changed_(who_);
}

}  // namespace mc::app
