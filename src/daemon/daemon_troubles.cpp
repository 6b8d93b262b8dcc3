// daemon_troubles.cpp — what the daemon reports of itself: collected from its parts after each step.
#include <fmt/format.h>

#include "daemon/daemon.h"

namespace mc::app {

namespace {

std::map<std::string, std::string> start_troubles(const Engine& engine) {
    std::map<std::string, std::string> texts = engine.start_troubles();
    for (auto& [job, text] : texts)
        text = fmt::format("{}{}: {}; the runs wait and are tried again, and nothing is lost", job,
                           job.empty() ? "no job can start" : " cannot start", text);
    return texts;
}

}  // namespace

void Daemon::look_for_shortages(Now now) {
    const std::string unwatched =
        unwatched_.empty()
            ? ""
            : fmt::format(
                  "the kernel cannot watch all descriptors of the daemon: {}; their events (answers, ends of "
                  "commands) come late; the daemon tries again every second; see fs.epoll.max_user_watches",
                  unwatched_);
    const Engine* engine = shell_.engine_or_null();
    if (!engine) return troubles_.set(TroubleKind::full, "descriptors", unwatched, now);
    auto texts = start_troubles(*engine);
    if (!unwatched.empty()) texts["descriptors"] = unwatched;
    if (!sealing_.trouble().empty()) texts["output"] = sealing_.trouble();
    troubles_.set_all(TroubleKind::full, texts, now);
}

void Daemon::look_for_troubles() {
    shell_.look_aside();
    const Now now = this->now();
    const auto sentence = [](const char* what, const std::string& cause, const char* rest) {
        return cause.empty() ? "" : fmt::format("{}: {}; {}", what, cause, rest);
    };
    const std::string no_ledger = shell_.ledger_trouble();
    troubles_.set(
        TroubleKind::ledger, "",
        no_ledger.empty() ? "" : no_ledger + "; no run starts until it can be used again, and nothing is lost", now);
    const std::string no_keeper =
        sentence("no job can start", shell_.keeper_trouble(), "the daemon tries again, and nothing is lost");
    troubles_.set(TroubleKind::keeper, "", no_keeper.empty() ? shell_.keeper_silence() : no_keeper, now);
    // Without an engine the unfinished runs are not known.
    if (shell_.engine_or_null()) troubles_.set(TroubleKind::records, "", shell_.record_trouble(), now);
    look_for_shortages(now);
    troubles_.set(TroubleKind::log, "", log_watch_.trouble(), now);
    troubles_.set_all(TroubleKind::outbox, outbox_sender_.troubles(), now);
    health_.look(now);
    teller_.run();
}

void Daemon::other_cron(const std::string& who) {
    const std::string text =
        who.empty() ? ""
                    : who +
                          " runs the crontabs too: their lines are skipped, because each would run twice; stop it, for "
                          "example with `systemctl disable --now cron`";
    troubles_.set(TroubleKind::other_cron, "", text, now());
    shell_.other_cron(who);
    if (shell_.loaded()) after_step();
}

}  // namespace mc::app
