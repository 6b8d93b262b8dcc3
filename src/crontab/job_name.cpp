#include "crontab/job_name.h"

#include <algorithm>
#include <array>
#include <span>

#include "crontab/lift.h"
#include "crontab/shell_words.h"

namespace mc {

namespace {

using Words = std::span<const std::string>;

constexpr std::size_t longest_name = 80;  // a name has at most 100 letters, and a number may be appended
constexpr int deepest = 5;                // nested `sh -c`

template <std::size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// Keywords of the shell's grammar, before or after which a command is.
constexpr std::array<std::string_view, 15> keywords{"if",    "then", "else", "elif", "fi",   "do", "done", "while",
                                                    "until", "{",    "}",    "!",    "esac", "[[", "]]"};
// Commands that prepare for the main program of a line, or test whether to run it.
constexpr std::array<std::string_view, 31> preparations{
    "test",   "[",     "[[",    "cd",    "pushd",  "export", "set",     "unset", "source", ".",    "true",
    "false",  ":",     "umask", "sleep", "ulimit", "trap",   "shopt",   "for",   "case",   "read", "exit",
    "return", "local", "wait",  "which", "type",   "hash",   "declare", "alias", "break"};
// Commands that print for others: used as a name only if there is no other.
constexpr std::array<std::string_view, 4> printers{"echo", "printf", "cat", "yes"};
constexpr std::array<std::string_view, 6> shells{"sh", "bash", "dash", "zsh", "ksh", "eval"};

// Commands that run a program, or the text that follows one of these options.
struct Interpreter {
    std::string_view name, options_with_text;
};
constexpr std::array interpreters{Interpreter{"python", "c"}, Interpreter{"python2", "c"}, Interpreter{"python3", "c"},
                                  Interpreter{"perl", "eE"},  Interpreter{"ruby", "e"},    Interpreter{"php", "r"},
                                  Interpreter{"node", "ep"},  Interpreter{"julia", "eE"},  Interpreter{"lua", "e"},
                                  Interpreter{"Rscript", "e"}};

bool is_given_text(std::string_view name, Words words) {
    const auto found = std::find_if(interpreters.begin(), interpreters.end(),
                                    [&](const Interpreter& one) { return one.name == name; });
    if (found == interpreters.end()) return false;
    for (std::size_t i = 1; i < words.size() && words[i].starts_with('-'); ++i)
        if (words[i].size() == 2 && found->options_with_text.find(words[i][1]) != std::string_view::npos) return true;
    return false;
}

// Commands that run a program named in their arguments: their options with an argument, and the number of words before
// it.
struct Carrier {
    std::string_view name, options_with_word;
    int words_before = 0;
};
constexpr std::array carriers{Carrier{"sudo", "ugpCrtUDRTh"}, Carrier{"doas", "uC"},
                              Carrier{"env", "uCS"},          Carrier{"nice", "n"},
                              Carrier{"ionice", "cnpPu"},     Carrier{"timeout", "ks", 1},
                              Carrier{"flock", "wE", 1},      Carrier{"setlock", "", 1},
                              Carrier{"chrt", "TPD", 1},      Carrier{"taskset", "", 1},
                              Carrier{"stdbuf", "ioe"},       Carrier{"runuser", "ugG"},
                              Carrier{"chpst", "ubmdopfcrt"}, Carrier{"exec", "a"},
                              Carrier{"nohup", ""},           Carrier{"time", "fo"},
                              Carrier{"setsid", ""},          Carrier{"chronic", ""},
                              Carrier{"cronic", ""},          Carrier{"command", ""},
                              Carrier{"run-parts", "au"},     Carrier{"run-one", ""},
                              Carrier{"systemd-cat", "tp"},   Carrier{"caffeinate", ""},
                              Carrier{"python", "WXQ"},       Carrier{"python2", "WXQ"},
                              Carrier{"python3", "WXQ"},      Carrier{"perl", "IMm"},
                              Carrier{"ruby", "IrCE"},        Carrier{"php", "cdz"},
                              Carrier{"node", "r"},           Carrier{"Rscript", ""},
                              Carrier{"julia", "LJ"},         Carrier{"lua", "l"},
                              Carrier{"uv", "p", 1},          Carrier{"poetry", "", 1}};

std::string_view base_name(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    return path.substr(path.rfind('/') + 1);
}

bool is_assignment(std::string_view word) {
    const auto equals = word.find('=');
    return equals != std::string_view::npos && equals > 0 && word.find('/') > equals;
}

std::string cleaned(std::string_view name) {
    constexpr std::array<std::string_view, 12> extensions{".sh", ".py", ".pl",  ".rb",  ".php",  ".R",
                                                          ".js", ".jl", ".lua", ".jar", ".bash", ".exe"};
    const auto dot = name.rfind('.');
    const std::string_view extension = dot == std::string_view::npos ? "" : name.substr(dot);
    if (dot > 0 && one_of(extension, extensions)) name = name.substr(0, dot);
    std::string letters = letters_of_a_name(name);
    if (letters.find_first_not_of("0123456789-_") == std::string::npos) return {};
    if (letters.size() > longest_name) letters.resize(longest_name);
    return letters;
}

struct Named {
    std::string name;
    bool weak = false;  // used only if no other command has a name
};

Named named(std::string_view line, int depth);

// The program of Java is a file or a class.
std::string_view java_program(Words words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "-jar" && i + 1 < words.size()) return base_name(words[i + 1]);
        if (words[i] == "-cp" || words[i] == "-classpath" || words[i] == "--class-path") ++i;
        else if (!words[i].starts_with('-')) return std::string_view(words[i]).substr(words[i].rfind('.') + 1);
    }
    return "java";
}

bool is_shell_text(std::string_view option) {
    return option.size() > 1 && option[0] == '-' && option[1] != '-' && option.back() == 'c';
}

// The words after a carrier and its options, where its program begins.
Words behind(const Carrier& carrier, Words words) {
    int before = carrier.words_before;
    for (; !words.empty(); words = words.subspan(1)) {
        const std::string& word = words[0];
        const bool option = word.size() > 1 && word[0] == '-';
        if (!option && !is_assignment(word) && before-- <= 0) return words;
        const bool takes_word =
            option && word.size() == 2 && carrier.options_with_word.find(word[1]) != std::string_view::npos;
        if (takes_word && words.size() > 1) words = words.subspan(1);
    }
    return words;
}

// The program of one simple command; "" if it only prepares.
Named program_of(Words words, int depth) {
    while (!words.empty() && (one_of(words[0], keywords) || is_assignment(words[0]))) words = words.subspan(1);
    if (words.empty()) return {};
    const std::string_view name = base_name(words[0]);
    if (one_of(name, preparations) || tests_market(name)) return {};
    if (name == "command" && words.size() > 1 && (words[1] == "-v" || words[1] == "-V")) return {};
    if (name == "java") return {cleaned(java_program(words))};
    // `sh -c TEXT`, `su ops -c TEXT`, `flock LOCK -c TEXT`
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
        const bool runs_text = one_of(name, shells) || name == "su" || name == "runuser" || name == "flock";
        if (!runs_text || !is_shell_text(words[i])) continue;
        Named inside = named(words[i + 1], depth + 1);
        return inside.name.empty() ? Named{cleaned(name), true} : inside;
    }
    if (one_of(name, shells)) {
        for (const std::string& word : words.subspan(1))
            if (!word.starts_with('-')) return {cleaned(base_name(word))};
        return {cleaned(name), true};
    }
    const auto carrier =
        std::find_if(carriers.begin(), carriers.end(), [&](const Carrier& c) { return c.name == name; });
    if (carrier == carriers.end()) return {cleaned(name), one_of(name, printers)};
    // A program that is given as text, as in `python -c TEXT`, has no name.
    if (is_given_text(name, words)) return {cleaned(name), true};
    for (std::size_t i = 1; i + 1 < words.size() && name.starts_with("python"); ++i)
        if (words[i] == "-m") return {cleaned(words[i + 1])};
    const Words rest = behind(*carrier, words.subspan(1));
    Named inside = depth < deepest ? program_of(rest, depth + 1) : Named{};
    return inside.name.empty() ? Named{cleaned(name), true} : inside;
}

Named named(std::string_view line, int depth) {
    Named weak;
    if (depth >= deepest) return weak;
    for (const auto& words : shell_commands(line)) {
        Named found = program_of(words, depth);
        if (found.name.empty()) continue;
        if (!found.weak) return found;
        if (weak.name.empty()) weak = std::move(found);
    }
    return weak;
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

std::string job_name_of(std::string_view command) { return named(command, 0).name; }

}  // namespace mc
