#include "net/smtp_client.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "base/mask.h"
#include "net/curl_library.h"
#include "os/descriptor.h"

namespace mc::os {

namespace {

constexpr long mail_timeout_seconds = 120, connect_timeout_seconds = 10;
constexpr std::size_t mails_at_once = 4;  // a server with too many connections would refuse them all
constexpr std::size_t reply_bytes_max = 65536;

// A mail server and the settings of its connections: a connection with other settings must not be used.
struct MailWay {
    std::string server, ca_file;
    ServerMail::Tls tls = ServerMail::Tls::required;
    bool operator==(const MailWay&) const = default;
};

// The open sockets of one libcurl handle. A thread opens and closes them, and the loop shuts them down to end it.
class MailSockets {
   public:
    curl_socket_t open(const curl_sockaddr& address) {
        const std::lock_guard locked(lock_);
        if (is_shut_) return CURL_SOCKET_BAD;
        Descriptor made(::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol));
        if (!made) return CURL_SOCKET_BAD;
        open_.insert(made.get());
        return made.release();
    }
    int close(curl_socket_t socket) {
        const std::lock_guard locked(lock_);
        open_.erase(socket);
        return ::close(socket);
    }
    // libcurl then sees that the server has closed the connection. Until reopen() no socket is opened.
    void shut() {
        const std::lock_guard locked(lock_);
        is_shut_ = true;
        for (const curl_socket_t socket : open_) ::shutdown(socket, SHUT_RDWR);
    }
    void reopen() {
        const std::lock_guard locked(lock_);
        is_shut_ = false;
    }
    bool is_shut() const {
        const std::lock_guard locked(lock_);
        return is_shut_;
    }

   private:
    mutable std::mutex lock_;
    std::set<curl_socket_t> open_;
    bool is_shut_ = false;
};

// Sends one mail at a time. libcurl's handle points to it, and keeps its connection for the next mail.
struct Line {
    MailWay way;
    CURL* easy = nullptr;
    MailSockets sockets;
    // The mail in progress.
    bool busy = false;
    SmtpClient::Done done;
    std::string content, password;  // lines ending in CR LF; the password is masked
    std::size_t taken = 0;          // bytes of the content that libcurl has got
    curl_slist* recipients = nullptr;
    ServerReply reply;
    CURLcode code = CURLE_FAILED_INIT;
    long status = 0;
    std::atomic<bool> ended = false;  // the thread is about to end, and does not use the line any more
    std::thread thread;
};

// Gives libcurl the next part of the message.
std::size_t give_content(char* to, std::size_t, std::size_t room, void* argument) {
    Line& line = *static_cast<Line*>(argument);
    const std::size_t size = line.content.copy(to, room, line.taken);
    line.taken += size;
    return size;
}

// Keeps the mail server's last reply that reports an error (4xx, 5xx).
std::size_t take_reply(char* data, std::size_t, std::size_t size, void* argument) {
    std::string& text = static_cast<Line*>(argument)->reply.error;
    if (size == 0 || (data[0] != '4' && data[0] != '5')) return size;
    text.assign(data, std::min(size, reply_bytes_max));
    while (!text.empty() && (text.back() == '\r' || text.back() == '\n')) text.pop_back();
    return size;
}

curl_socket_t open_socket(void* argument, curlsocktype, curl_sockaddr* address) {
    try {
        return static_cast<MailSockets*>(argument)->open(*address);
    } catch (...) {  // an exception must not pass through libcurl
        return CURL_SOCKET_BAD;
    }
}

int close_socket(void* argument, curl_socket_t socket) { return static_cast<MailSockets*>(argument)->close(socket); }

// libcurl calls this at least once a second, also while it looks for the server's address.
int is_to_end(void* argument, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<MailSockets*>(argument)->is_shut() ? 1 : 0;
}

std::string with_crlf(std::string_view message) {
    std::string out;
    out.reserve(message.size() + message.size() / 32);
    for (const char c : message) out += c == '\n' ? "\r\n" : std::string_view(&c, 1);
    return out;
}

}  // namespace

struct SmtpClient::Body {
    EventLoop& loop;
    std::optional<CurlLibrary> curl;
    std::list<Line> lines;  // at most mails_at_once; the last used is the last
    std::deque<std::pair<ServerMail, Done>> waiting;
    Descriptor bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    EventLoop::Watch rings;

    explicit Body(EventLoop& on) : loop(on), rings(on.readable(bell.get(), [this] { take_ended(); })) {}
    ~Body();
    Line* free_line(const MailWay& way);
    void begin_mails();
    void begin(Line& line, ServerMail mail);
    Result<void> prepare(Line& line, const ServerMail& mail);
    bool set_options(Line& line, const ServerMail& mail) const;
    void close(Line& line) const;
    void end(Line& line);
    void take_ended();
    ServerReply conclude(Line& line) const;
};

SmtpClient::Body::~Body() {
    for (Line& line : lines) line.sockets.shut();
    for (Line& line : lines) {
        if (line.thread.joinable()) line.thread.join();
        if (curl) curl->slist_free_all(line.recipients);
        close(line);
    }
}

// The line that has a connection of this way, or a new one, or the one that was not used for the longest time.
// nullptr: all are busy.
Line* SmtpClient::Body::free_line(const MailWay& way) {
    auto found = std::find_if(lines.begin(), lines.end(), [&](const Line& one) { return !one.busy && one.way == way; });
    if (found == lines.end() && lines.size() < mails_at_once) return &lines.emplace_back();
    if (found == lines.end())
        found = std::find_if(lines.begin(), lines.end(), [](const Line& one) { return !one.busy; });
    if (found == lines.end()) return nullptr;
    lines.splice(lines.end(), lines, found);
    return &*found;
}

void SmtpClient::Body::begin_mails() {
    while (!waiting.empty()) {
        const ServerMail& mail = waiting.front().first;
        Line* line = free_line({mail.server, mail.ca_file, mail.tls});
        if (line == nullptr) return;
        auto [next, done] = std::move(waiting.front());
        waiting.pop_front();
        line->done = std::move(done);
        begin(*line, std::move(next));
    }
}

// A mail that cannot be begun is answered from the loop too.
void SmtpClient::Body::begin(Line& line, ServerMail mail) {
    line.busy = true;
    line.ended = false;
    line.code = CURLE_FAILED_INIT;
    line.status = 0;
    line.taken = 0;
    line.reply = {};
    line.password = mail.password;
    line.content = with_crlf(mail.message);
    if (const auto prepared = prepare(line, mail); !prepared) {
        line.reply.error = prepared.error().sentence();
        return end(line);
    }
    // The thread blocks all signals: the loop handles them.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        line.thread = std::thread([this, &line] {
            line.code = curl->easy_perform(line.easy);
            curl->easy_getinfo(line.easy, CURLINFO_RESPONSE_CODE, &line.status);
            end(line);
        });
    } catch (const std::system_error& error) {
        line.reply.error = fmt::format("cannot start a thread: {}", error.code().message());
        end(line);
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Result<void> SmtpClient::Body::prepare(Line& line, const ServerMail& mail) {
    if (!curl) {
        auto loaded = CurlLibrary::load();
        if (!loaded) return tl::unexpected(loaded.error());
        curl = *loaded;
    }
    // libcurl would reuse a connection if only server and login are equal.
    const MailWay way{mail.server, mail.ca_file, mail.tls};
    if (line.way != way) close(line);
    line.way = way;
    for (Line& other : lines)
        if (!other.busy && other.way.server == way.server && other.way != way) close(other);
    if (line.easy == nullptr) line.easy = curl->easy_init();
    if (line.easy == nullptr) return fail(Error::Kind::network, "libcurl cannot be started");
    for (const std::string& to : mail.to)
        line.recipients = curl->slist_append(line.recipients, fmt::format("<{}>", to).c_str());
    if (!set_options(line, mail)) return fail(Error::Kind::network, "the address cannot be used");
    return {};
}

bool SmtpClient::Body::set_options(Line& line, const ServerMail& mail) const {
    curl->easy_reset(line.easy);
    const auto set = [&](CURLoption option, auto value) {
        return curl->easy_setopt(line.easy, option, value) == CURLE_OK;
    };
    (void)set(CURLOPT_QUICK_EXIT, 1L);  // otherwise the end waits for the name server (libcurl before 7.87 does)
    const curl_write_callback on_reply = take_reply;
    const curl_read_callback on_content = give_content;
    const curl_opensocket_callback on_open = open_socket;
    const curl_closesocket_callback on_close = close_socket;
    const curl_xferinfo_callback on_progress = is_to_end;
    const bool checked = mail.tls != ServerMail::Tls::opportunistic;
    const long tls = mail.tls == ServerMail::Tls::required        ? CURLUSESSL_ALL
                     : mail.tls == ServerMail::Tls::opportunistic ? CURLUSESSL_TRY
                                                                  : CURLUSESSL_NONE;
    return set(CURLOPT_URL, mail.server.c_str()) && set(CURLOPT_PROTOCOLS_STR, "smtp,smtps") &&
           set(CURLOPT_NOSIGNAL, 1L) && set(CURLOPT_TIMEOUT, mail_timeout_seconds) &&
           set(CURLOPT_CONNECTTIMEOUT, connect_timeout_seconds) && set(CURLOPT_USE_SSL, tls) &&
           set(CURLOPT_SSL_VERIFYPEER, checked ? 1L : 0L) && set(CURLOPT_SSL_VERIFYHOST, checked ? 2L : 0L) &&
           (mail.ca_file.empty() || set(CURLOPT_CAINFO, mail.ca_file.c_str())) &&
           (mail.user.empty() ||
            (set(CURLOPT_USERNAME, mail.user.c_str()) && set(CURLOPT_PASSWORD, mail.password.c_str()))) &&
           set(CURLOPT_MAIL_FROM, fmt::format("<{}>", mail.from).c_str()) && set(CURLOPT_MAIL_RCPT, line.recipients) &&
           set(CURLOPT_UPLOAD, 1L) && set(CURLOPT_READFUNCTION, on_content) && set(CURLOPT_READDATA, &line) &&
           set(CURLOPT_HEADERFUNCTION, on_reply) && set(CURLOPT_HEADERDATA, &line) &&
           set(CURLOPT_OPENSOCKETFUNCTION, on_open) && set(CURLOPT_OPENSOCKETDATA, &line.sockets) &&
           set(CURLOPT_CLOSESOCKETFUNCTION, on_close) && set(CURLOPT_CLOSESOCKETDATA, &line.sockets) &&
           set(CURLOPT_XFERINFOFUNCTION, on_progress) && set(CURLOPT_XFERINFODATA, &line.sockets) &&
           set(CURLOPT_NOPROGRESS, 0L);
}

// The sockets are shut down first: libcurl would wait for the server's reply to QUIT.
void SmtpClient::Body::close(Line& line) const {
    if (line.easy == nullptr) return;
    line.sockets.shut();
    curl->easy_cleanup(std::exchange(line.easy, nullptr));
    line.sockets.reopen();
}

// Called by the line's thread, or by the loop if there is none.
void SmtpClient::Body::end(Line& line) {
    line.ended = true;
    const std::uint64_t one = 1;
    (void)!::write(bell.get(), &one, sizeof one);
}

// The next mails begin before any callback is called, because a callback may throw.
void SmtpClient::Body::take_ended() {
    std::uint64_t count = 0;
    (void)!::read(bell.get(), &count, sizeof count);
    std::vector<std::pair<Done, ServerReply>> told;
    for (Line& line : lines) {
        if (!line.busy || !line.ended) continue;
        if (line.thread.joinable()) line.thread.join();
        if (curl) curl->slist_free_all(std::exchange(line.recipients, nullptr));
        told.emplace_back(std::exchange(line.done, nullptr), conclude(line));
        line.busy = false;
    }
    begin_mails();
    for (auto& [done, reply] : told) loop.guard([&done = done, &reply = reply] { done(std::move(reply)); });
}

// The status is set only when the server has decided: it accepted the mail, or refused its sender, recipient or text.
// An earlier refusal (a greeting of 554) or a lost connection is not a decision.
ServerReply SmtpClient::Body::conclude(Line& line) const {
    constexpr int accepted = 250;
    constexpr long first_refusal = 400;
    const std::string password = std::exchange(line.password, "");
    line.content.clear();
    ServerReply reply = std::exchange(line.reply, {});
    if (line.code == CURLE_OK) return {accepted, ""};
    const bool refused = line.status >= first_refusal && (line.code == CURLE_SEND_ERROR || line.taken > 0);
    if (refused || line.code == CURLE_LOGIN_DENIED) reply.status = static_cast<int>(line.status);
    if (reply.error.empty()) reply.error = curl->easy_strerror(line.code);
    reply.error = Mask({password}).hide(reply.error);
    return reply;
}

SmtpClient::SmtpClient(EventLoop& loop) : body_(std::make_unique<Body>(loop)) {}
SmtpClient::~SmtpClient() = default;

void SmtpClient::send(ServerMail mail, Done done) {
    body_->waiting.emplace_back(std::move(mail), std::move(done));
    body_->begin_mails();
}

}  // namespace mc::os
