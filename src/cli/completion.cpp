#include "cli/completion.h"

#include <fmt/format.h>

#include <set>

namespace mc::app {

namespace {

// What completes an argument or a value, such as JOB.
struct Offer {
    std::string words = {};  // fixed words
    std::string ask = {};    // or what `marketcron completion ASK` prints
    bool files = false;
};

// `shown`: the arguments of a command ("JOB [DATE]": the first one decides), or an option's value.
Offer offer_of(std::string_view shown) {
    const std::size_t begin = std::min(shown.find_first_not_of('['), shown.size());
    const std::string_view name = shown.substr(begin, shown.find_first_of(" .|]", begin) - begin);
    if (name == "JOB") return {"", "jobs"};
    if (name == "RUN") return {"", "runs"};
    if (name == "CALENDAR") return {"", "calendars"};
    if (name == "TARGET") return {"", "targets"};
    if (name == "FILE" || name == "OLD") return {"", "", true};
    if (name == "SHELL") return {"bash zsh fish"};
    if (name == "WHICH") return {"failed all"};
    if (name == "HOW") return {"none following preceding modified_following modified_preceding nearest"};
    if (name == "STATE")
        return {"waiting queued running retrying success failed timed_out killed skipped upstream_failed missed lost"};
    return {};
}

// The next words and their help, for each beginning of a command's name: "", "calendar", ...
using Next = std::vector<std::pair<std::string, std::string>>;
std::vector<std::pair<std::string, Next>> beginnings(const std::vector<Command>& commands) {
    std::vector<std::pair<std::string, Next>> all{{"", {}}};
    for (const Command& command : commands) {
        const std::string name(command.name);
        const std::size_t blank = name.find(' ');
        const std::string first = name.substr(0, blank);
        Next& top = all.front().second;
        const bool group = blank != std::string::npos;
        if (top.empty() || top.back().first != first)
            top.emplace_back(first, group ? first + " ..." : std::string(command.help));
        if (!group) continue;
        if (all.back().first != first) all.emplace_back(first, Next{});
        all.back().second.emplace_back(name.substr(blank + 1), command.help);
    }
    return all;
}

std::vector<Option> options_of(const Command& command) {
    std::vector<Option> options{{"-c", "FILE", "the configuration file"}, {"--help", "", "show this help"}};
    if (command.json) options.push_back({"--json", "", "print JSON lines on stdout"});
    options.insert(options.end(), command.options.begin(), command.options.end());
    return options;
}

// In single quotes, which all three shells read alike.
std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
}

// "a b" as bash's $'a\nb'.
std::string lines_of(std::string_view words) {
    std::string out = "$'";
    for (const char c : words) out += c == ' ' ? "\\n" : std::string(1, c);
    return out + "'";
}

std::string bash_offer(const Offer& offer) {
    if (offer.files) return "_marketcron_files";
    if (!offer.ask.empty())
        return fmt::format("_marketcron_offer \"$(marketcron completion {} 2>/dev/null)\"", offer.ask);
    return "_marketcron_offer " + lines_of(offer.words);
}

std::string zsh_offer(const Offer& offer) {
    if (offer.files) return "_files";
    if (!offer.ask.empty()) return fmt::format("_marketcron_ask {}", offer.ask);
    return offer.words.empty() ? "_message 'a value'" : "compadd -- " + offer.words;
}

// `case` branches for the values of options and for the words of each command, in bash and zsh alike.
template <class OfferText>
std::string branches(const std::vector<Command>& commands, OfferText text) {
    std::string out;
    for (const Command& command : commands)
        for (const Option& option : options_of(command))
            if (!option.value.empty())
                out += fmt::format("        '{} {}') {} ;;\n", command.name, option.name, text(offer_of(option.value)));
    return out;
}

template <class OfferText>
std::string words_of(const std::vector<Command>& commands, OfferText text) {
    std::string out;
    for (const Command& command : commands)
        if (command.words.most > 0)
            out += fmt::format("        {}) {} ;;\n", shell_quoted(command.name), text(offer_of(command.words.shown)));
    return out;
}

// Every beginning of a command's name, as a pattern: ' check' | ' calendar' | 'calendar list'.
std::string names_pattern(const std::vector<Command>& commands) {
    std::string out;
    for (const auto& [before, next] : beginnings(commands))
        for (const auto& [word, help] : next) out += fmt::format("{}'{} {}'", out.empty() ? "" : " | ", before, word);
    return out;
}

std::string option_names(const Command& command) {
    std::string names;
    for (const Option& option : options_of(command))
        names += fmt::format("{}{}", names.empty() ? "" : " ", option.name);
    return names;
}

std::string one_line(const std::string& text) { return text.empty() ? "marketcron" : text; }

}  // namespace

std::string bash_completion(const std::vector<Command>& commands) {
    std::string out =
        "# bash completion for marketcron, generated by `marketcron completion bash`\n"
        "# $1: the candidates, one per line; they are not executed.\n"
        "_marketcron_offer() {\n"
        "    local offer colon=${cur%\"${cur##*:}\"}\n"
        "    COMPREPLY=()\n"
        "    while IFS= read -r offer; do\n"
        "        [[ $offer && $offer == \"$cur\"* ]] || continue\n"
        "        # for bash a colon ends a word\n"
        "        printf -v offer %q \"${offer#\"$colon\"}\"\n"
        "        COMPREPLY+=(\"$offer\")\n"
        "    done <<<\"$1\"\n"
        "}\n"
        "_marketcron_files() {\n"
        "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
        "    compopt -o filenames\n"
        "}\n"
        "_marketcron() {\n"
        "    local cur=${COMP_LINE:0:COMP_POINT} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' word\n"
        "    cur=${cur##*[[:blank:]]}\n"
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD - 1}\"; do\n"
        "        case \"$command $word\" in\n";
    out += fmt::format("        {}) command=\"${{command:+$command }}$word\" ;;\n", names_pattern(commands));
    out +=
        "        esac\n"
        "    done\n"
        "    case \"$command $prev\" in\n";
    out += branches(commands, bash_offer);
    out += "        *) _marketcron_word ;;\n    esac\n}\n_marketcron_word() {\n    case $command in\n";
    for (const auto& [before, next] : beginnings(commands)) {
        std::string words;
        for (const auto& [word, help] : next) words += word + " ";
        if (before.empty()) words += "--help --version";
        out += fmt::format("        {}) _marketcron_offer {} ;;\n", shell_quoted(before), lines_of(words));
    }
    out += "        *) if [[ $cur == -* ]]; then _marketcron_option; else _marketcron_argument; fi ;;\n    esac\n}\n";
    out += "_marketcron_option() {\n    case $command in\n";
    for (const Command& command : commands)
        out += fmt::format("        {}) _marketcron_offer {} ;;\n", shell_quoted(command.name),
                           lines_of(option_names(command)));
    out += "    esac\n}\n_marketcron_argument() {\n    case $command in\n" + words_of(commands, bash_offer);
    return out + "    esac\n}\ncomplete -F _marketcron marketcron\n";
}

std::string zsh_completion(const std::vector<Command>& commands) {
    const auto described = [](std::string_view word, std::string_view help) {
        std::string name;  // a colon ends the word
        for (const char c : word) name += c == ':' ? "\\:" : std::string(1, c);
        return shell_quoted(fmt::format("{}:{}", name, help));
    };
    std::string out =
        "#compdef marketcron\n"
        "# zsh completion for marketcron, generated by `marketcron completion zsh`\n"
        "_marketcron_ask() { compadd -- ${(f)\"$(marketcron completion $1 2>/dev/null)\"} }\n"
        "_marketcron() {\n"
        "    local command='' word prev=$words[CURRENT-1]\n"
        "    local -a offers\n"
        "    for word in $words[2,CURRENT-1]; do\n"
        "        case \"$command $word\" in\n";
    out += fmt::format("        {}) command=\"${{command:+$command }}$word\" ;;\n", names_pattern(commands));
    out +=
        "        esac\n"
        "    done\n"
        "    case \"$command $prev\" in\n";
    out += branches(commands, zsh_offer);
    out += "        *) _marketcron_word ;;\n    esac\n}\n_marketcron_word() {\n    case $command in\n";
    for (const auto& [before, next] : beginnings(commands)) {
        out += fmt::format("        {}) offers=(", shell_quoted(before));
        for (const auto& [word, help] : next) out += described(word, help) + " ";
        out += fmt::format("); _describe {} offers ;;\n", shell_quoted(one_line(before)));
    }
    for (const Command& command : commands) {
        out += fmt::format("        {}) offers=(", shell_quoted(command.name));
        for (const Option& option : options_of(command)) out += described(option.name, option.help) + " ";
        out += "); if [[ $PREFIX == -* ]]; then _describe option offers; else _marketcron_argument; fi ;;\n";
    }
    out += "    esac\n}\n_marketcron_argument() {\n    case $command in\n" + words_of(commands, zsh_offer);
    return out + "    esac\n}\n_marketcron \"$@\"\n";
}

std::string fish_completion(const std::vector<Command>& commands) {
    std::string out =
        "# fish completion for marketcron, generated by `marketcron completion fish`\n"
        "complete -c marketcron -f\n"
        "function __marketcron_behind\n"
        "    set -l words (commandline -opc)\n"
        "    set -l last (math 1 + (count $argv))\n"
        "    test (count $words) -ge $last; and test \"$words[2..$last]\" = \"$argv\"\n"
        "end\n"
        "function __marketcron_after\n"
        "    test (count (commandline -opc)) -eq (math 1 + (count $argv)); and __marketcron_behind $argv\n"
        "end\n";
    for (const auto& [before, next] : beginnings(commands))
        for (const auto& [word, help] : next)
            out +=
                fmt::format("complete -c marketcron -n '{}' -a {} -d {}\n",
                            before.empty() ? "test (count (commandline -opc)) -eq 1" : "__marketcron_after " + before,
                            word, shell_quoted(help));
    const auto offer = [](const Offer& o) {
        if (o.files) return std::string(" -F");
        if (!o.ask.empty()) return fmt::format(" -a '(marketcron completion {} 2>/dev/null)'", o.ask);
        return o.words.empty() ? std::string() : " -a " + shell_quoted(o.words);
    };
    for (const Command& command : commands) {
        const std::string when = fmt::format("complete -c marketcron -n '__marketcron_behind {}'", command.name);
        for (const Option& option : options_of(command))
            out += fmt::format("{} {} {}{}{} -d {}\n", when, option.name.starts_with("--") ? "-l" : "-s",
                               option.name.substr(option.name.find_first_not_of('-')),
                               option.value.empty()           ? ""
                               : offer_of(option.value).files ? " -r"
                                                              : " -x",
                               option.value.empty() ? "" : offer(offer_of(option.value)), shell_quoted(option.help));
        if (const std::string words = offer(offer_of(command.words.shown)); !words.empty() && command.words.most > 0)
            out += when + words + "\n";
    }
    return out;
}

}  // namespace mc::app
