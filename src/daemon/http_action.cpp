#include "daemon/http_action.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "desk/secrets.h"

namespace mc::app {

namespace {

// The daemon ends a request at the job's timeout. If no daemon runs, the request ends itself, this much later.
constexpr Seconds after_timeout{5};

// Fills in the texts of one run.
class Filler {
   public:
    Filler(const RunFacts& facts, const CalendarSet& calendars, const HttpSecrets& secrets)
        : facts_(facts), calendars_(calendars), secrets_(secrets) {}

    Result<std::string> fill(const Template& text) const { return text.fill(facts_, calendars_); }
    Result<std::string> fill(const HttpText& text) const {
        Result<std::string> filled = fill(text.text);
        if (filled && !text.secret_file.empty()) *filled += secrets_.at(text.secret_file);
        return filled;
    }

   private:
    const RunFacts& facts_;
    const CalendarSet& calendars_;
    const HttpSecrets& secrets_;
};

Result<void> fill_headers(const HttpCall& call, const Filler& filler, os::WebRequest& request) {
    for (const HttpHeader& header : call.headers) {
        auto value = filler.fill(header.value);
        if (!value) return tl::unexpected(value.error());
        if (auto good = check_header_value(*value); !good)
            return fail(Error::Kind::process, fmt::format("http: the header {} {}", header.name, good.error().what),
                        good.error().hint);
        request.headers.emplace_back(header.name, *std::move(value));
    }
    return {};
}

Result<void> fill_body(const HttpCall& call, const Filler& filler, os::WebRequest& request) {
    if (call.body) {
        auto body = filler.fill(*call.body);
        if (!body) return tl::unexpected(body.error());
        request.body = *std::move(body);
    }
    if (call.body_file) {
        auto path = filler.fill(*call.body_file);
        if (!path) return tl::unexpected(path.error());
        request.body_file = *std::move(path);
    }
    return {};
}

os::AwsSigner signer_of(const AwsSigning& signing, const HttpSecrets& secrets) {
    const auto read = [&](const std::string& file) { return file.empty() ? std::string() : secrets.at(file); };
    return {signing.region, signing.service, read(signing.access_key_file), read(signing.secret_key_file),
            read(signing.session_token_file)};
}

int seconds_for(Seconds time) {
    return static_cast<int>(std::min<std::int64_t>(time.count(), std::numeric_limits<int>::max()));
}

// Whether every user may execute the program: the file and all directories on its path permit it.
bool is_open_to_all(const std::filesystem::path& program) {
    struct stat status {};
    for (std::filesystem::path at = program; at.has_relative_path(); at = at.parent_path())
        if (::stat(at.c_str(), &status) != 0 || (status.st_mode & S_IXOTH) == 0) return false;
    return true;
}

}  // namespace

Result<os::WebRequest> make_request(const Job& job, const HttpCall& call, const RunFacts& facts, const Plan& plan) {
    const auto secrets = read_http_secrets(job);
    if (!secrets) return tl::unexpected(secrets.error());
    const Filler filler(facts, *plan.calendars, *secrets);

    os::WebRequest request;
    request.method = call.sent_method();
    auto url = filler.fill(call.url);
    if (!url) return tl::unexpected(url.error());
    if (auto good = check_http_url(*url); !good)
        return fail(Error::Kind::process, "http: " + good.error().what, good.error().hint);
    request.url = *std::move(url);
    request.url_is_secret = !call.url.secret_file.empty();
    if (auto done = fill_headers(call, filler, request); !done) return tl::unexpected(done.error());
    if (auto done = fill_body(call, filler, request); !done) return tl::unexpected(done.error());
    request.status = call.status;
    request.ca_file = call.ca_file;
    request.seconds_max = seconds_for(job.timeout.value_or(http_timeout) + after_timeout);
    if (call.sigv4) request.signer = signer_of(*call.sigv4, *secrets);
    return request;
}

std::string request_program() {
    constexpr const char* own_image = "/proc/self/exe";
    constexpr std::string_view replaced = " (deleted)";
    std::error_code error;
    std::string path = std::filesystem::read_symlink(own_image, error).string();
    if (path.ends_with(replaced)) path.resize(path.size() - replaced.size());
    return !error && is_open_to_all(path) ? path : own_image;
}

}  // namespace mc::app
