#include "crontab/job_name.h"

#include <algorithm>
#include <array>
#include <vector>

#include "crontab/lift.h"

namespace mc {

namespace {

template <std::size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// What stands before the program that a line is about.
constexpr std::array<std::string_view, 17> preparations{"test", "[",     "[[",     "cd",  "{",      "}",
                                                        "(",    ")",     "export", "set", "source", ".",
                                                        "true", "umask", "sleep",  "if",  "then"};
// What runs a program that is one of its words.
constexpr std::array<std::string_view, 22> carriers{
    "sh",   "bash",    "dash", "zsh",  "ksh",  "python", "python2", "python3", "perl",    "ruby",   "php",
    "node", "Rscript", "env",  "sudo", "exec", "nohup",  "time",    "ionice",  "chronic", "setsid", "run-parts"};

std::string_view base_name(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    return path.substr(path.rfind('/') + 1);
}

bool is_assignment(std::string_view word) {
    const auto equals = word.find('=');
    return equals != std::string_view::npos && equals > 0 && word.find('/') > equals;
}

// The words of each simple command, as good as they can be seen without a shell.
std::vector<std::vector<std::string_view>> commands_of(std::string_view text) {
    std::vector<std::vector<std::string_view>> commands(1);
    std::size_t at = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == ';' || c == '|' || c == '&' || c == '\n') commands.emplace_back();
        if (std::string_view(" \t;|&\n\"'").find(c) != std::string_view::npos) {
            ++at;
            continue;
        }
        const std::size_t end = std::min(text.find_first_of(" \t;|&\n\"'", at), text.size());
        commands.back().push_back(text.substr(at, end - at));
        at = end;
    }
    return commands;
}

// The program of one simple command; "" when it only prepares.
std::string_view program_of(const std::vector<std::string_view>& words) {
    std::string_view carrier;
    for (const std::string_view word : words) {
        if (is_assignment(word) || word.starts_with('-') || word == "{" || word == "(" || word == "!") continue;
        const std::string_view name = base_name(word);
        if (carrier.empty() && (one_of(name, preparations) || tests_market(name))) return {};
        if (!one_of(name, carriers)) return name;
        carrier = name;
    }
    return carrier;
}

std::string cleaned(std::string_view name) {
    const auto dot = name.rfind('.');
    const std::string_view extension = dot == std::string_view::npos ? "" : name.substr(dot);
    if (dot > 0 && one_of(extension, std::array<std::string_view, 9>{".sh", ".py", ".pl", ".rb", ".php", ".R", ".js",
                                                                     ".bash", ".exe"}))
        name = name.substr(0, dot);
    return letters_of_a_name(name);
}

}  // namespace

std::string letters_of_a_name(std::string_view name) {
    std::string clean;
    for (const char c : name) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (good) clean += c;
        else if (!clean.empty() && clean.back() != '-') clean += '-';
    }
    while (!clean.empty() && clean.back() == '-') clean.pop_back();
    return clean;
}

std::string job_name_of(std::string_view command) {
    for (const auto& words : commands_of(command)) {
        std::string name = cleaned(program_of(words));
        if (!name.empty()) return name;
    }
    return "job";
}

}  // namespace mc
