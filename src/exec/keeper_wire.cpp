#include "exec/keeper_wire.h"

#include <unistd.h>

#include <type_traits>

namespace mc::os::wire {

namespace {

constexpr std::uint32_t hello_magic = 0x4d434b50;  // "MCKP"

class Writer {
   public:
    explicit Writer(Kind kind) {
        number(std::uint32_t{0});
        number(kind);
    }
    template <class T>
    void number(T value) {
        static_assert(std::is_trivially_copyable_v<T>);
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void text(std::string_view value) {
        number(static_cast<std::uint32_t>(value.size()));
        bytes_.append(value);
    }
    template <class T>
    void maybe(const std::optional<T>& value) {
        number(static_cast<std::uint8_t>(value.has_value()));
        number(value.value_or(T{}));
    }
    std::string finish() {
        const auto length = static_cast<std::uint32_t>(bytes_.size() - sizeof(std::uint32_t));
        std::memcpy(bytes_.data(), &length, sizeof length);
        return std::move(bytes_);
    }

   private:
    std::string bytes_;
};

// Reads fields in order; after the first missing field all others are empty and whole() is false.
class Reader {
   public:
    explicit Reader(std::string_view body) : rest_(body) {}
    template <class T>
    T number() {
        T value{};
        if (!take(sizeof value)) return value;
        std::memcpy(&value, taken_.data(), sizeof value);
        return value;
    }
    std::string text() {
        const auto length = number<std::uint32_t>();
        return take(length) ? std::string(taken_) : std::string{};
    }
    template <class T>
    std::optional<T> maybe() {
        const bool there = number<std::uint8_t>() != 0;
        const T value = number<T>();
        return there ? std::optional<T>(value) : std::nullopt;
    }
    std::vector<std::string> texts() {
        std::vector<std::string> all;
        for (auto left = number<std::uint32_t>(); left > 0 && intact_; --left) all.push_back(text());
        return all;
    }
    bool whole() const { return intact_ && rest_.empty(); }

   private:
    bool take(std::size_t size) {
        intact_ = intact_ && rest_.size() >= size;
        if (!intact_) return false;
        taken_ = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return true;
    }
    std::string_view rest_, taken_;
    bool intact_ = true;
};

void texts(Writer& out, const std::vector<std::string>& all) {
    out.number(static_cast<std::uint32_t>(all.size()));
    for (const std::string& one : all) out.text(one);
}

std::int64_t seconds(Instant t) { return t.time_since_epoch().count(); }
Instant instant(std::int64_t seconds_since_epoch) { return Instant{Seconds{seconds_since_epoch}}; }

}  // namespace

std::string hello_frame() {
    Writer out(Kind::hello);
    out.number(hello_magic);
    out.number(protocol_version);
    out.number(static_cast<std::int32_t>(::getpid()));
    return out.finish();
}

std::string frame(const Launch& launch) {
    Writer out(Kind::launch);
    out.number(launch.run);
    out.number(launch.attempt);
    texts(out, launch.argv);
    texts(out, launch.env);
    out.text(launch.cwd);
    out.text(launch.stdin_text);
    out.maybe(launch.uid);
    out.maybe(launch.gid);
    out.number(static_cast<std::uint32_t>(launch.groups.size()));
    for (const std::uint32_t group : launch.groups) out.number(group);
    out.number(launch.umask);
    out.number(launch.nice);
    out.number(launch.max_output);
    out.text(launch.owner);
    out.text(launch.identity);
    return out.finish();
}

std::string frame(const Signal& signal) {
    Writer out(Kind::signal);
    out.number(signal.run);
    out.number(signal.attempt);
    out.number(signal.number);
    out.text(signal.identity);
    return out.finish();
}

std::string frame(const Ended& ended) {
    Writer out(Kind::ended);
    out.number(ended.run);
    out.number(ended.attempt);
    out.number(seconds(ended.started));
    out.number(seconds(ended.finished));
    out.maybe(ended.exit_code);
    out.maybe(ended.signal);
    out.text(ended.spawn_error);
    out.number(static_cast<std::uint8_t>(ended.hindrance.has_value()));
    out.number(ended.hindrance ? ended.hindrance->of : Hindrance::Of::every_attempt);
    out.text(ended.hindrance ? ended.hindrance->text : "");
    out.number(ended.max_rss_bytes);
    out.number(ended.cpu_seconds);
    return out.finish();
}

std::string frame(const Claimed& claimed) {
    Writer out(Kind::claimed);
    out.number(claimed.run);
    out.number(claimed.attempt);
    return out.finish();
}

std::string frame(const Question& question) {
    Writer out(Kind::ask);
    out.number(question.id.run);
    out.number(question.id.attempt);
    out.text(question.identity);
    out.number(question.look);
    return out.finish();
}

std::string frame(const Answer& answer) {
    Writer out(Kind::answer);
    out.number(answer.id.run);
    out.number(answer.id.attempt);
    out.number(static_cast<std::uint8_t>(answer.is_held));
    return out.finish();
}

std::optional<Message> next_message(std::string_view buffer, std::size_t& offset, bool& broken) {
    const std::string_view rest = buffer.substr(offset);
    std::uint32_t length = 0;
    if (rest.size() < sizeof length) return std::nullopt;
    std::memcpy(&length, rest.data(), sizeof length);
    broken = length == 0 || length > frame_bytes_max;
    if (broken || rest.size() - sizeof length < length) return std::nullopt;
    const auto kind = static_cast<std::uint8_t>(rest[sizeof length]);
    broken = kind < static_cast<std::uint8_t>(Kind::hello) || kind > static_cast<std::uint8_t>(Kind::answer);
    if (broken) return std::nullopt;
    offset += sizeof length + length;
    return Message{static_cast<Kind>(kind), rest.substr(sizeof length + 1, length - 1)};
}

std::optional<Hello> read_hello(std::string_view body) {
    Reader in(body);
    const auto magic = in.number<std::uint32_t>();
    Hello hello;
    hello.version = in.number<std::uint32_t>();
    hello.pid = in.number<std::int32_t>();
    return in.whole() && magic == hello_magic ? std::optional(hello) : std::nullopt;
}

std::optional<Launch> read_launch(std::string_view body) {
    Reader in(body);
    Launch launch;
    launch.run = in.number<std::int64_t>();
    launch.attempt = in.number<int>();
    launch.argv = in.texts();
    launch.env = in.texts();
    launch.cwd = in.text();
    launch.stdin_text = in.text();
    launch.uid = in.maybe<std::uint32_t>();
    launch.gid = in.maybe<std::uint32_t>();
    const auto groups = in.number<std::uint32_t>();
    if (groups > body.size()) return std::nullopt;
    for (std::uint32_t i = 0; i < groups; ++i) launch.groups.push_back(in.number<std::uint32_t>());
    launch.umask = in.number<std::uint32_t>();
    launch.nice = in.number<int>();
    launch.max_output = in.number<std::uint64_t>();
    launch.owner = in.text();
    launch.identity = in.text();
    return in.whole() ? std::optional(std::move(launch)) : std::nullopt;
}

std::optional<Signal> read_signal(std::string_view body) {
    Reader in(body);
    Signal signal;
    signal.run = in.number<std::int64_t>();
    signal.attempt = in.number<int>();
    signal.number = in.number<int>();
    signal.identity = in.text();
    return in.whole() ? std::optional(std::move(signal)) : std::nullopt;
}

std::optional<Ended> read_ended(std::string_view body) {
    Reader in(body);
    Ended ended;
    ended.run = in.number<std::int64_t>();
    ended.attempt = in.number<int>();
    ended.started = instant(in.number<std::int64_t>());
    ended.finished = instant(in.number<std::int64_t>());
    ended.exit_code = in.maybe<int>();
    ended.signal = in.maybe<int>();
    ended.spawn_error = in.text();
    const bool is_hindered = in.number<std::uint8_t>() != 0;
    const auto of = in.number<Hindrance::Of>();
    std::string text = in.text();
    if (is_hindered) ended.hindrance = Hindrance{of, std::move(text)};
    ended.max_rss_bytes = in.number<std::int64_t>();
    ended.cpu_seconds = in.number<double>();
    return in.whole() ? std::optional(std::move(ended)) : std::nullopt;
}

std::optional<Claimed> read_claimed(std::string_view body) {
    Reader in(body);
    Claimed claimed;
    claimed.run = in.number<std::int64_t>();
    claimed.attempt = in.number<int>();
    return in.whole() ? std::optional(claimed) : std::nullopt;
}

std::optional<Question> read_question(std::string_view body) {
    Reader in(body);
    Question question;
    question.id.run = in.number<std::int64_t>();
    question.id.attempt = in.number<int>();
    question.identity = in.text();
    question.look = in.number<Question::Look>();
    return in.whole() ? std::optional(std::move(question)) : std::nullopt;
}

std::optional<Answer> read_answer(std::string_view body) {
    Reader in(body);
    Answer answer;
    answer.id.run = in.number<std::int64_t>();
    answer.id.attempt = in.number<int>();
    answer.is_held = in.number<std::uint8_t>() != 0;
    return in.whole() ? std::optional(answer) : std::nullopt;
}

}  // namespace mc::os::wire
