// text.h — cleans and cuts a job's output and other foreign text for a message. Pure.
//
// Lengths are bytes of the escaped text, as Slack receives it. A character has at least one byte, so text that
// fits a limit in bytes also fits Slack's limit in characters.
#pragma once

#include <string>
#include <string_view>

namespace mc::notify {

// The text as a terminal would show it: valid UTF-8 (invalid bytes become U+FFFD), without escape sequences and
// control characters except tab and newline; of a line rewritten with carriage returns only the last version.
std::string clean_text(std::string_view raw);

// & < > as entities: the three characters that are markup for Slack.
std::string slack_escape(std::string_view text);

// The longest start, or end, of clean text whose escaped form has at most `limit` bytes. "…" marks a cut and is
// included in the limit.
std::string fit_start(std::string_view text, std::size_t limit);
std::string fit_end(std::string_view text, std::size_t limit);

// The last `count` lines, without blank lines before and after them.
std::string last_lines(std::string_view text, std::size_t count);

}  // namespace mc::notify
