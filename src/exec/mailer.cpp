#include "exec/mailer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <list>
#include <system_error>
#include <utility>

#include "exec/small_command.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "os/user.h"

namespace mc::os {

namespace {

constexpr std::size_t running_max = 4, hanging_max = 20;
constexpr std::size_t text_max = 4096;
constexpr std::size_t at_once = 65536;  // bytes read in one turn

std::string reason(int error) { return std::generic_category().message(error); }

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t put = ::write(fd, text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

std::vector<std::string> environment() {
    const User self = current_user().value_or(User{});
    return {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + self.home,
            "USER=" + self.name, "LOGNAME=" + self.name, "LANG=C.UTF-8"};
}

struct Letter {
    std::vector<std::string> argv;
    std::string message;
    Mailer::Done done;
};

// The output of a running program.
struct Output {
    Descriptor end;
    EventLoop::Watch printed;
    std::string text;
};

}  // namespace

struct Mailer::Body {
    EventLoop& loop;
    std::chrono::seconds patience;
    SmallCommands commands;
    std::deque<Letter> waiting;
    std::list<Output> outputs;                         // of running programs
    std::vector<std::pair<Done, std::string>> failed;  // could not begin; answered from the loop
    MonotonicTimer telling;

    Body(EventLoop& on, std::chrono::seconds longest)
        : loop(on), patience(longest), commands(on, longest), telling(on, [this] {
              for (auto& [done, trouble] : std::exchange(failed, {})) done({{}, std::move(trouble)});
          }) {}
    void begin_next();
    std::string begin(Letter& letter);
    static void read_output(Output& one);
    MailerEnd end_of(const SmallEnd& end, const std::string& program, Output& output) const;
};

void Mailer::Body::begin_next() {
    while (!waiting.empty() && outputs.size() < running_max) {
        Letter letter = std::move(waiting.front());
        waiting.pop_front();
        std::string trouble = begin(letter);
        if (trouble.empty()) continue;
        failed.emplace_back(std::move(letter.done), std::move(trouble));
        telling.arm(monotonic_now().time_since_epoch());
    }
}

// "" or why the program could not be started.
std::string Mailer::Body::begin(Letter& letter) {
    if (commands.hanging() >= hanging_max) return "earlier mailers hang and cannot be killed";
    const Descriptor message(::memfd_create("mail", MFD_CLOEXEC));
    if (!message || !write_all(message.get(), letter.message) || ::lseek(message.get(), 0, SEEK_SET) != 0)
        return "no memory for the message: " + reason(errno);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        return "cannot create a pipe for the mailer: " + reason(errno);
    const Descriptor theirs(ends[1]);
    (void)::fcntl(theirs.get(), F_SETFL, 0);  // the program's end blocks, as programs expect
    const auto place = outputs.insert(outputs.end(), Output{Descriptor(ends[0]), {}, {}});
    place->printed = loop.readable(place->end.get(), [place] { read_output(*place); });
    SmallCommand command{{}, message.get(), theirs.get(), "", false};
    command.launch.env = environment();
    command.launch.argv = std::move(letter.argv);
    const std::string program = command.launch.argv.front();
    commands.start(std::move(command), [this, place, program, done = std::move(letter.done)](const SmallEnd& end) {
        MailerEnd answer = end_of(end, program, *place);
        outputs.erase(place);
        begin_next();
        done(std::move(answer));
    });
    return "";
}

void Mailer::Body::read_output(Output& one) {
    std::array<char, at_once> buffer;
    const ssize_t got = ::read(one.end.get(), buffer.data(), buffer.size());
    if (got > 0) one.text.append(buffer.data(), std::min(static_cast<std::size_t>(got), text_max - one.text.size()));
    else if (got == 0 || errno != EAGAIN) one.printed = {};
}

MailerEnd Mailer::Body::end_of(const SmallEnd& end, const std::string& program, Output& output) const {
    if (!end.failure.empty()) return {{}, fmt::format("{}: {}", program, end.failure)};
    if (end.too_late) return {{}, fmt::format("the mailer did not end within {} s", patience.count())};
    if (end.signal) return {{}, fmt::format("the mailer was ended by signal {}", *end.signal)};
    read_output(output);
    return {end.exit_code, std::move(output.text)};
}

Mailer::Mailer(EventLoop& loop, std::chrono::seconds patience) : body_(std::make_unique<Body>(loop, patience)) {}
Mailer::~Mailer() = default;

void Mailer::send(std::vector<std::string> argv, std::string message, Done done) {
    body_->waiting.push_back({std::move(argv), std::move(message), std::move(done)});
    body_->begin_next();
}

}  // namespace mc::os
