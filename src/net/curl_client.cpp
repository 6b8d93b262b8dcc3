#include "net/curl_client.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "base/mask.h"
#include "net/curl_library.h"
#include "os/clock.h"

namespace mc::os {

namespace {

constexpr long mail_timeout_seconds = 120;
constexpr std::size_t mails_at_once = 4;  // a server with too many connections would refuse them all
constexpr std::size_t looks_at_once = 100, looks_at_a_server = 4;
constexpr long connect_timeout_seconds = 10;
constexpr std::size_t body_bytes_max = 65536;  // Slack's answer repeats a bot's message

// A mail server and the settings of its connections: a connection with other settings must not be used.
struct MailWay {
    std::string server, ca_file;
    ServerMail::Tls tls = ServerMail::Tls::required;
    bool operator==(const MailWay&) const = default;
};
using MailSockets = std::map<curl_socket_t, MailWay>;

// A post, look or mail in progress; libcurl's handle points to it.
struct Transfer {
    std::string content;  // JSON, or a message with lines ending in CR LF
    std::size_t taken = 0;
    PostAnswer answer;
    CurlClient::Done done;
    curl_slist* list = nullptr;  // headers, or a mail's recipients
    std::string password;        // of a mail, to be masked; "" = none
    bool is_mail = false;
    MailWay way;                          // of a mail
    MailSockets* mail_sockets = nullptr;  // where its connection is recorded
    bool is_look = false;
    bool is_final = false;  // for a look: the current headers are the final answer's, not those of a 1xx
};

std::size_t take_body(char* data, std::size_t, std::size_t size, void* argument) {
    std::string& body = static_cast<Transfer*>(argument)->answer.body;
    body.append(data, std::min(size, body_bytes_max - body.size()));
    return size;
}

std::size_t take_header(char* data, std::size_t, std::size_t size, void* argument) {
    if (auto value = header_value({data, size}, "retry-after"))
        static_cast<Transfer*>(argument)->answer.retry_after = *std::move(value);
    return size;
}

// A look needs only the status: the transfer is stopped at the end of the headers, or where the body begins.
std::size_t refuse_body(char*, std::size_t, std::size_t, void*) { return 0; }

std::size_t take_look_header(char* data, std::size_t, std::size_t size, void* argument) {
    Transfer& one = *static_cast<Transfer*>(argument);
    const std::string_view line(data, size);
    const std::size_t status = line.find(' ');
    if (line.starts_with("HTTP/"))
        one.is_final = status == std::string_view::npos ||
                       line.substr(status + 1, 1) != "1";  // a 1xx is followed by another answer
    return one.is_final && (line == "\r\n" || line == "\n") ? 0 : size;
}

std::string server_of(const std::string& url) { return url.substr(0, url.find_first_of("/?", url.find("://") + 3)); }

// Gives libcurl the next part of the message.
std::size_t give_content(char* to, std::size_t, std::size_t room, void* argument) {
    Transfer& one = *static_cast<Transfer*>(argument);
    const std::size_t size = one.content.copy(to, room, one.taken);
    one.taken += size;
    return size;
}

// Keeps the mail server's last reply that reports an error (4xx, 5xx).
std::size_t take_reply(char* data, std::size_t, std::size_t size, void* argument) {
    std::string& line = static_cast<Transfer*>(argument)->answer.error;
    if (size == 0 || (data[0] != '4' && data[0] != '5')) return size;
    line.assign(data, std::min(size, body_bytes_max));
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.pop_back();
    return size;
}

curl_socket_t open_mail_socket(void* argument, curlsocktype, curl_sockaddr* address) {
    const Transfer& one = *static_cast<Transfer*>(argument);
    const curl_socket_t made = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (made < 0) return CURL_SOCKET_BAD;
    try {
        one.mail_sockets->insert_or_assign(made, one.way);
    } catch (...) {  // an exception must not pass through libcurl
        ::close(made);
        return CURL_SOCKET_BAD;
    }
    return made;
}

int close_mail_socket(void* sockets, curl_socket_t socket) {
    static_cast<MailSockets*>(sockets)->erase(socket);
    return ::close(socket);
}

// libcurl would reuse a connection if only server and login are equal. It replaces a connection that is shut down.
void shut_other_ways(const MailSockets& sockets, const MailWay& way) {
    for (const auto& [socket, made] : sockets)
        if (made.server == way.server && made != way) ::shutdown(socket, SHUT_RDWR);
}

std::string with_crlf(std::string_view message) {
    std::string out;
    out.reserve(message.size() + message.size() / 32);
    for (const char c : message) out += c == '\n' ? "\r\n" : std::string_view(&c, 1);
    return out;
}

}  // namespace

struct CurlClient::Body {
    struct Socket {
        EventLoop::Watch readable, writable;
    };

    EventLoop& loop;
    std::chrono::seconds patience;
    std::optional<CurlLibrary> curl;
    CURLM* multi = nullptr;
    MonotonicTimer curl_timer, telling;
    std::map<curl_socket_t, Socket> sockets;
    MailSockets mail_sockets;  // open, in use or kept
    std::map<CURL*, Transfer> sending;
    std::vector<std::pair<Done, PostAnswer>> failed;  // could not begin; answered from the loop
    std::deque<std::pair<ServerMail, Done>> waiting;  // mails that wait for another mail's end
    std::size_t mails = 0;                            // in progress
    struct Unlooked {
        WebLook look;
        Done done;
        std::string server;
        MonotonicTime until;
    };
    std::list<Unlooked> unlooked;
    std::map<std::string, std::size_t> looks;  // in progress, by server
    std::size_t looks_in_all = 0;
    MonotonicTimer unlooked_late;

    Body(EventLoop& on, std::chrono::seconds longest)
        : loop(on),
          patience(longest),
          curl_timer(on, [this] { act(CURL_SOCKET_TIMEOUT, 0); }),
          telling(on, [this] { tell_failed(); }),
          unlooked_late(on, [this] { give_up_looks(); }) {}
    ~Body();
    Result<void> start_curl();
    using Setup = std::function<bool(Transfer& one, CURL* easy)>;  // whether all could be set
    void begin(Done done, const Setup& setup);
    void begin_mails();
    void begin_looks();
    void begin_look(Unlooked next);
    void give_up_looks();
    bool set_web(const std::string& url, CURL* easy) const;
    bool set_look(const WebLook& look, Transfer& one, CURL* easy) const;
    bool set_post(const WebPost& post, Transfer& one, CURL* easy) const;
    bool set_mail(const ServerMail& mail, Transfer& one, CURL* easy);
    static void conclude_mail(Transfer& one, CURLcode code, const char* reason, long status);
    void tell_failed();
    void act(curl_socket_t socket, int events);
    void watch(curl_socket_t socket, int what);
    void finish();
};

CurlClient::Body::~Body() {
    // With a mail in progress, libcurl would wait here for the server's reply, for up to mail_timeout_seconds.
    for (const auto& [socket, way] : mail_sockets) ::shutdown(socket, SHUT_RDWR);
    for (auto& [easy, one] : sending) {
        curl->multi_remove_handle(multi, easy);
        curl->easy_cleanup(easy);
        curl->slist_free_all(one.list);
    }
    if (multi != nullptr) curl->multi_cleanup(multi);
}

Result<void> CurlClient::Body::start_curl() {
    if (multi != nullptr) return {};
    auto loaded = CurlLibrary::load();
    if (!loaded) return tl::unexpected(loaded.error());
    curl = *loaded;
    multi = curl->multi_init();
    if (multi == nullptr) return fail(Error::Kind::network, "libcurl cannot be started");
    const curl_socket_callback on_socket = [](CURL*, curl_socket_t socket, int what, void* self, void*) {
        static_cast<Body*>(self)->watch(socket, what);
        return 0;
    };
    const curl_multi_timer_callback on_timeout = [](CURLM*, long milliseconds, void* self) {
        std::optional<std::chrono::nanoseconds> at;
        if (milliseconds >= 0) at = monotonic_now().time_since_epoch() + std::chrono::milliseconds(milliseconds);
        static_cast<Body*>(self)->curl_timer.arm(at);
        return 0;
    };
    curl->multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl->multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    curl->multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl->multi_setopt(multi, CURLMOPT_TIMERDATA, this);
    return {};
}

void CurlClient::Body::begin(Done done, const Setup& setup) {
    std::string reason = "the address cannot be used";
    if (auto started = start_curl(); !started) {
        reason = started.error().sentence();
    } else if (CURL* easy = curl->easy_init()) {
        Transfer& one = sending[easy];
        one.done = std::move(done);
        if (setup(one, easy) && curl->multi_add_handle(multi, easy) == CURLM_OK) return;
        done = std::move(one.done);
        curl->easy_cleanup(easy);
        curl->slist_free_all(one.list);
        sending.erase(easy);
    }
    failed.emplace_back(std::move(done), PostAnswer{0, reason, {}, {}, false});
    telling.arm(monotonic_now().time_since_epoch());
}

// Sets the options that every web request has.
bool CurlClient::Body::set_web(const std::string& url, CURL* easy) const {
    const auto set = [&](CURLoption option, auto value) { return curl->easy_setopt(easy, option, value) == CURLE_OK; };
    return set(CURLOPT_URL, url.c_str()) && set(CURLOPT_PROTOCOLS_STR, "http,https") &&
           set(CURLOPT_FOLLOWLOCATION, 0L) && set(CURLOPT_NOSIGNAL, 1L) && set(CURLOPT_USERAGENT, "marketcron") &&
           set(CURLOPT_TIMEOUT, static_cast<long>(patience.count())) &&
           set(CURLOPT_CONNECTTIMEOUT, connect_timeout_seconds);
}

bool CurlClient::Body::set_post(const WebPost& post, Transfer& one, CURL* easy) const {
    one.list = curl->slist_append(nullptr, "Content-Type: application/json");
    for (const auto& [name, value] : post.headers)
        one.list = curl->slist_append(one.list, fmt::format("{}: {}", name, value).c_str());
    const auto set = [&](CURLoption option, auto value) { return curl->easy_setopt(easy, option, value) == CURLE_OK; };
    const curl_write_callback on_body = take_body, on_header = take_header;
    return set_web(post.url, easy) && (post.ca_file.empty() || set(CURLOPT_CAINFO, post.ca_file.c_str())) &&
           set(CURLOPT_HTTPHEADER, one.list) && set(CURLOPT_POSTFIELDS, one.content.data()) &&
           set(CURLOPT_POSTFIELDSIZE, static_cast<long>(one.content.size())) && set(CURLOPT_WRITEFUNCTION, on_body) &&
           set(CURLOPT_WRITEDATA, &one) && set(CURLOPT_HEADERFUNCTION, on_header) && set(CURLOPT_HEADERDATA, &one);
}

bool CurlClient::Body::set_look(const WebLook& look, Transfer& one, CURL* easy) const {
    one.is_look = true;
    for (const auto& [name, value] : look.headers)
        one.list = curl->slist_append(one.list, fmt::format("{}: {}", name, value).c_str());
    const auto set = [&](CURLoption option, auto value) { return curl->easy_setopt(easy, option, value) == CURLE_OK; };
    const curl_write_callback on_body = refuse_body, on_header = take_look_header;
    return set_web(look.url, easy) && set(look.head ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1L) &&
           (look.ca_file.empty() || set(CURLOPT_CAINFO, look.ca_file.c_str())) && set(CURLOPT_PATH_AS_IS, 1L) &&
           set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) && (one.list == nullptr || set(CURLOPT_HTTPHEADER, one.list)) &&
           set(CURLOPT_WRITEFUNCTION, on_body) && set(CURLOPT_HEADERFUNCTION, on_header) &&
           set(CURLOPT_HEADERDATA, &one);
}

bool CurlClient::Body::set_mail(const ServerMail& mail, Transfer& one, CURL* easy) {
    one.is_mail = true;
    one.way = {mail.server, mail.ca_file, mail.tls};
    one.mail_sockets = &mail_sockets;
    shut_other_ways(mail_sockets, one.way);
    one.password = mail.password;
    for (const std::string& to : mail.to) one.list = curl->slist_append(one.list, fmt::format("<{}>", to).c_str());
    const auto set = [&](CURLoption option, auto value) { return curl->easy_setopt(easy, option, value) == CURLE_OK; };
    const curl_write_callback on_reply = take_reply;
    const curl_read_callback on_content = give_content;
    const curl_opensocket_callback on_open = open_mail_socket;
    const curl_closesocket_callback on_close = close_mail_socket;
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
           set(CURLOPT_MAIL_FROM, fmt::format("<{}>", mail.from).c_str()) && set(CURLOPT_MAIL_RCPT, one.list) &&
           set(CURLOPT_UPLOAD, 1L) && set(CURLOPT_READFUNCTION, on_content) && set(CURLOPT_READDATA, &one) &&
           set(CURLOPT_HEADERFUNCTION, on_reply) && set(CURLOPT_HEADERDATA, &one) &&
           set(CURLOPT_OPENSOCKETFUNCTION, on_open) && set(CURLOPT_OPENSOCKETDATA, &one) &&
           set(CURLOPT_CLOSESOCKETFUNCTION, on_close) && set(CURLOPT_CLOSESOCKETDATA, &mail_sockets);
}

// The status is set only when the server has decided: it accepted the mail, or refused its sender, recipient or text.
// An earlier refusal (a greeting of 554) or a lost connection is not a decision.
void CurlClient::Body::conclude_mail(Transfer& one, CURLcode code, const char* reason, long status) {
    constexpr long accepted = 250, first_refusal = 400;
    const bool refused = status >= first_refusal && (code == CURLE_SEND_ERROR || one.taken > 0);
    if (code == CURLE_OK) one.answer.status = accepted;
    else if (refused || code == CURLE_LOGIN_DENIED) one.answer.status = static_cast<int>(status);
    if (code == CURLE_OK) one.answer.error.clear();
    else if (one.answer.error.empty()) one.answer.error = reason;
    one.answer.error = Mask({one.password}).hide(one.answer.error);
}

void CurlClient::Body::tell_failed() {
    for (auto& [done, answer] : std::exchange(failed, {}))
        loop.guard([&done = done, &answer = answer] { done(std::move(answer)); });
}

void CurlClient::Body::act(curl_socket_t socket, int events) {
    int running = 0;
    curl->multi_socket_action(multi, socket, events, &running);
    finish();
}

void CurlClient::Body::watch(curl_socket_t socket, int what) {
    if (what == CURL_POLL_REMOVE) {
        sockets.erase(socket);
        return;
    }
    Socket& watched = sockets[socket];
    watched = {};
    if ((what & CURL_POLL_IN) != 0) {
        watched.readable = loop.readable(socket, [this, socket] { act(socket, CURL_CSELECT_IN); });
    }
    if ((what & CURL_POLL_OUT) != 0) {
        watched.writable = loop.writable(socket, [this, socket] { act(socket, CURL_CSELECT_OUT); });
    }
}

// All are removed before any callback is called, because a callback may begin the next post.
void CurlClient::Body::finish() {
    std::vector<Transfer> ended;
    int left = 0;
    while (const CURLMsg* message = curl->multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL* easy = message->easy_handle;
        const CURLcode code = message->data.result;
        Transfer& one = sending.at(easy);
        long status = 0;
        curl->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (one.is_mail) conclude_mail(one, code, curl->easy_strerror(code), status);
        else if (code == CURLE_OK || (one.is_look && code == CURLE_WRITE_ERROR))
            one.answer.status = static_cast<int>(status);
        // libcurl's general text for the code: the detailed text in its error buffer may quote the address.
        // The schemes of addresses were checked before: this code means HTTP/0.9, that is, any text.
        else if (code == CURLE_UNSUPPORTED_PROTOCOL) one.answer.error = "the answer is not HTTP";
        else one.answer.error = curl->easy_strerror(code);
        curl->multi_remove_handle(multi, easy);
        curl->easy_cleanup(easy);
        curl->slist_free_all(one.list);
        ended.push_back(std::move(one));
        sending.erase(easy);
    }
    for (Transfer& one : ended) loop.guard([&one] { one.done(std::move(one.answer)); });
}

CurlClient::CurlClient(EventLoop& loop, std::chrono::seconds patience)
    : body_(std::make_unique<Body>(loop, patience)) {}
CurlClient::~CurlClient() = default;

void CurlClient::post(WebPost post, Done done) {
    body_->begin(std::move(done), [&](Transfer& one, CURL* easy) {
        one.content = std::move(post.json);
        return body_->set_post(post, one, easy);
    });
}

void CurlClient::mail(const ServerMail& mail, Done done) {
    body_->waiting.emplace_back(mail, std::move(done));
    body_->begin_mails();
}

void CurlClient::Body::begin_mails() {
    while (!waiting.empty() && mails < mails_at_once) {
        const std::pair<ServerMail, Done> next = std::move(waiting.front());
        const ServerMail& mail = next.first;
        waiting.pop_front();
        ++mails;
        const auto ended = [this, done = next.second](PostAnswer answer) {
            --mails;
            begin_mails();
            done(std::move(answer));
        };
        begin(ended, [&](Transfer& one, CURL* easy) {
            one.content = with_crlf(mail.message);
            return set_mail(mail, one, easy);
        });
    }
}

void CurlClient::look(WebLook look, Done done) {
    std::string server = server_of(look.url);
    body_->unlooked.push_back({std::move(look), std::move(done), std::move(server), monotonic_now() + body_->patience});
    body_->begin_looks();
}

void CurlClient::Body::begin_looks() {
    for (auto at = unlooked.begin(); at != unlooked.end() && looks_in_all < looks_at_once;) {
        const auto found = looks.find(at->server);
        if (found != looks.end() && found->second >= looks_at_a_server) {
            ++at;
            continue;
        }
        Unlooked next = std::move(*at);
        at = unlooked.erase(at);
        begin_look(std::move(next));
    }
    unlooked_late.arm(unlooked.empty()
                          ? std::nullopt
                          : std::optional<std::chrono::nanoseconds>(unlooked.front().until.time_since_epoch()));
}

void CurlClient::Body::begin_look(Unlooked next) {
    ++looks_in_all;
    ++looks[next.server];
    const auto ended = [this, server = next.server, done = std::move(next.done)](PostAnswer answer) {
        --looks_in_all;
        if (const auto found = looks.find(server); --found->second == 0) looks.erase(found);
        begin_looks();
        done(std::move(answer));
    };
    begin(ended, [&](Transfer& one, CURL* easy) { return set_look(next.look, one, easy); });
}

void CurlClient::Body::give_up_looks() {
    std::vector<Done> told;
    for (; !unlooked.empty() && unlooked.front().until <= monotonic_now(); unlooked.pop_front())
        told.push_back(std::move(unlooked.front().done));
    begin_looks();
    for (const Done& done : told)
        done({0, fmt::format("earlier requests took all slots for {} s", patience.count()), {}, {}, true});
}

}  // namespace mc::os
