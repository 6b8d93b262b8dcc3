// keeper_wire.h — the messages between daemon and keeper, over a local stream socket.
//
// A frame is a 32-bit length, a byte for its kind, and the kind's fields; numbers have the machine's
// byte order (both ends are on one machine), texts follow their length.
//
// The daemon begins with `hello`; the keeper answers with its own, for every version of the daemon.
// If the versions differ, both close the connection: the daemon starts a keeper of its own version for new runs, and
// follows the old keeper's runs by their files. So `hello` and the files of an attempt must never change.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "exec/keeper.h"

namespace mc::os::wire {

constexpr std::uint32_t protocol_version = 4;
// A longer frame means a broken peer: the kernel does not accept such long argument lists for exec either.
constexpr std::uint32_t frame_bytes_max = 64u << 20;

enum class Kind : std::uint8_t {
    hello = 1,    // both ways: magic, version, the sender's pid
    launch = 2,   // to the keeper: a Launch
    signal = 3,   // to the keeper: a Signal
    ended = 4,    // to the daemon: an Ended
    claimed = 5,  // to the daemon: run and attempt of a launch that had already begun
    ask = 6,      // to the keeper: a Question
    answer = 7,   // to the daemon: run, attempt, whether the keeper holds it
};

struct Hello {
    std::uint32_t version = 0;
    std::int32_t pid = 0;
};

struct Signal {
    std::int64_t run = 0;
    int attempt = 0;
    int number = 0;
    std::string identity;
};

struct Claimed {
    std::int64_t run = 0;
    int attempt = 0;
};

std::string hello_frame();
std::string frame(const Launch& launch);
std::string frame(const Signal& signal);
std::string frame(const Ended& ended);
std::string frame(const Claimed& claimed);
std::string frame(const Question& question);
std::string frame(const Answer& answer);

struct Message {
    Kind kind{};
    std::string_view body;  // points into the buffer
};

// The next complete frame at `offset` in `buffer`; moves `offset` past it. nullopt while it is incomplete.
// A frame that is too long or of an unknown kind sets `broken`.
std::optional<Message> next_message(std::string_view buffer, std::size_t& offset, bool& broken);

// Each returns nullopt for an invalid body.
std::optional<Hello> read_hello(std::string_view body);
std::optional<Launch> read_launch(std::string_view body);
std::optional<Signal> read_signal(std::string_view body);
std::optional<Ended> read_ended(std::string_view body);
std::optional<Claimed> read_claimed(std::string_view body);
std::optional<Question> read_question(std::string_view body);
std::optional<Answer> read_answer(std::string_view body);

}  // namespace mc::os::wire
