#include "base/result.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace mc {

std::string Error::sentence() const { return hint.empty() ? what : fmt::format("{}; {}", what, hint); }

std::string Error::text() const {
    const std::string tail = sentence();
    if (spot.file.empty()) return "error: " + tail;
    if (spot.line == 0) return fmt::format("{}: error: {}", spot.file, tail);
    return fmt::format("{}:{}:{}: error: {}", spot.file, spot.line, spot.column, tail);
}

int exit_code(Error::Kind kind) {
    switch (kind) {
        case Error::Kind::usage:
        case Error::Kind::config:
        case Error::Kind::calendar: return 2;
        case Error::Kind::no_daemon: return 3;
        case Error::Kind::refused:
        case Error::Kind::store:
        case Error::Kind::damaged:
        case Error::Kind::process:
        case Error::Kind::resources:
        case Error::Kind::network: return 1;
    }
    return 1;
}

void check(bool holds, const char* sentence, const char* file, int line) {
    if (holds) return;
    std::fprintf(stderr, "marketcron: internal error at %s:%d: %s\n", file, line, sentence);
    std::abort();
}

}  // namespace mc
