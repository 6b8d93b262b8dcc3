#include "cli/mistyped.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/suggest.h"

namespace mc::app {

namespace {

using Pair = std::pair<std::string_view, std::string_view>;

// Options of other programs, and ours for them. Of several, the first that the command has is suggested.
constexpr std::array other_options{
    Pair{"--date", "--session"}, Pair{"--day", "--session"},    Pair{"--for", "--session"}, Pair{"--date", "--from"},
    Pair{"--since", "--from"},   Pair{"--start", "--from"},     Pair{"--after", "--from"},  Pair{"--end", "--to"},
    Pair{"--until", "--to"},     Pair{"--before", "--to"},      Pair{"--for", "--until"},   Pair{"--limit", "-n"},
    Pair{"--count", "-n"},       Pair{"--lines", "-n"},         Pair{"--number", "-n"},     Pair{"--follow", "-f"},
    Pair{"--tail", "-f"},        Pair{"-y", "--yes"},           Pair{"--force", "--yes"},   Pair{"--status", "--state"},
    Pair{"-m", "--reason"},      Pair{"--message", "--reason"}, Pair{"--tz", "--timezone"}, Pair{"--file", "--config"},
    Pair{"-e", "--env"},         Pair{"-h", "--help"},          Pair{"-n", "--dry-run"},
};

constexpr std::array other_commands{
    Pair{"pause", "hold"},   Pair{"suspend", "hold"}, Pair{"unpause", "release"}, Pair{"resume", "release"},
    Pair{"kill", "stop"},    Pair{"cancel", "stop"},  Pair{"trigger", "start"},   Pair{"run", "start"},
    Pair{"exec", "start"},   Pair{"ps", "status"},    Pair{"list", "next"},       Pair{"jobs", "next"},
    Pair{"retry", "rerun"},  Pair{"skip", "ice"},     Pair{"validate", "check"},  Pair{"lint", "check"},
    Pair{"history", "runs"}, Pair{"log", "logs"},     Pair{"explain", "why"},
};

bool is_date(const std::string& word) { return parse_date(word).has_value(); }

class Typed {
   public:
    Typed(const Command& command, const std::vector<std::string>& typed) : command_(command) {
        names_.reserve(command.options.size() + 3);
        for (const Option& option : command.options) names_.emplace_back(option.name);
        if (command.json) names_.emplace_back("--json");
        for (const char* name : {"--config", "-c", "--help", "-h"}) names_.emplace_back(name);
        read(typed);
    }

    std::optional<Error> mistake() const {
        if (option_error_) return option_error_;
        if (words_.size() > command_.words.most) return excess();
        return {};
    }

   private:
    const Command& command_;
    std::vector<std::string> names_;  // of all options
    std::vector<std::string> words_;  // the arguments: neither options nor values of options
    std::set<std::string> given_;
    std::optional<Error> option_error_;  // the first

    bool knows(std::string_view name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }
    const Option* option(std::string_view name) const {
        const auto is = [&](const Option& one) { return one.name == name; };
        const auto found = std::find_if(command_.options.begin(), command_.options.end(), is);
        return found == command_.options.end() ? nullptr : &*found;
    }

    // The name of its value, such as FILE; "": a switch.
    std::string_view value_of(std::string_view name) const {
        if (name == "--config" || name == "-c") return "FILE";
        const Option* known = option(name);
        return known == nullptr ? "" : known->value;
    }

    Error wrong(std::string what, std::string hint) const {
        return {Error::Kind::usage, std::move(what), std::move(hint), {}};
    }
    std::string see_help() const {
        return fmt::format("marketcron {} --help shows its arguments and options", command_.name);
    }

    void read(const std::vector<std::string>& typed) {
        for (std::size_t at = 0; at < typed.size() && !option_error_; ++at) {
            const std::string& word = typed[at];
            if (word == "--") {
                words_.insert(words_.end(), typed.begin() + static_cast<std::ptrdiff_t>(at) + 1, typed.end());
                return;
            }
            if (word.size() < 2 || word.front() != '-') {
                words_.push_back(word);
                continue;
            }
            const bool is_long = word.starts_with("--");
            const std::string name = is_long ? word.substr(0, word.find('=')) : word.substr(0, 2);
            const bool has_value = word.size() > name.size();  // in the same word
            if (!knows(name) || (!is_long && has_value && value_of(name).empty())) {
                option_error_ = unknown(is_long ? name : word);
                return;
            }
            take_option(name, has_value, at + 1 < typed.size());
            if (!has_value && !value_of(name).empty()) ++at;
        }
    }

    void take_option(const std::string& name, bool has_value, bool more_follows) {
        const std::string_view value = value_of(name);
        const Option* known = option(name);
        const bool repeats = known != nullptr && known->repeats;
        if (has_value && value.empty()) option_error_ = wrong(fmt::format("{} takes no value", name), "write " + name);
        else if (!value.empty() && !has_value && !more_follows)
            option_error_ = wrong(fmt::format("{} needs {}", name, value), see_help());
        else if (!given_.insert(name).second && !repeats && !value.empty())
            option_error_ = wrong(fmt::format("{} was given twice", name), "keep one of them");
    }

    Error unknown(const std::string& name) const {
        for (const auto& [other, ours] : other_options)
            if (other == name && knows(ours)) return unknown_but(name, fmt::format("did you mean {}?", ours));
        std::string hint = did_you_mean(name, names_);
        return unknown_but(name, std::move(hint));
    }
    Error unknown_but(const std::string& name, std::string hint) const {
        return wrong(fmt::format("{} has no option `{}`", command_.name, name), std::move(hint));
    }

    // An argument too many. A date or a time is probably the value of an option.
    Error excess() const {
        const std::string& word = words_[command_.words.most];
        const std::string takes =
            command_.words.most == 0
                ? fmt::format("{} takes no argument, but `{}` was given", command_.name, word)
                : fmt::format("{} takes {}; `{}` is one argument too many", command_.name, command_.words.shown, word);
        if (is_date(word) && option("--session")) return wrong(takes, "write --session " + word);
        if (is_date(word) && option("--from")) {
            const std::string& last = is_date(words_.back()) ? words_.back() : word;
            return wrong(takes, fmt::format("write --from {} --to {}", word, last));
        }
        if (option("--until") && (is_date(word) || parse_duration(word).has_value()))
            return wrong(takes, "write --until " + word);
        return wrong(takes, see_help());
    }
};

}  // namespace

std::optional<Error> mistyped(const Command& command, const std::vector<std::string>& typed) {
    return Typed(command, typed).mistake();
}

std::string command_meant(const std::string& word) {
    for (const auto& [other, ours] : other_commands)
        if (other == word) return std::string(ours);
    return {};
}

}  // namespace mc::app
