// cli.cpp — the only file that uses CLI11: it builds a parser from the table of commands, and turns the parser's errors
// into ours.
#include "cli/cli.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <exception>
#include <new>

#include "base/characters.h"
#include "base/suggest.h"
#include "cli/mistyped.h"
#include "daemon/http_child.h"
#include "desk/command.h"

namespace mc::app {

namespace {

// What CLI11 parsed for one command.
struct Parsed {
    const Command* command = nullptr;
    CLI::App* app = nullptr;
    Args args;
    std::deque<std::string> values;
};

// The argument's name in the parser's errors: JOB for "JOB [DATE]".
std::string first_name(std::string_view shown) {
    const auto start = shown.find_first_not_of('[');
    return std::string(shown.substr(start, shown.find_first_of(" .|]", start) - start));
}

void declare(Parsed& parsed) {
    const Command& command = *parsed.command;
    CLI::App& app = *parsed.app;
    app.set_help_flag("-h,--help", "show this help");
    app.add_option("-c,--config", parsed.args.config, "the configuration file")->type_name("FILE");
    if (command.json) app.add_flag("--json", parsed.args.json, "print JSON lines on stdout");
    for (const Option& option : command.options) {
        const std::string name(option.name);
        if (option.value.empty()) {
            app.add_flag_callback(
                name, [&parsed, name] { parsed.args.options[name] = ""; }, std::string(option.help));
        } else if (option.repeats) {
            app.add_option_function<std::vector<std::string>>(
                   name, [&parsed, name](const std::vector<std::string>& texts) { parsed.args.repeated[name] = texts; },
                   std::string(option.help))
                ->allow_extra_args(false)
                ->type_name(std::string(option.value));
        } else {
            app.add_option_function<std::string>(
                   name, [&parsed, name](const std::string& text) { parsed.args.options[name] = text; },
                   std::string(option.help))
                ->type_name(std::string(option.value));
        }
    }
    if (command.words.most == 0) return;
    app.add_option(first_name(command.words.shown), parsed.args.words)
        ->type_name(std::string(command.words.shown))
        ->expected(static_cast<int>(command.words.least), static_cast<int>(command.words.most))
        ->required(command.words.least > 0);
}

std::string overview() {
    std::string text = "marketcron: cron that knows when markets are open\n\nUsage: marketcron COMMAND [OPTIONS]\n\n";
    for (const Command& command : commands()) text += fmt::format("  {:<18} {}\n", command.name, command.help);
    return text + "\nDetails: marketcron COMMAND --help. Start with: marketcron check FILE, marketcron next -c FILE\n";
}

// The next words that can follow `before` ("" or "calendar ") in a command's name.
std::vector<std::string> next_words(const std::string& before) {
    std::vector<std::string> names;
    for (const Command& command : commands()) {
        if (!command.name.starts_with(before)) continue;
        const std::string rest(command.name.substr(before.size()));
        const std::string word = rest.substr(0, rest.find(' '));
        if (names.empty() || names.back() != word) names.push_back(word);
    }
    return names;
}

int unknown_command(const std::string& before, const std::string& word) {
    const std::string meant = before.empty() ? command_meant(word) : "";
    return report(Error{Error::Kind::usage,
                        fmt::format("unknown command `{}{}`", before, word),
                        meant.empty() ? did_you_mean(word, next_words(before)) : fmt::format("did you mean {}?", meant),
                        {}});
}

// The parser's error; mistyped() has a better sentence for common mistakes. `typed`: everything after `marketcron`.
Error parse_error(const CLI::ParseError& error, const std::deque<Parsed>& all, const std::string& group,
                  const std::vector<std::string>& typed) {
    for (const Parsed& parsed : all) {
        if (!parsed.app->parsed()) continue;
        const auto name_words = 1 + std::count(parsed.command->name.begin(), parsed.command->name.end(), ' ');
        if (auto mistake = mistyped(*parsed.command, {typed.begin() + name_words, typed.end()})) return *mistake;
        return {Error::Kind::usage,
                error.what(),
                fmt::format("marketcron {} --help shows its arguments and options", parsed.command->name),
                {}};
    }
    const std::vector<std::string> next = next_words(group);
    if (!next.empty())
        return {Error::Kind::usage,
                fmt::format("{}needs a subcommand", group),
                fmt::format("write one of: {}", fmt::join(next, ", ")),
                {}};
    return {Error::Kind::usage,
            typed.empty() ? std::string(error.what()) : fmt::format("unknown option `{}`", typed.front()),
            "marketcron --help lists the commands",
            {}};
}

std::string help_of(const Command& command, const CLI::App& app) {
    std::string text = fmt::format("marketcron {} — {}\n\nUsage: marketcron {}{}{}{}\n\n", command.name, command.help,
                                   command.name, command.words.most ? " " : "", command.words.shown, " [OPTIONS]");
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_positional()) continue;
        text += fmt::format("  {:<22} {}\n", option->get_name(false, true) + " " + option->get_type_name(),
                            option->get_description());
    }
    return text + fmt::format("\nExample:\n  {}\n", command.example);
}

void declare_all(CLI::App& root, std::deque<Parsed>& all) {
    std::map<std::string, CLI::App*> groups;
    for (const Command& command : commands()) {
        const std::string name(command.name);
        const auto space = name.find(' ');
        CLI::App* parent = &root;
        if (space != std::string::npos) {
            CLI::App*& group = groups[name.substr(0, space)];
            if (!group) group = root.add_subcommand(name.substr(0, space))->require_subcommand(1);
            parent = group;
        }
        Parsed& parsed = all.emplace_back();
        parsed.command = &command;
        parsed.app = parent->add_subcommand(space == std::string::npos ? name : name.substr(space + 1));
        declare(parsed);
    }
}

// What a command prints. If an answer cannot be written, the command has failed; the daemon's log may be lost.
enum class Prints { answer, log };
struct Ended {
    Ended(int exit_code, Prints what = Prints::answer) : code(exit_code), prints(what) {}
    int code;
    Prints prints;
};

Ended run(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == http_child_word) return http_child();
    CLI::App root;
    root.set_help_flag();
    // One at most: the words after a command are its arguments, because a job can have the name of a command.
    root.require_subcommand(0, 1);
    std::deque<Parsed> all;
    declare_all(root, all);

    // -c can also precede the command.
    std::vector<char*> typed(argv, argv + argc);
    if (argc >= 3 && (std::string_view(argv[1]) == "-c" || std::string_view(argv[1]) == "--config"))
        std::rotate(typed.begin() + 1, typed.begin() + 3, typed.end());
    argv = typed.data();
    const bool alone = argc < 2 || (argc == 3 && std::string_view(argv[1]).starts_with("-c"));
    // Without a command: `status` if a daemon answers, else the list of commands.
    Args of_file;
    if (alone && argc == 3) of_file.config = argv[2];
    if (alone && daemon_answers(of_file)) return cmd_status(of_file);
    if (alone || std::string_view(argv[1]) == "--help" || std::string_view(argv[1]) == "-h" ||
        std::string_view(argv[1]) == "help") {
        std::fputs(overview().c_str(), stdout);
        return alone ? 2 : 0;
    }
    if (std::string_view(argv[1]) == "--version") return cmd_version({});
    const std::string_view first = argv[1];
    const auto knows = [](const std::vector<std::string>& words, std::string_view word) {
        return word.starts_with('-') || std::find(words.begin(), words.end(), word) != words.end();
    };
    if (!knows(next_words(""), first)) return unknown_command("", std::string(first));
    const std::string group = fmt::format("{} ", first);
    if (const auto words = next_words(group); argc > 2 && !words.empty() && !knows(words, argv[2]))
        return unknown_command(group, argv[2]);

    try {
        root.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        for (const Parsed& parsed : all)
            if (parsed.app->parsed()) {
                std::fputs(help_of(*parsed.command, *parsed.app).c_str(), stdout);
                return 0;
            }
        std::fputs(overview().c_str(), stdout);
        return 0;
    } catch (const CLI::ParseError& error) {
        return report(parse_error(error, all, group, {argv + 1, argv + argc}));
    }
    for (Parsed& parsed : all)
        if (parsed.app->parsed()) {
            const int code = parsed.command->run(parsed.args);
            return {code, parsed.command->name == "daemon" ? Prints::log : Prints::answer};
        }
    return report(Error{Error::Kind::usage, "no command was given", "marketcron --help lists the commands", {}});
}

// If a standard stream is closed, the next file that is opened gets its number, and output would be written into that
// file. So a closed stream gets a descriptor that refuses reads or writes, as a closed one does.
void hold_standard_streams() {
    for (int stream = 0; stream < 3; ++stream)
        if (::fcntl(stream, F_GETFD) == -1) (void)::open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY);
}

// The command's exit code, or a failure if its output could not be written. A reader that stops early, such as head, is
// not an error.
int if_written(int code) {
    const bool failed = std::ferror(stdout) != 0, flushed = std::fflush(stdout) == 0;
    const int why = errno != 0 ? errno : EIO;
    if ((!failed && flushed) || why == EPIPE) return code;
    std::fprintf(stderr, "marketcron: error: cannot write the output: %s\n", std::strerror(why));
    return code == 0 ? 1 : code;
}

}  // namespace

int run_command(int argc, char** argv) noexcept {
    const char* what = "internal error: unknown exception";
    hold_standard_streams();
    try {
        const Ended ended = run(argc, argv);
        return ended.prints == Prints::log ? ended.code : if_written(ended.code);
    } catch (const std::bad_alloc&) {
        std::fputs("marketcron: error: out of memory; free memory or raise the limit of this process\n", stderr);
        return 1;
    } catch (const std::exception& error) {
        if (std::ferror(stdout) != 0) return if_written(1);
        std::fprintf(stderr, "marketcron: error: internal error: %s; report it with the command that you typed\n",
                     visible(error.what()).c_str());
        return 1;
    } catch (...) {
    }
    std::fprintf(stderr, "marketcron: error: %s; report it with the command that you typed\n", what);
    return 1;
}

}  // namespace mc::app
