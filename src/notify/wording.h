// wording.h — the text of a notice, the same for every channel. Pure.
//
// Slack's blocks, its fallback text and the log line are made from these parts, so that they never differ.
// No part is escaped; all are clean (text.h).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/run.h"

namespace mc::notify {

// The job's name as shown to users: FILE:LINE for a crontab's job.
const std::string& shown_job(const Notice& notice);

// One sign for each kind: 🔴 failure, 🟡 retry, 🟢 success, ⏰ late, ⚪ missed, ✅ recovery, 📄 output,
// 👤 acknowledged, ☑️ closed by an operator.
std::string sign(NoticeKind kind);

// The text after the job's name: "failed for 2026-11-20", "missed 12 fires from 2026-11-16".
std::string what_happened(const Notice& notice);

// "attempt 2/3"; after a rerun or a clear, with the attempt's number in `runs`: "attempt 5, try 2 of 3".
std::string attempt_text(const Notice& notice);

// "failed (exit_code) · attempt 3/3 · took 12m31s · on desk-1"; what is unknown is left out.
std::string facts(const Notice& notice, const std::string& host);

// A label and the command to type: {"Details", "marketcron logs 17"}.
struct NextCommand {
    std::string label;
    std::string command;
};
// The most useful first.
std::vector<NextCommand> next_commands(const Notice& notice);

// More lines of facts: the jobs that the run blocks; in a reminder, since when the alert is open.
std::vector<std::string> remarks(const Notice& notice);

// The last output lines, clean, as many as a message shows; "" when nothing was printed.
std::string output_lines(const Notice& notice);

// "37 failed, 2 late"; with `more`, "37 more failed, 2 more late".
std::string counts_by_kind(std::span<const Notice> notices, std::string_view more = "");

// Each job with its number of notices, the largest number first.
std::vector<std::pair<std::string, int>> counts_of_jobs(std::span<const Notice> notices);

// "Blocked: b, c; d and 8 more; and 3 more groups of jobs": as many groups as fit into `most` bytes, or the beginning of
// the first. A group is what one failure blocks; equal groups are listed once. "" when no job is blocked.
std::string behind_all(std::span<const Notice> notices, std::size_t most);

// The kind whose sign a folded message shows: failure before missed, late, retry and all others.
NoticeKind gravest(std::span<const Notice> notices);

// The command that shows their runs.
std::string look_at_all(std::span<const Notice> notices);

// The whole notice as lines of plain text, for logs and for receivers that refuse blocks. For an action:
// its text.
std::string plain_text(const Notice& notice, const std::string& host = {});

}  // namespace mc::notify
