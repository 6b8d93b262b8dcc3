#include "crontab/lift.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

namespace mc {

namespace {

constexpr std::int64_t duration_most =
    10'000;  // in any unit: the configuration accepts it, and real values are smaller

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// Whether the shell would see one simple command: no `;`, `|`, `&`, bracket or newline outside quotes, except the `&`
// of a redirection.
bool is_simple(std::string_view text) {
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (quote == '"' && c == '\\') ++i;
            if (c == quote) quote = 0;
            continue;
        }
        if (c == '\\') {
            ++i;
            continue;
        }
        if (c == '\'' || c == '"') quote = c;
        const bool redirected = c == '&' && i > 0 && text[i - 1] == '>';
        if (!redirected && std::string_view(";|&()\n`").find(c) != std::string_view::npos) return false;
        if (c == '$' && i + 1 < text.size() && text[i + 1] == '(') return false;
    }
    return quote == 0;
}

// A word without special meaning to the shell.
bool is_plain(std::string_view word) {
    return !word.empty() && word.find_first_of("\"'\\$`*?[]{}()<>|&;#~!= \t") == std::string_view::npos;
}

struct Words {
    std::string_view rest;
    std::string_view next() {
        rest = trimmed(rest);
        std::size_t end = 0;
        while (end < rest.size() && !is_blank(rest[end])) ++end;
        const std::string_view word = rest.substr(0, end);
        rest.remove_prefix(end);
        rest = trimmed(rest);
        return word;
    }
};

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool take_cd(LiftedCommand& lifted) {
    Words words{lifted.command};
    if (words.next() != "cd") return false;
    const std::string directory(words.next());
    if (!is_plain(directory) || directory.front() != '/' || words.next() != "&&" || !is_simple(words.rest))
        return false;
    lifted.cwd = directory;
    lifted.command = std::string(words.rest);
    return true;
}

bool take_flock(LiftedCommand& lifted) {
    Words words{lifted.command};
    if (base_name(words.next()) != "flock") return false;
    const std::string_view option = words.next();
    if (option != "-n" && option != "--nonblock" && option != "-xn" && option != "-nx") return false;
    const std::string lock(words.next());
    if (!is_plain(lock) || words.rest.empty() || words.rest.starts_with('-') || !is_simple(words.rest)) return false;
    lifted.lock = lock;
    lifted.command = std::string(words.rest);
    return true;
}

// "90", "90s", "5m", "2h", "1d" as a duration of the configuration; "" for any other text.
std::string duration(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    const bool known = unit.empty() || unit == "s" || unit == "m" || unit == "h" || unit == "d";
    if (error != std::errc{} || number <= 0 || number > duration_most || !known) return "";
    return fmt::format("{}{}", number, unit.empty() ? "s" : unit);
}

bool take_timeout(LiftedCommand& lifted) {
    Words words{lifted.command};
    if (base_name(words.next()) != "timeout") return false;
    std::string_view word = words.next();
    std::string kill_after;
    if (word == "-k") {
        kill_after = duration(words.next());
        if (kill_after.empty()) return false;
        word = words.next();
    }
    const std::string limit = duration(word);
    if (limit.empty() || words.rest.empty() || !is_simple(words.rest)) return false;
    lifted.timeout = limit;
    lifted.kill_after = kill_after;
    lifted.command = std::string(words.rest);
    return true;
}

bool take_nice(LiftedCommand& lifted) {
    Words words{lifted.command};
    if (base_name(words.next()) != "nice") return false;
    int value = 10;
    std::string_view rest = words.rest;
    std::string_view word = words.next();
    if (word == "-n") word = words.next();
    else if (word.starts_with("-n")) word.remove_prefix(2);
    else if (word.starts_with('-')) word.remove_prefix(1);
    else word = {};
    if (!word.empty()) {
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (error != std::errc{} || end != word.data() + word.size() || value < -20 || value > 19) return false;
        rest = words.rest;
    }
    if (rest.empty() || !is_simple(rest)) return false;
    lifted.nice = value;
    lifted.command = std::string(rest);
    return true;
}

void take_silence(LiftedCommand& lifted) {
    if (!is_simple(lifted.command)) return;
    for (const std::string_view tail : {">/dev/null 2>&1", "> /dev/null 2>&1", "1>/dev/null 2>&1", ">>/dev/null 2>&1",
                                        ">> /dev/null 2>&1", ">/dev/null 2>/dev/null", "> /dev/null 2> /dev/null"}) {
        const std::string_view command = lifted.command;
        // A redirection may begin before the tail, as in `2>`, `&>`, `>>`.
        if (!command.ends_with(tail) || command.size() == tail.size()) continue;
        if (!is_blank(command[command.size() - tail.size() - 1])) continue;
        lifted.command = std::string(trimmed(command.substr(0, command.size() - tail.size())));
        lifted.silent = true;
        return;
    }
}

// "is_trading_day && load": users' own wrappers for what `when` does.
void remark_market_test(LiftedCommand& lifted) {
    const std::string_view command = lifted.command;
    const auto end = command.find("&&");
    if (end == std::string_view::npos || !tests_market(command.substr(0, end))) return;
    lifted.remarks.push_back(
        fmt::format("`{}`: calendar = \"XNYS\" (see marketcron calendar list) and when = \"session\" do the same",
                    trimmed(command.substr(0, end))));
}

}  // namespace

bool tests_market(std::string_view words) {
    for (const std::string_view part : {"trading_day", "trading-day", "tradingday", "business_day", "business-day",
                                        "market_day", "market_open", "market-open", "is_open", "holiday"})
        if (words.find(part) != std::string_view::npos) return true;
    return false;
}

LiftedCommand lift_wrappers(const std::string& command) {
    LiftedCommand lifted;
    lifted.command = command;
    // Each at most once, in any order.
    std::vector<bool (*)(LiftedCommand&)> wrappers{take_cd, take_flock, take_timeout, take_nice};
    for (bool found = true; found;) {
        found = false;
        for (auto wrapper = wrappers.begin(); wrapper != wrappers.end(); ++wrapper) {
            if (!(*wrapper)(lifted)) continue;
            wrappers.erase(wrapper);
            found = true;
            break;
        }
    }
    take_silence(lifted);
    remark_market_test(lifted);
    return lifted;
}

}  // namespace mc
