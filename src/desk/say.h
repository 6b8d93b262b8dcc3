// say.h — prints text for people; control characters in it are shown as `\x1b`, so that no name, command or file of a user
// can write to the terminal of the reader.
//
// Everything that a command prints for people goes through here, or through a Table. What a job printed (`logs`) and JSON
// do not. Errors: those of fmt::print.
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
