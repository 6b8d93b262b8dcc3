// text.h — a job's output and other foreign text, made fit to be shown in a message. Pure.
//
// Lengths are bytes as Slack will receive them, escaped; since no character is shorter than a byte, text
// that fits in bytes fits in Slack's characters.
#pragma once

#include <string>
#include <string_view>

namespace mc::notify {

// What a terminal would have shown: valid UTF-8 (what is not becomes U+FFFD), without escape sequences and
// control characters but tab and newline; a line rewritten by carriage returns keeps its last form.
std::string clean_text(std::string_view raw);

// & < > as entities, the three characters that mean something to Slack.
std::string slack_escape(std::string_view text);

// The longest start, or end, of clean text whose escaped form has at most `limit` bytes; what was cut away
// leaves "…", which is counted.
std::string fit_start(std::string_view text, std::size_t limit);
std::string fit_end(std::string_view text, std::size_t limit);

// The last `count` lines, without blank lines before and after them.
std::string last_lines(std::string_view text, std::size_t count);

}  // namespace mc::notify
