// result.h — Result<T> holds a T or an Error, and callers must check it.
//
// An Error has a kind (which fixes the exit status), a sentence, the place in the user's file if there is one, and a
// hint that says what to write instead. check() is for bugs in marketcron: it also runs in release builds, and aborts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace mc {

// A place in a text that the user wrote. line and column count from 1; 0 means the file as a whole.
struct Spot {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    bool operator==(const Spot&) const = default;
};

struct Error {
    enum class Kind {
        usage,      // the command line
        config,     // the configuration
        calendar,   // a date outside a calendar's coverage, an unknown calendar
        refused,    // understood, but not possible now
        store,      // the ledger
        damaged,    // the ledger is damaged and needs repair
        process,    // spawning, signalling, files
        resources,  // as `process`, for a shortage or fault that may pass: no descriptor, no memory, a disk error
        network,    // HTTP, sockets
        no_daemon,  // nothing answers on the control socket
    };
    Kind kind = Kind::usage;
    std::string what;  // what is wrong: a sentence without a full stop
    std::string hint;  // what to write or do instead; may be empty
    Spot spot;         // where, if it is in a file

    // "what; hint", to use inside another sentence.
    std::string sentence() const;
    // "FILE:LINE:COL: error: what; hint"; "error: what; hint" without a place.
    std::string text() const;
};

using Errors = std::vector<Error>;

// A value or an error; the compiler warns if it is ignored.
template <class T, class E>
class [[nodiscard]] Expected : public tl::expected<T, E> {
   public:
    using tl::expected<T, E>::expected;
    Expected() = default;
    Expected(tl::expected<T, E> value) : tl::expected<T, E>(std::move(value)) {}
};

template <class T>
using Result = Expected<T, Error>;

// A value or all errors at once, for readers of whole files.
template <class T>
using ResultAll = Expected<T, Errors>;

inline tl::unexpected<Error> fail(Error::Kind kind, std::string what, std::string hint = {}, Spot spot = {}) {
    return tl::unexpected<Error>(Error{kind, std::move(what), std::move(hint), std::move(spot)});
}

// The exit status for each kind: 1 refused or failed, 2 usage or configuration, 3 no daemon.
int exit_code(Error::Kind kind);

// Aborts with the place and the sentence if `holds` is false. Also runs in release builds.
void check(bool holds, const char* sentence, const char* file = __builtin_FILE(), int line = __builtin_LINE());

}  // namespace mc
