#include "daemon/troubles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "notify/channels.h"
#include "notify/text.h"

namespace mc::app {

namespace {

constexpr Seconds minute{60}, hour{3600}, day{86400}, week{7 * 86400};
constexpr std::size_t lines_max = 10;
constexpr std::size_t line_bytes_max = 500;

struct Kind {
    std::string_view name;
    std::string_view over;  // the message at its end, after "SUBJECT: " if there is one
    Seconds patience{0};    // how long it must last before it is sent
    bool logged = true;     // by this file; else the code that finds it writes to the log
};

// In the order of TroubleKind.
constexpr std::array kinds{
    Kind{"ledger", "the ledger can be written again"},
    Kind{"disk", "there is enough room again"},
    Kind{"keeper", "jobs can start again"},
    Kind{"full", "the machine has room again"},
    Kind{"clock", "the clock is right again"},
    Kind{"configuration", "the configuration is loaded", Seconds{0}, false},
    Kind{"calendars", "covered again", Seconds{0}, false},
    Kind{"crontabs", "it is read again, or was removed", Seconds{0}, false},
    Kind{"other_cron", "no other cron daemon runs; the crontabs are run again"},
    Kind{"outbox", "messages are delivered again", minute, false},
    Kind{"identity", "resolved"},
    Kind{"records", "the records of all runs can be read again"},
    Kind{"output", "resolved"},
    Kind{"log", "the log can be written again", Seconds{0}, false},
    Kind{"socket", "the control socket is there again"},
    Kind{"internal", "resolved"},
};
static_assert(kinds.size() == static_cast<std::size_t>(TroubleKind::internal) + 1);

const Kind& row(TroubleKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    check(index < kinds.size(), "an enum holds one of its enumerators");
    return kinds[index];
}

// The pause after the latest message about a trouble that lasts.
Seconds pause_after(TroubleKind kind, int reminders) {
    if (kind == TroubleKind::calendars) return week;
    if (reminders == 0) return hour;
    if (reminders == 1) return 3 * hour;
    if (reminders == 2) return 20 * hour;
    return day;
}

std::string over_text(const Trouble& trouble) {
    if (trouble.kind == TroubleKind::full && trouble.about == "output")
        return "the output of runs is masked and copied again";
    const std::string about = trouble.about.empty() ? "" : trouble.about + ": ";
    return about + std::string(row(trouble.kind).over);
}

}  // namespace

std::string_view to_text(TroubleKind kind) { return row(kind).name; }

Troubles::Entry& Troubles::renew(TroubleKind kind, const std::string& about, Now now) {
    const auto [found, fresh] = entries_.try_emplace({kind, about});
    Entry& entry = found->second;
    if (!fresh) return entry;
    entry.trouble.kind = kind;
    entry.trouble.about = about;
    entry.trouble.since = now.wall;
    entry.trouble.times = 0;
    entry.begun = now.up;
    return entry;
}

void Troubles::begin(TroubleKind kind, const std::string& about, const std::string& text, Now now) {
    Entry& entry = renew(kind, about, now);
    const bool begins = entry.trouble.times == 0 || entry.ended;
    if (entry.ended) entry.calm = std::min(2 * entry.calm, hour);
    if (begins) ++entry.trouble.times;
    entry.ended.reset();
    entry.is_event = false;
    const bool is_new = text != entry.logged && now.up - entry.logged_at >= Seconds{60};
    if ((begins || is_new) && row(kind).logged) {
        log_("TROUBLE: " + text);
        entry.logged = text;
        entry.logged_at = now.up;
    }
    entry.trouble.text = text;
}

void Troubles::end(TroubleKind kind, const std::string& about, Now now) {
    const auto found = entries_.find({kind, about});
    if (found == entries_.end() || found->second.ended || found->second.is_event) return;
    found->second.ended = now.up;
    if (row(kind).logged) log_(over_text(found->second.trouble));
}

void Troubles::set(TroubleKind kind, const std::string& about, const std::string& text, Now now) {
    if (text.empty()) end(kind, about, now);
    else begin(kind, about, text, now);
}

void Troubles::set_all(TroubleKind kind, const std::map<std::string, std::string>& texts, Now now) {
    for (const auto& [key, entry] : entries_)
        if (key.first == kind && !entry.is_event && !texts.contains(key.second)) end(kind, key.second, now);
    for (const auto& [about, text] : texts) begin(kind, about, text, now);
}

void Troubles::happened(TroubleKind kind, const std::string& about, const std::string& text, Now now) {
    Entry& entry = renew(kind, about, now);
    entry.is_event = true;
    ++entry.trouble.times;
    entry.trouble.text = text;
    if (row(kind).logged) log_("TROUBLE: " + text);
}

std::vector<Trouble> Troubles::list() const {
    std::vector<Trouble> all;
    for (const auto& [key, entry] : entries_)
        if (!entry.ended) all.push_back(entry.trouble);
    return all;
}

bool Troubles::lasts(TroubleKind kind) const {
    return std::any_of(entries_.begin(), entries_.end(), [kind](const auto& entry) {
        return entry.first.first == kind && !entry.second.ended && !entry.second.is_event;
    });
}

// When the entry is to be sent next, or removed.
std::optional<Seconds> Troubles::due(const Entry& entry) const {
    if (entry.is_event && !has_targets_) return entry.begun + hour;
    if (entry.is_event) return entry.sent ? *entry.sent + hour : entry.begun;
    if (entry.ended) return *entry.ended + entry.calm;
    if (!has_targets_) return std::nullopt;
    if (!entry.sent) return entry.begun + row(entry.trouble.kind).patience;
    return *entry.sent + pause_after(entry.trouble.kind, entry.reminders);
}

std::optional<Seconds> Troubles::next() const {
    std::optional<Seconds> first;
    for (const auto& [key, entry] : entries_)
        if (const auto when = due(entry); when && (!first || *when < *first)) first = when;
    return first;
}

std::vector<Troubles::Line> Troubles::take_lines(Now now) {
    std::vector<Line> lines;
    for (auto it = entries_.begin(); it != entries_.end();) {
        Entry& entry = it->second;
        if (const auto when = due(entry); !when || *when > now.up) {
            ++it;
            continue;
        }
        const bool is_old_event = entry.is_event && (!has_targets_ || entry.sent_times == entry.trouble.times);
        const bool over = is_old_event || entry.ended.has_value();
        if (over) {
            if (entry.sent && !entry.is_event) lines.push_back({Word::end, entry.trouble, *entry.ended - entry.begun});
            it = entries_.erase(it);
            continue;
        }
        lines.push_back({entry.sent ? Word::reminder : Word::beginning, entry.trouble, now.up - entry.begun});
        if (entry.is_event) lines.back().trouble.times -= entry.sent_times;
        if (entry.sent) ++entry.reminders;
        entry.sent = now.up;
        entry.sent_times = entry.trouble.times;
        ++it;
    }
    // Beginnings and reminders come before ends.
    std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.word < b.word; });
    return lines;
}

std::string Troubles::text_of(const Line& line) {
    const Trouble& trouble = line.trouble;
    const std::string times = trouble.times == 1 ? "" : fmt::format(" ({} times)", trouble.times);
    switch (line.word) {
        case Word::beginning: return fmt::format("🔴 TROUBLE: {}{}", trouble.text, times);
        case Word::reminder:
            return fmt::format("🔴 TROUBLE since {}: {}{}", to_string(trouble.since), trouble.text, times);
        case Word::end: return fmt::format("✅ {}, after {}{}", over_text(trouble), duration_text(line.lasted), times);
    }
    return {};
}

std::vector<TroubleMessage> Troubles::take_messages(const std::vector<std::string>& targets, const std::string& host,
                                                    Now now) {
    has_targets_ = !targets.empty();
    const std::vector<Line> lines = take_lines(now);
    std::vector<TroubleMessage> messages;
    for (const std::string& target : std::set<std::string>(targets.begin(), targets.end())) {
        std::vector<const Line*> theirs;
        for (const Line& line : lines)
            if (line.word == Word::end || line.trouble.about != target) theirs.push_back(&line);
        if (theirs.empty()) continue;
        const notify::ChannelKind* kind = notify::kind_of(target);
        if (!kind) continue;
        const bool any_lasts = std::any_of(entries_.begin(), entries_.end(), [&](const auto& entry) {
            return !entry.second.ended && !entry.second.is_event && entry.first.second != target;
        });
        const bool is_over = theirs.front()->word == Word::end && !(kind->opens_incidents() && any_lasts);
        TroubleMessage message{target, is_over ? "resolved" : "TROUBLE", {}};
        message.text = fmt::format("marketcron on {}:", kind->own_text(host));
        for (std::size_t i = 0; i < std::min(theirs.size(), lines_max); ++i) {
            const std::string text = notify::clean_text(text_of(*theirs[i]));
            const std::string shown = notify::fit_start(text, line_bytes_max);
            message.text += "\n" + kind->own_text(shown);
        }
        if (theirs.size() > lines_max) message.text += fmt::format("\n… and {} more", theirs.size() - lines_max);
        message.text += "\nDetails: " + kind->own_command("marketcron status");
        messages.push_back(std::move(message));
    }
    return messages;
}

}  // namespace mc::app
