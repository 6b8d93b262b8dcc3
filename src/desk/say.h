// say.h — prints text for users. Control characters are shown as `\x1b`, so that names, commands and files of other users
// cannot control the reader's terminal.
//
// Commands print all text with these functions or a Table, except the output of a job (`logs`) and JSON. Errors: those of
// fmt::print.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

namespace mc::app {

void put_visible(std::FILE* to, const std::string& text);

template <class... Args>
void say(std::FILE* to, fmt::format_string<Args...> text, Args&&... args) {
    put_visible(to, fmt::format(text, std::forward<Args>(args)...));
}

// To stdout.
template <class... Args>
void say(fmt::format_string<Args...> text, Args&&... args) {
    put_visible(stdout, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace mc::app
