#include "net/web_request.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>

#include "base/json.h"

namespace mc::os {

namespace {

// To be raised when an older program would misunderstand the new requests.
constexpr int json_version = 1;

Json signer_json(const AwsSigner& signer) {
    return {{"region", signer.region},
            {"service", signer.service},
            {"access_key", signer.access_key},
            {"secret_key", signer.secret_key},
            {"session_token", signer.session_token}};
}

AwsSigner read_signer(const Json& json) {
    const auto text = [&](const char* name) { return json.at(name).get<std::string>(); };
    return {text("region"), text("service"), text("access_key"), text("secret_key"), text("session_token")};
}

WebRequest read_fields(const Json& json) {
    WebRequest request;
    request.method = json.at("method").get<std::string>();
    request.url = json.at("url").get<std::string>();
    request.url_is_secret = json.value("url_is_secret", false);
    for (const Json& header : json.at("headers"))
        request.headers.emplace_back(header[0].get<std::string>(), header[1].get<std::string>());
    if (const Json* body = json.find("body")) request.body = body->get<std::string>();
    request.body_file = json.value("body_file", "");
    request.status = json.at("status").get<std::vector<int>>();
    request.ca_file = json.value("ca_file", "");
    request.seconds_max = json.at("seconds_max").get<int>();
    if (const Json* signer = json.find("signer")) request.signer = read_signer(*signer);
    return request;
}

}  // namespace

Result<std::string> request_json(const WebRequest& request) {
    Json json{{"version", json_version}, {"method", request.method}, {"url", request.url}, {"headers", Json::array()}};
    for (const auto& [name, value] : request.headers) json["headers"].push_back(Json::array({name, value}));
    if (request.url_is_secret) json["url_is_secret"] = true;
    if (request.body) json["body"] = *request.body;
    if (!request.body_file.empty()) json["body_file"] = request.body_file;
    json["status"] = request.status;
    if (!request.ca_file.empty()) json["ca_file"] = request.ca_file;
    json["seconds_max"] = request.seconds_max;
    if (request.signer) json["signer"] = signer_json(*request.signer);
    if (!json.is_utf8())
        return fail(Error::Kind::process, "the request contains text that is not UTF-8",
                    "check the files of its secrets");
    return json.dump();
}

Result<WebRequest> read_request(std::string_view text) {
    // The error has no detail, because that would quote the text.
    const auto foreign = [] { return fail(Error::Kind::process, "this is not a marketcron request"); };
    const auto json = Json::parse(text);
    if (!json) return foreign();
    try {
        if (json->at("version").get<int>() <= json_version) return read_fields(*json);
    } catch (const JsonError&) {
        return foreign();
    }
    return fail(Error::Kind::process, "the request comes from a newer marketcron", "install the daemon's version");
}

std::string without_path(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t path = url.find_first_of("/?#", scheme == std::string_view::npos ? 0 : scheme + 3);
    return fmt::format("{}/***", url.substr(0, std::min(path, url.size())));
}

std::optional<std::string> header_value(std::string_view line, std::string_view name) {
    if (line.size() <= name.size() || line[name.size()] != ':') return {};
    if (::strncasecmp(line.data(), name.data(), name.size()) != 0) return {};
    constexpr std::string_view blanks = " \t\r\n";
    const std::string_view value = line.substr(name.size() + 1);
    const std::size_t begin = value.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return "";
    return std::string(value.substr(begin, value.find_last_not_of(blanks) + 1 - begin));
}

std::string status_text(const std::vector<int>& status) {
    if (status.empty()) return "200-299";
    std::string text = fmt::format("{}", status.front());
    for (std::size_t i = 1; i < status.size(); ++i)
        text += fmt::format("{}{}", i + 1 == status.size() ? " or " : ", ", status[i]);
    return text;
}

bool is_wanted(int status, const std::vector<int>& wanted) {
    if (wanted.empty()) return status >= 200 && status <= 299;
    return std::find(wanted.begin(), wanted.end(), status) != wanted.end();
}

}  // namespace mc::os
