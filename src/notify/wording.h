// wording.h — what a notice says, in words, whatever carries it. Pure.
//
// Slack's blocks, its fallback text and the log line are made of these parts, so that they never differ.
// No part is escaped; all are clean (text.h).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/run.h"

namespace mc::notify {

// What people know the job by: FILE:LINE of a crontab's.
const std::string& shown_job(const Notice& notice);

// One sign a kind, for the eye at 3 a.m.: 🔴 failure, 🟡 retry, 🟢 success, ⏰ late, ⚪ missed, ✅ recovery, 📄 output,
// 👤 acknowledged, ☑️ closed by a person.
std::string sign(NoticeKind kind);

// After the job's name: "failed for 2026-11-20", "missed 12 fires from 2026-11-16".
std::string what_happened(const Notice& notice);

// "attempt 2/3"; after a rerun or a clear with the number that `runs` shows: "attempt 5, try 2 of 3".
std::string attempt_text(const Notice& notice);

// "failed (exit_code) · attempt 3/3 · took 12m31s · on desk-1"; what is unknown is left out.
std::string facts(const Notice& notice, const std::string& host);

// A label and what to type, the most useful first: {"Look", "marketcron logs 17"}.
struct NextCommand {
    std::string label;
    std::string command;
};
std::vector<NextCommand> next_commands(const Notice& notice);

// More lines of facts: who did not run because of it, since when an alert that is told again is open.
std::vector<std::string> remarks(const Notice& notice);

// The last output lines, clean, as many as a message shows; "" when nothing was printed.
std::string output_lines(const Notice& notice);

// "37 failed, 2 late"; with `more`, "37 more failed, 2 more late".
std::string counts_by_kind(std::span<const Notice> notices, std::string_view more = "");

// Each job of these with how many are its own, the largest number first.
std::vector<std::pair<std::string, int>> counts_of_jobs(std::span<const Notice> notices);

// "did not run because of these: b, c; d and 8 more", for as many as fit into about so many bytes; "" when none did.
std::string behind_all(std::span<const Notice> notices, std::size_t most);

// The kind that gives the sign of many: failures before all others.
NoticeKind gravest(std::span<const Notice> notices);

// What to type to see them in the ledger.
std::string look_at_all(std::span<const Notice> notices);

// The whole notice as lines of plain text, for logs and for receivers that refuse blocks. Of an action:
// its text.
std::string plain_text(const Notice& notice, const std::string& host = {});

}  // namespace mc::notify
