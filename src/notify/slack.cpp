#include "notify/slack.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "notify/text.h"
#include "notify/wording.h"

namespace mc::notify {
namespace {

constexpr std::size_t section_max = 3000;  // Slack refuses more
constexpr std::size_t text_max = 40'000;   // Slack truncates longer texts
constexpr std::size_t one_line_max = 300;  // our limit: foreign text in a message that is read on a phone
constexpr std::size_t name_max = 100;      // our limit: a job's name, so that the names of a flood fit a section
constexpr std::size_t code_max = section_max - 8;  // less the fences and their newlines
constexpr std::size_t folded_named = 3;
constexpr std::size_t behind_max = 400;  // our limit: the jobs that a flood blocks
constexpr std::size_t folded_jobs_max = 15;

std::string write(const Json& body) { return body.dump(); }

std::string foreign(std::string_view text, std::size_t limit = one_line_max) {
    return slack_escape(fit_start(clean_text(text), limit));
}

// verbatim: Slack does not turn parts of the text into links or mentions.
Json section(std::string text) {
    return {{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", std::move(text)}, {"verbatim", true}}}};
}

std::string code_block(std::string text) {
    // Three backticks would end the block, so a zero-width space separates them. That makes the text longer: it is cut
    // again afterwards.
    const std::string fence = "```", parted = "``\u200B`";
    text = fit_end(text, code_max);
    for (std::size_t at = 0; (at = text.find(fence, at)) != std::string::npos; at += parted.size() - 1)
        text.replace(at, fence.size(), parted);
    return fence + "\n" + slack_escape(fit_end(text, code_max)) + "\n" + fence;
}

// A runbook is a link or any other text, such as the name of a wiki page.
std::string runbook_text(const std::string& runbook) {
    const bool link = runbook.starts_with("https://") || runbook.starts_with("http://");
    const bool plain = runbook.find_first_of("|<> \n") == std::string::npos && runbook.size() <= 2 * one_line_max;
    return link && plain ? fmt::format("<{}|Runbook>", slack_escape(runbook)) : "Runbook: " + foreign(runbook);
}

std::string headline(const Notice& notice) {
    return fmt::format("{} *{}* {}", sign(notice.kind), foreign(shown_job(notice), name_max),
                       slack_escape(what_happened(notice)));
}

std::string retry_text(Instant at) {
    return fmt::format("next attempt at <!date^{}^{{time_secs}}|{}>", at.time_since_epoch().count(), to_string(at));
}

std::string top_section(const Notice& notice, const std::string& host) {
    std::string text = headline(notice) + "\n" + slack_escape(facts(notice, host));
    if (!notice.detail.empty()) text += "\n" + foreign(notice.detail);
    for (const std::string& remark : remarks(notice)) text += "\n" + foreign(remark);
    if (notice.retry_at) text += "\n" + retry_text(*notice.retry_at);
    return text;
}

std::string next_section(const Notice& notice) {
    std::string text;
    for (const NextCommand& next : next_commands(notice))
        text += fmt::format("{}{}: `{}`", text.empty() ? "" : "\n", next.label, foreign(next.command));
    if (!notice.runbook.empty()) text += "\n" + runbook_text(notice.runbook);
    return text;
}

Json message(std::string fallback, Json blocks) {
    return {
        {"text", std::move(fallback)}, {"blocks", std::move(blocks)}, {"unfurl_links", false}, {"unfurl_media", false}};
}

// ---- floods

// "`ingest_bars` ×12, `risk_model` ×9, and 5 other jobs"
std::string counts_by_job(const std::vector<Notice>& notices) {
    const auto sorted = counts_of_jobs(notices);
    std::string text;
    for (std::size_t i = 0; i < std::min(sorted.size(), folded_jobs_max); ++i)
        text += fmt::format("{}`{}` ×{}", i == 0 ? "" : ", ", foreign(sorted[i].first, name_max), sorted[i].second);
    if (sorted.size() > folded_jobs_max) text += fmt::format(", and {} other jobs", sorted.size() - folded_jobs_max);
    return text;
}

std::string folded_text(const std::vector<Notice>& notices, const std::string& host) {
    std::string text = fmt::format("{} *{}*{}\n", sign(gravest(notices)), counts_by_kind(notices),
                                   host.empty() ? "" : " on " + slack_escape(host));
    const std::size_t named = std::min(folded_named, notices.size());
    for (auto notice = notices.rbegin(); notice != notices.rbegin() + static_cast<std::ptrdiff_t>(named); ++notice)
        text += headline(*notice) + "\n";
    if (named < notices.size())
        text += "… " + counts_by_kind(std::span(notices).first(notices.size() - named), " more") + "\n";
    text += "Jobs: " + counts_by_job(notices);
    const std::string behind = behind_all(notices, behind_max);
    return behind.empty() ? text : text + "\n" + slack_escape(behind);
}

}  // namespace

std::string slack_body(const Notice& notice, const std::string& host) {
    if (notice.is_action) return write({{"text", fit_start(clean_text(notice.text), text_max)}});
    Json blocks = Json::array({section(top_section(notice, host))});
    if (const std::string output = output_lines(notice); !output.empty()) blocks.push_back(section(code_block(output)));
    blocks.push_back(section(next_section(notice)));
    const std::string fallback = headline(notice) + " · " + slack_escape(facts(notice, host));
    return write(message(fallback, std::move(blocks)));
}

std::string slack_plain_body(const Notice& notice, const std::string& host) {
    if (notice.is_action) return slack_body(notice, host);
    return write({{"text", slack_escape(fit_start(plain_text(notice, host), text_max))}});
}

std::string slack_folded(const std::vector<Notice>& notices, const std::string& host, bool with_blocks) {
    const std::string text = folded_text(notices, host);
    const std::string next = fmt::format("Details: `{}`", look_at_all(notices));
    if (!with_blocks) return write({{"text", text + "\n" + next}});
    const std::string fallback =
        sign(gravest(notices)) + " " + counts_by_kind(notices) + (host.empty() ? "" : " on " + slack_escape(host));
    return write(message(fallback, Json::array({section(text), section(next)})));
}

std::string slack_body(const Post& post, const std::string& host) {
    if (post.notices.size() > 1) return slack_folded(post.notices, host, !post.plain);
    return post.plain ? slack_plain_body(post.notices.front(), host) : slack_body(post.notices.front(), host);
}

}  // namespace mc::notify
