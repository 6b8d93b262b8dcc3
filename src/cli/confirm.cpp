#include "cli/confirm.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <iostream>

#include "desk/say.h"

namespace mc::app {

namespace {

bool yes_to(const std::string& question) {
    say("{} [y/N] ", question);
    std::fflush(stdout);
    std::string answer;
    if (!std::getline(std::cin, answer)) say("\n");
    for (char& c : answer) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool yes = answer == "y" || answer == "yes";
    if (!yes) say("Nothing was changed.\n");
    return yes;
}

}  // namespace

Result<bool> confirmed(const Args& args, const std::string& question) {
    if (args.has("--yes")) return true;
    if (isatty(STDIN_FILENO) == 0)
        return fail(Error::Kind::refused, "cannot ask for confirmation: not a terminal",
                    "add --yes to proceed or --dry-run to preview");
    return yes_to(question);
}

std::vector<std::string> what_is_not_known(const Error& error) {
    return {"the effect on other jobs is not known: " + error.sentence()};
}

bool agreed(const Args& args, const std::vector<std::string>& lines, const std::string& question) {
    for (const std::string& line : lines) say("{}\n", line);
    const bool person = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
    if (lines.empty() || args.has("--yes") || !person) return true;
    return yes_to(question);
}

}  // namespace mc::app
