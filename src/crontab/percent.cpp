#include "crontab/percent.h"

namespace mc {

namespace {

// Before the first `%`, backslashes come in pairs: in `\\%` the second one does not escape the `%`.
std::size_t take_command(std::string_view text, std::string& command) {
    std::size_t at = 0;
    for (; at < text.size() && text[at] != '%'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) {
            if (text[at + 1] != '%') command += '\\';
            ++at;
        }
        command += text[at];
    }
    return at;
}

// After it they do not: in `\\%` the second one escapes the `%`.
std::string input_of(std::string_view text) {
    std::string input;
    bool escaped = false;
    for (const char c : text) {
        if (escaped && c != '%') input += '\\';
        const bool newline = !escaped && c == '%';
        escaped = c == '\\';
        if (!escaped) input += newline ? '\n' : c;
    }
    if (escaped) input += '\\';
    if (!input.empty() && input.back() != '\n') input += '\n';
    return input;
}

}  // namespace

CommandText split_at_percent(std::string_view text) {
    CommandText parts;
    const std::size_t end = take_command(text, parts.command);
    if (end + 1 < text.size()) parts.stdin_text = input_of(text.substr(end + 1));
    return parts;
}

}  // namespace mc
