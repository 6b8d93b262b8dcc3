#include "net/http_server.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <optional>
#include <utility>

#include "net/socket_file.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "os/files.h"
#include "os/unix_socket.h"

namespace mc::os {

namespace {

constexpr ev_ssize_t header_bytes_max = 16 * 1024;
constexpr ev_ssize_t body_bytes_max = 1024 * 1024;
constexpr int silence_seconds_max = 30;
constexpr std::chrono::seconds again_after{5};
constexpr std::size_t connections_of_one_max = 16, connections_of_others_max = 128;
constexpr std::size_t groups_max = 65536;  // Linux's NGROUPS_MAX

const char* method_name(evhttp_request* request) {
    switch (evhttp_request_get_command(request)) {
        case EVHTTP_REQ_GET: return "GET";
        case EVHTTP_REQ_POST: return "POST";
        case EVHTTP_REQ_PUT: return "PUT";
        case EVHTTP_REQ_DELETE: return "DELETE";
        case EVHTTP_REQ_HEAD:
        case EVHTTP_REQ_OPTIONS:
        case EVHTTP_REQ_TRACE:
        case EVHTTP_REQ_CONNECT:
        case EVHTTP_REQ_PATCH: return "";  // libevent refuses these before this call
    }
    return "";
}

std::string decoded(const char* text) {
    if (text == nullptr) return {};
    std::size_t length = 0;
    const std::unique_ptr<char, void (*)(void*)> plain{evhttp_uridecode(text, 0, &length), std::free};
    return plain ? std::string(plain.get(), length) : std::string{};
}

void read_query(const evhttp_uri* uri, HttpRequest& request) {
    const char* text = evhttp_uri_get_query(uri);
    if (text == nullptr || *text == '\0') return;
    if (std::string_view(text).find("%00") != std::string_view::npos) request.bad_query = "the query has a NUL";
    evkeyvalq pairs{};
    if (evhttp_parse_query_str(text, &pairs) == 0) {
        for (const evkeyval* pair = pairs.tqh_first; pair != nullptr; pair = pair->next.tqe_next) {
            if (!request.query.emplace(pair->key, pair->value).second)
                request.bad_query = fmt::format("the query has `{}` twice", pair->key);
        }
    } else {
        request.bad_query = "the query is not NAME=VALUE&NAME=VALUE";
    }
    evhttp_clear_headers(&pairs);
}

std::string body_of(evhttp_request* request) {
    evbuffer* input = evhttp_request_get_input_buffer(request);
    std::string body(evbuffer_get_length(input), '\0');
    evbuffer_copyout(input, body.data(), body.size());
    return body;
}

// nullopt if the kernel cannot name the peer, which happens only for a closed connection.
std::optional<Peer> peer_of(evhttp_request* request) {
    bufferevent* connection = evhttp_connection_get_bufferevent(evhttp_request_get_connection(request));
    ucred credentials{};
    socklen_t size = sizeof credentials;
    const int fd = bufferevent_getfd(connection);
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
    Peer peer{credentials.uid, {credentials.gid}};
    std::vector<gid_t> more(groups_max);
    size = static_cast<socklen_t>(more.size() * sizeof(gid_t));
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, more.data(), &size) == 0)
        peer.groups.insert(peer.groups.end(), more.begin(),
                           more.begin() + size / static_cast<socklen_t>(sizeof(gid_t)));
    return peer;
}

void reply_with(evhttp_request* request, const HttpReply& reply) {
    const std::unique_ptr<evbuffer, void (*)(evbuffer*)> body{evbuffer_new(), evbuffer_free};
    evbuffer_add(body.get(), reply.body.data(), reply.body.size());
    evkeyvalq* headers = evhttp_request_get_output_headers(request);
    evhttp_add_header(headers, "Content-Type", "application/json");
    for (const auto& [name, value] : reply.headers) evhttp_add_header(headers, name.c_str(), value.c_str());
    evhttp_send_reply(request, reply.status, nullptr, body.get());
}

HttpReply answer_of(evhttp_request* request, const HttpServer::Handler& handler) {
    const evhttp_uri* uri = evhttp_request_get_evhttp_uri(request);
    const auto peer = peer_of(request);
    if (!peer) return {403, R"({"error":"cannot identify the caller"})"};
    HttpRequest asked;
    asked.method = method_name(request);
    asked.path = decoded(evhttp_uri_get_path(uri));
    read_query(uri, asked);
    asked.body = body_of(request);
    asked.peer = *peer;
    return handler(asked);
}

// The connections to the listener, by the peer's user.
std::map<std::uint32_t, std::vector<int>> connections_to(const sockaddr_un& listener) {
    std::map<std::uint32_t, std::vector<int>> found;
    for (const auto& entry : entries_of("/proc/self/fd")) {
        const int fd = std::atoi(entry.filename().c_str());
        sockaddr_un name{};
        socklen_t size = sizeof name;
        int listens = 0;
        socklen_t listens_size = sizeof listens;
        ucred peer{};
        socklen_t peer_size = sizeof peer;
        const bool ours = ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) == 0 &&
                          name.sun_family == AF_UNIX && std::strcmp(name.sun_path, listener.sun_path) == 0 &&
                          ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) == 0 && listens == 0 &&
                          ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) == 0;
        if (ours) found[peer.uid].push_back(fd);
    }
    return found;
}

// Fails when a process answers on the path, or when the path is not a socket.
Result<Descriptor> make_listener(const std::string& socket, unsigned mode) {
    if (connect_unix(socket)) {
        return fail(Error::Kind::refused, fmt::format("the socket {} is in use: another daemon answers there", socket),
                    "stop that one, or give this one its own `socket` and `state` in [daemon]");
    }
    struct stat status {};
    if (::lstat(socket.c_str(), &status) == 0 && !S_ISSOCK(status.st_mode)) {
        return fail(Error::Kind::refused, fmt::format("{} is not a socket", socket),
                    "remove it, or set another `socket` in [daemon]");
    }
    const std::size_t slash = socket.rfind('/');
    if (slash != std::string::npos && slash > 0) {
        if (auto made = make_directories(socket.substr(0, slash), 0755); !made) return tl::unexpected(made.error());
    }
    return listen_unix(socket, mode);
}

void cannot_accept(evconnlistener* listener, void*);

// The kernel may refuse to watch the socket; without a retry no connection would be accepted any more.
void listen_again(evconnlistener* listener) {
    if (evconnlistener_enable(listener) != 0) cannot_accept(listener, nullptr);
}

// No descriptor or no memory: pauses for 0.2 s, because libevent would call this again and again at once. Waiting
// connections are accepted after the pause.
void cannot_accept(evconnlistener* listener, void*) {
    const timeval pause{0, 200'000};
    const auto go_on = [](evutil_socket_t, short, void* argument) {
        listen_again(static_cast<evconnlistener*>(argument));
    };
    evconnlistener_disable(listener);
    event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, go_on, listener, &pause);
}

}  // namespace

struct HttpServer::Body {
    std::string socket;
    unsigned mode = 0;
    EventLoop& loop;
    Handler handler;
    std::optional<SocketFile> file;
    MonotonicTimer again{loop, [this] { make_again(); }};
    std::function<void(const std::string&)> lost = [](const std::string&) {};
    evhttp* http = nullptr;
    evconnlistener* accepts = nullptr;  // http's
    sockaddr_un listener{};
    bool will_look = false;

    static bufferevent* connecting(event_base* base, void* self);
    static void on_request(evhttp_request* request, void* self);
    void turn_away();
    void make_again();

    explicit Body(EventLoop& of) : loop(of) {}
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;
    ~Body() {
        if (http != nullptr) evhttp_free(http);
    }
};

// Called before each connection, when its peer is not known yet: libevent accepts all waiting connections in one go.
// So the limits are checked just afterwards.
bufferevent* HttpServer::Body::connecting(event_base* base, void* self) {
    Body& body = *static_cast<Body*>(self);
    const timeval at_once{};
    const auto look = [](evutil_socket_t, short, void* argument) {
        Body& server = *static_cast<Body*>(argument);
        server.loop.guard([&] { server.turn_away(); });
    };
    if (!std::exchange(body.will_look, true)) event_base_once(base, -1, EV_TIMEOUT, look, self, &at_once);
    return bufferevent_socket_new(base, -1, 0);
}

void HttpServer::Body::on_request(evhttp_request* request, void* self) {
    const Body& body = *static_cast<Body*>(self);
    HttpReply reply{500, R"({"error":"internal error: see the daemon's log","hint":"the daemon continues from its )"
                         R"(ledger; check `marketcron status` before you repeat the request","exit_code":1})"};
    body.loop.guard([&] { reply = answer_of(request, body.handler); });
    body.loop.guard([&] { reply_with(request, reply); });
}

// Users other than root and our own get a limited number of connections, each and together, so that descriptors remain
// for the daemon's own work.
void HttpServer::Body::turn_away() {
    will_look = false;
    std::size_t all = 0;
    for (const auto& [uid, connections] : connections_to(listener)) {
        if (uid == 0 || uid == ::geteuid()) continue;
        std::size_t one = 0;
        for (const int fd : connections)
            if (++one > connections_of_one_max || ++all > connections_of_others_max) ::shutdown(fd, SHUT_RDWR);
    }
}

// The new socket takes over the descriptor of the old one, so that connections and pauses continue.
void HttpServer::Body::make_again() {
    if (file->is_ours()) return;
    auto made = make_listener(socket, mode);
    if (made) {
        evconnlistener_disable(accepts);  // epoll watches the socket, not its descriptor number
        const bool is_taken = ::dup3(made->get(), evconnlistener_get_fd(accepts), O_CLOEXEC) >= 0;
        if (!is_taken) made = fail(Error::Kind::resources, std::strerror(errno));
        listen_again(accepts);
    }
    if (!made) {
        again.arm(monotonic_now().time_since_epoch() + again_after);
        return lost(made.error().sentence());
    }
    socklen_t size = sizeof listener;
    (void)::getsockname(made->get(), reinterpret_cast<sockaddr*>(&listener), &size);
    file->renew();
    lost("");
}

void HttpServer::on_lost(std::function<void(const std::string& why)> report) { body_->lost = std::move(report); }

HttpServer::HttpServer(std::unique_ptr<Body> body) : body_(std::move(body)) {}
HttpServer::~HttpServer() = default;
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;

Result<HttpServer> HttpServer::listen(EventLoop& loop, const std::string& socket, unsigned mode, Handler handler) {
    auto listener = make_listener(socket, mode);
    if (!listener) return tl::unexpected(listener.error());

    auto body = std::make_unique<Body>(loop);
    body->socket = socket;
    body->mode = mode;
    body->file.emplace(loop, socket, [made = body.get()] { made->make_again(); });
    body->handler = std::move(handler);
    body->http = evhttp_new(loop.base());
    if (body->http == nullptr) return fail(Error::Kind::resources, fmt::format("cannot serve {}: no memory", socket));
    evhttp_set_max_headers_size(body->http, header_bytes_max);
    evhttp_set_max_body_size(body->http, body_bytes_max);
    evhttp_set_timeout(body->http, silence_seconds_max);
    evhttp_set_allowed_methods(body->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE);
    evhttp_set_bevcb(body->http, Body::connecting, body.get());
    evhttp_set_gencb(body->http, Body::on_request, body.get());
    socklen_t size = sizeof body->listener;
    (void)::getsockname(listener->get(), reinterpret_cast<sockaddr*>(&body->listener), &size);
    evhttp_bound_socket* bound = evhttp_accept_socket_with_handle(body->http, listener->get());
    if (bound == nullptr) return fail(Error::Kind::process, fmt::format("cannot serve {}", socket));
    body->accepts = evhttp_bound_socket_get_listener(bound);
    evconnlistener_set_error_cb(body->accepts, cannot_accept);
    listen_again(body->accepts);  // libevent does not report a failure to enable it
    listener->release();
    return HttpServer(std::move(body));
}

}  // namespace mc::os
