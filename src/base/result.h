// result.h — how a function says that it could not: an Error is a value, and must be looked at.
//
// Result<T> holds a T or an Error. An Error has a kind (which fixes the exit code), one sentence,
// the place in the user's file where there is one, and what to write instead.
// check() is for our own mistakes: it stays on in release, and aborts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace mc {

// A place in a text the user wrote. line and column count from 1; 0 means "the file as a whole".
struct Spot {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    bool operator==(const Spot&) const = default;
};

struct Error {
    enum class Kind {
        usage,      // the command line
        config,     // the user's file
        calendar,   // a date beyond what a calendar knows, an unknown calendar
        refused,    // it was understood, and may not be done now
        store,      // the ledger
        damaged,    // the ledger is, and does not become whole by itself
        process,    // spawning, signalling, files
        resources,  // the same, for a shortage or a fault that may end: no descriptor, no memory, a disk that fails
        network,    // HTTP, sockets
        no_daemon,  // nothing answers on the control socket
    };
    Kind kind = Kind::usage;
    std::string what;  // what is wrong: a sentence without a full stop
    std::string hint;  // what to write or do instead; may be empty
    Spot spot;         // where, if it is in a file

    // "what; hint", for where it is a part of something said.
    std::string sentence() const;
    // "FILE:LINE:COL: error: what; hint", or "error: what; hint" without a place.
    std::string text() const;
};

using Errors = std::vector<Error>;

// A value or what is wrong; one that is not looked at is a warning.
template <class T, class E>
class [[nodiscard]] Expected : public tl::expected<T, E> {
   public:
    using tl::expected<T, E>::expected;
    Expected() = default;
    Expected(tl::expected<T, E> value) : tl::expected<T, E>(std::move(value)) {}
};

template <class T>
using Result = Expected<T, Error>;

// All that is wrong at once; for readers of whole files.
template <class T>
using ResultAll = Expected<T, Errors>;

inline tl::unexpected<Error> fail(Error::Kind kind, std::string what, std::string hint = {}, Spot spot = {}) {
    return tl::unexpected<Error>(Error{kind, std::move(what), std::move(hint), std::move(spot)});
}

// The exit code for each kind: 1 refused or failed, 2 usage or config, 3 no daemon.
int exit_code(Error::Kind kind);

// Aborts with the place and the sentence when our own reasoning is broken; on in release too.
void check(bool holds, const char* sentence, const char* file = __builtin_FILE(), int line = __builtin_LINE());

}  // namespace mc
