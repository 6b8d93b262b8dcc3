#include "os/poster.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "os/clock.h"
#include "os/curl_library.h"

namespace mc::os {

namespace {

constexpr long timeout_seconds = 30;
constexpr long connect_timeout_seconds = 10;
constexpr std::size_t body_bytes_max = 4096;

// One post under way; libcurl's handle points at it.
struct Sending {
    std::string json;
    PostAnswer answer;
    Poster::Done done;
    curl_slist* headers = nullptr;
};

std::size_t take_body(char* data, std::size_t, std::size_t size, void* argument) {
    std::string& body = static_cast<Sending*>(argument)->answer.body;
    body.append(data, std::min(size, body_bytes_max - body.size()));
    return size;
}

std::size_t take_header(char* data, std::size_t, std::size_t size, void* argument) {
    constexpr std::string_view name = "retry-after:";
    if (size <= name.size() || ::strncasecmp(data, name.data(), name.size()) != 0) return size;
    std::string_view value(data + name.size(), size - name.size());
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == '\r' || value.back() == '\n' || value.back() == ' '))
        value.remove_suffix(1);
    static_cast<Sending*>(argument)->answer.retry_after = value;
    return size;
}

}  // namespace

struct Poster::Body {
    struct Socket {
        EventLoop::Watch readable, writable;
    };

    EventLoop& loop;
    std::optional<CurlLibrary> curl;
    CURLM* multi = nullptr;
    MonotonicTimer curl_timer, telling;
    std::map<curl_socket_t, Socket> sockets;
    std::map<CURL*, Sending> sending;
    std::vector<std::pair<Done, PostAnswer>> failed;  // could not begin; told from the loop

    explicit Body(EventLoop& on)
        : loop(on), curl_timer(on, [this] { act(CURL_SOCKET_TIMEOUT, 0); }), telling(on, [this] { tell_failed(); }) {}
    ~Body();
    Result<void> start_curl();
    bool begin(const std::string& url, Sending& what, CURL* easy);
    void tell_failed();
    void act(curl_socket_t socket, int events);
    void watch(curl_socket_t socket, int what);
    void finish();
};

Poster::Body::~Body() {
    for (auto& [easy, one] : sending) {
        curl->multi_remove_handle(multi, easy);
        curl->easy_cleanup(easy);
        curl->slist_free_all(one.headers);
    }
    if (multi != nullptr) curl->multi_cleanup(multi);
}

Result<void> Poster::Body::start_curl() {
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

bool Poster::Body::begin(const std::string& url, Sending& what, CURL* easy) {
    what.headers = curl->slist_append(nullptr, "Content-Type: application/json");
    const auto set = [&](CURLoption option, auto value) { return curl->easy_setopt(easy, option, value) == CURLE_OK; };
    const curl_write_callback on_body = take_body, on_header = take_header;
    return set(CURLOPT_URL, url.c_str()) && set(CURLOPT_PROTOCOLS_STR, "http,https") &&
           set(CURLOPT_FOLLOWLOCATION, 0L) && set(CURLOPT_NOSIGNAL, 1L) && set(CURLOPT_USERAGENT, "marketcron") &&
           set(CURLOPT_TIMEOUT, timeout_seconds) && set(CURLOPT_CONNECTTIMEOUT, connect_timeout_seconds) &&
           set(CURLOPT_HTTPHEADER, what.headers) && set(CURLOPT_POSTFIELDS, what.json.data()) &&
           set(CURLOPT_POSTFIELDSIZE, static_cast<long>(what.json.size())) && set(CURLOPT_WRITEFUNCTION, on_body) &&
           set(CURLOPT_WRITEDATA, &what) && set(CURLOPT_HEADERFUNCTION, on_header) && set(CURLOPT_HEADERDATA, &what) &&
           curl->multi_add_handle(multi, easy) == CURLM_OK;
}

void Poster::Body::tell_failed() {
    for (auto& [done, answer] : std::exchange(failed, {})) done(std::move(answer));
}

void Poster::Body::act(curl_socket_t socket, int events) {
    int running = 0;
    curl->multi_socket_action(multi, socket, events, &running);
    finish();
}

void Poster::Body::watch(curl_socket_t socket, int what) {
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

// All are taken out before any is told, for being told may begin the next post.
void Poster::Body::finish() {
    std::vector<Sending> ended;
    int left = 0;
    while (const CURLMsg* message = curl->multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL* easy = message->easy_handle;
        const CURLcode code = message->data.result;
        Sending& one = sending.at(easy);
        long status = 0;
        curl->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (code == CURLE_OK) one.answer.status = static_cast<int>(status);
        // libcurl's general sentence: the particular one of its error buffer may quote the address.
        else one.answer.error = curl->easy_strerror(code);
        curl->multi_remove_handle(multi, easy);
        curl->easy_cleanup(easy);
        curl->slist_free_all(one.headers);
        ended.push_back(std::move(one));
        sending.erase(easy);
    }
    for (Sending& one : ended) one.done(std::move(one.answer));
}

Poster::Poster(EventLoop& loop) : body_(std::make_unique<Body>(loop)) {}
Poster::~Poster() = default;

void Poster::post(const std::string& url, const std::string& json, Done done) {
    std::string reason = "the address cannot be used";
    if (auto started = body_->start_curl(); !started) {
        reason = started.error().hint.empty() ? started.error().what
                                              : fmt::format("{}; {}", started.error().what, started.error().hint);
    } else if (CURL* easy = body_->curl->easy_init()) {
        Sending& one = body_->sending[easy];
        one.json = json;
        one.done = std::move(done);
        if (body_->begin(url, one, easy)) return;
        done = std::move(one.done);
        body_->curl->easy_cleanup(easy);
        body_->curl->slist_free_all(one.headers);
        body_->sending.erase(easy);
    }
    body_->failed.emplace_back(std::move(done), PostAnswer{0, reason, {}, {}});
    body_->telling.arm(monotonic_now().time_since_epoch());
}

}  // namespace mc::os
