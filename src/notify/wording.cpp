#include "notify/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "notify/text.h"

namespace mc::notify {
namespace {

constexpr std::size_t output_lines_max = 20;

std::string verb_of_failure(State state) {
    switch (state) {
        case State::timed_out: return "timed out";
        case State::killed: return "was killed";
        case State::lost: return "is lost";
        case State::upstream_failed: return "did not run";
        case State::missed: return "was missed";
        case State::skipped: return "was skipped";
        case State::scheduled:
        case State::waiting:
        case State::queued:
        case State::running:
        case State::retrying:
        case State::success:
        case State::failed: return "failed";
    }
    return {};
}

std::string verb(const Notice& notice) {
    switch (notice.kind) {
        case NoticeKind::failure:
        case NoticeKind::retry: return verb_of_failure(notice.state);
        case NoticeKind::success: return "succeeded";
        case NoticeKind::late: return "is late";
        case NoticeKind::missed: return "was missed";
        case NoticeKind::recovery: return notice.state == State::skipped ? "resolved: skipped" : "recovered";
        case NoticeKind::output: return "printed output";
        case NoticeKind::acked: return "alert acknowledged";
        case NoticeKind::closed: return "alert closed";
    }
    return {};
}

std::string counted_word(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::failure: return "failed";
        case NoticeKind::retry: return "to be retried";
        case NoticeKind::success: return "succeeded";
        case NoticeKind::late: return "late";
        case NoticeKind::missed: return "missed";
        case NoticeKind::recovery: return "recovered";
        case NoticeKind::output: return "printed output";
        case NoticeKind::acked: return "acknowledged";
        case NoticeKind::closed: return "closed";
    }
    return {};
}

}  // namespace

const std::string& shown_job(const Notice& notice) { return notice.title.empty() ? notice.job : notice.title; }

std::string sign(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::failure: return "🔴";
        case NoticeKind::retry: return "🟡";
        case NoticeKind::success: return "🟢";
        case NoticeKind::late: return "⏰";
        case NoticeKind::missed: return "⚪";
        case NoticeKind::recovery: return "✅";
        case NoticeKind::output: return "📄";
        case NoticeKind::acked: return "👤";
        case NoticeKind::closed: return "☑️";
    }
    return {};
}

std::string what_happened(const Notice& notice) {
    const bool several = notice.fires > 1;
    std::string text = several ? fmt::format("missed {} fires", notice.fires) : verb(notice);
    if (!notice.logical_date.empty()) text += (several ? " from " : " for ") + notice.logical_date;
    if (notice.kind == NoticeKind::retry) text += ", will be retried";
    if (notice.open_since) text += "; the alert is still open";
    return text;
}

std::string attempt_text(const Notice& notice) {
    if (notice.attempt_number <= notice.attempt) return fmt::format("attempt {}/{}", notice.attempt, notice.attempts);
    return fmt::format("attempt {}, try {} of {}", notice.attempt_number, notice.attempt, notice.attempts);
}

std::string facts(const Notice& notice, const std::string& host) {
    std::string text(to_text(notice.state));
    if (notice.reason != Reason::none) text += fmt::format(" ({})", to_text(notice.reason));
    if (notice.attempt > 0) text += " · " + attempt_text(notice);
    if (notice.duration) text += " · took " + duration_text(*notice.duration);
    if (!host.empty()) text += " · on " + host;
    return text;
}

std::vector<NextCommand> next_commands(const Notice& notice) {
    std::string why = "marketcron why " + shown_job(notice);
    if (!notice.logical_date.empty()) why += " " + notice.logical_date;
    const bool has_output = notice.run && notice.attempt > 0;
    const std::string look = has_output ? fmt::format("marketcron logs {}", *notice.run) : why;
    const std::string backfill =
        fmt::format("marketcron backfill {0} --from {1} --to {1}", shown_job(notice), notice.logical_date);
    const std::string rerun = fmt::format("marketcron rerun {}", notice.run.value_or(0));
    // A shared row has only its first date, and a guessed range would run too much or too little.
    const bool one_date = !notice.logical_date.empty() && notice.fires == 1;
    std::vector<NextCommand> commands;
    switch (notice.kind) {
        case NoticeKind::failure:
            commands.push_back({"Details", look});
            if (notice.run && notice.fires == 1) commands.push_back({"Rerun", rerun});
            break;
        case NoticeKind::missed:
            commands.push_back({"Why", why});
            // A backfill would also run the other fires of that date, but it ignores not_after.
            if (one_date)
                commands.push_back({"Run it", notice.reason == Reason::too_late || !notice.run ? backfill : rerun});
            break;
        case NoticeKind::late: commands.push_back({"Why", why}); break;
        case NoticeKind::retry:
        case NoticeKind::success:
        case NoticeKind::recovery:
        case NoticeKind::output:
        case NoticeKind::acked:
        case NoticeKind::closed: return {{"Details", look}};
    }
    if (notice.open_since)
        commands.push_back({"Stop reminders", fmt::format("marketcron alerts ack {} --reason WHY", notice.alert)});
    return commands;
}

std::vector<std::string> remarks(const Notice& notice) {
    std::vector<std::string> lines;
    if (!notice.behind.empty()) lines.push_back("Blocks: " + notice.behind);
    if (notice.open_since && notice.alert_runs > 1)
        lines.push_back(
            fmt::format("{} runs in this alert since {}", notice.alert_runs, to_string(*notice.open_since)));
    else if (notice.open_since) lines.push_back("open since " + to_string(*notice.open_since));
    return lines;
}

std::string output_lines(const Notice& notice) { return last_lines(clean_text(notice.tail), output_lines_max); }

std::string counts_by_kind(std::span<const Notice> notices, std::string_view more) {
    std::map<NoticeKind, int> counts;
    for (const Notice& notice : notices) ++counts[notice.kind];
    std::string text;
    for (const auto& [kind, count] : counts)
        text += fmt::format("{}{}{} {}", text.empty() ? "" : ", ", count, more, counted_word(kind));
    return text;
}

std::vector<std::pair<std::string, int>> counts_of_jobs(std::span<const Notice> notices) {
    std::map<std::string, int> counts;
    for (const Notice& notice : notices) ++counts[shown_job(notice)];
    std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    return sorted;
}

std::string behind_all(std::span<const Notice> notices, std::size_t most) {
    std::set<std::string> all;
    for (const Notice& notice : notices)
        if (!notice.behind.empty()) all.insert(clean_text(notice.behind));
    std::string text;
    std::size_t left = all.size();
    for (const std::string& behind : all) {
        const std::string_view before = text.empty() ? "Blocked: " : "; ";
        if (!text.empty() && text.size() + before.size() + behind.size() > most) break;
        text.append(before).append(fit_start(behind, most));
        --left;
    }
    if (left > 0) text += fmt::format("; and {} more groups of jobs", left);
    return text;
}

NoticeKind gravest(std::span<const Notice> notices) {
    constexpr NoticeKind by_weight[] = {NoticeKind::failure, NoticeKind::missed, NoticeKind::late, NoticeKind::retry};
    for (const NoticeKind kind : by_weight)
        for (const Notice& notice : notices)
            if (notice.kind == kind) return kind;
    return notices.front().kind;
}

std::string look_at_all(std::span<const Notice> notices) {
    const State state = notices.front().state;
    const bool same = std::all_of(notices.begin(), notices.end(), [&](const Notice& n) { return n.state == state; });
    const std::string filter = same ? fmt::format(" --state {}", to_text(state)) : "";
    return fmt::format("marketcron runs{} -n {}", filter, notices.size());
}

std::string plain_text(const Notice& notice, const std::string& host) {
    if (notice.is_action) return clean_text(notice.text);
    std::string text =
        fmt::format("{} {} {}\n{}", sign(notice.kind), shown_job(notice), what_happened(notice), facts(notice, host));
    if (!notice.detail.empty()) text += "\n" + clean_text(notice.detail);
    for (const std::string& remark : remarks(notice)) text += "\n" + clean_text(remark);
    if (notice.retry_at) text += "\nnext attempt at " + to_string(*notice.retry_at);
    if (const std::string output = output_lines(notice); !output.empty()) text += "\n\n" + output + "\n";
    for (const NextCommand& next : next_commands(notice)) text += fmt::format("\n{}: {}", next.label, next.command);
    if (!notice.runbook.empty()) text += "\nRunbook: " + clean_text(notice.runbook);
    return text;
}

}  // namespace mc::notify
