#include "net/curl_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "net/curl_library.h"
#include "os/clock.h"

namespace mc::os {

namespace {

constexpr std::size_t looks_at_once = 100, looks_at_a_server = 4;
constexpr long connect_timeout_seconds = 10;
constexpr std::size_t body_bytes_max = 65536;  // Slack's answer repeats a bot's message

// A post or look in progress; libcurl's handle points to it.
struct Transfer {
    std::string content;  // JSON
    PostAnswer answer;
    CurlClient::Done done;
    curl_slist* list = nullptr;  // headers
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
    std::map<CURL*, Transfer> sending;
    std::vector<std::pair<Done, PostAnswer>> failed;  // could not begin; answered from the loop
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
    void begin_looks();
    void begin_look(Unlooked next);
    void give_up_looks();
    bool set_web(const std::string& url, CURL* easy) const;
    bool set_look(const WebLook& look, Transfer& one, CURL* easy) const;
    bool set_post(const WebPost& post, Transfer& one, CURL* easy) const;
    void tell_failed();
    void act(curl_socket_t socket, int events);
    void watch(curl_socket_t socket, int what);
    void finish();
};

CurlClient::Body::~Body() {
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
    (void)set(CURLOPT_QUICK_EXIT, 1L);  // otherwise a request that ends waits for the name server (before 7.87 it does)
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
        if (code == CURLE_OK || (one.is_look && code == CURLE_WRITE_ERROR))
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
