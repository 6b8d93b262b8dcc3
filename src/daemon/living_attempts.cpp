#include "daemon/living_attempts.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>

#include "exec/attempt_scan.h"
#include "exec/kept_elsewhere.h"
#include "exec/process_tree.h"
#include "os/files.h"
#include "os/user.h"

namespace mc::app {

namespace {

std::optional<os::AttemptId> attempt_named(std::string_view text) {
    os::AttemptId id;
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view run = text.substr(0, dot), attempt = text.substr(std::min(dot + 1, text.size()));
    const auto read = [](std::string_view digits, auto& number) {
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        return !digits.empty() && error == std::errc{} && end == digits.data() + digits.size() && number > 0;
    };
    if (!read(run, id.run) || !read(attempt, id.attempt)) return std::nullopt;
    return id;
}

bool is_believed(const os::Marked& process, const Run& run, const Plan& plan, os::Users& users) {
    if (process.user == ::geteuid()) return true;
    const auto job = plan.jobs.find(run.job);
    if (job == plan.jobs.end() || job->second.user.empty() || job->second.user != run.user) return false;
    const Result<os::User>& user = users.named(run.user);
    return user && user->uid == process.user;
}

}  // namespace

void record_living(const std::string& state, const std::string& ledger, Home home, const Plan& plan) {
    os::Users users(os::current_user());
    const std::string place = os::file_identity(state);
    std::error_code error;
    const std::string path = std::filesystem::canonical(state, error).string();
    for (const os::Marked& one : os::marked_processes()) {
        const auto id = attempt_named(one.mark.attempt);
        if (!id || one.owner.empty() || one.process.pid != one.mark.main) continue;
        const auto owner = read_owner(one.owner, *id);
        const bool is_here = one.mark.place == place;
        const bool may_come = home != Home::same && owner && owner->ledger == ledger;
        const bool was_here = os::was_kept_in(one.process, path);
        if (!owner || (!is_here && !may_come && !was_here) || os::is_kept_elsewhere(one.process, place)) continue;
        if (!is_believed(one, owner->run, plan, users)) continue;
        const os::AttemptState files = os::attempt_state(state, id->run, id->attempt);
        if (files.kind == os::AttemptState::Kind::absent || files.kind == os::AttemptState::Kind::garbled)
            os::record_attempt(state, *id, one.process, one.owner);
    }
}

}  // namespace mc::app
