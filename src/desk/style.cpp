#include "desk/style.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace mc::app {

namespace {

constexpr const char* green = "\033[32m";
constexpr const char* red = "\033[31m";
constexpr const char* yellow = "\033[33m";
constexpr const char* dim = "\033[2m";

const char* colour_of(State state) {
    switch (state) {
        case State::success: return green;
        case State::failed:
        case State::timed_out:
        case State::lost:
        case State::missed:
        case State::upstream_failed: return red;
        case State::retrying:
        case State::killed: return yellow;
        case State::scheduled:
        case State::waiting:
        case State::queued:
        case State::running:
        case State::skipped: return dim;
    }
    return dim;
}

bool is_set(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

}  // namespace

Style Style::of(int fd) {
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return Style(::isatty(fd) != 0 && !is_set("NO_COLOR") && !dumb ? Colours::ansi : Colours::none);
}

std::string Style::state(State state, const std::string& text) const { return paint(colour_of(state), text); }
std::string Style::bold(const std::string& text) const { return paint("\033[1m", text); }

std::string Style::paint(const char* code, const std::string& text) const {
    return colours_ == Colours::ansi && !text.empty() ? fmt::format("{}{}\033[0m", code, text) : text;
}

}  // namespace mc::app
