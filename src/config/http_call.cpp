#include "config/http_call.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc {

namespace {

bool is_control(char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f'; }

tl::unexpected<Error> bad(std::string what, std::string hint) {
    return fail(Error::Kind::config, std::move(what), std::move(hint));
}

}  // namespace

std::string with_names_filled(std::string_view text) {
    std::string filled;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at, 4) == "{{{{") {
            filled += "{{";
            at += 4;
        } else if (text.substr(at, 2) == "{{") {
            filled += 'x';
            at = std::min(text.find("}}", at), text.size() - 2) + 2;
        } else {
            filled += text[at++];
        }
    }
    return filled;
}

Result<void> check_http_url(std::string_view url, std::string_view key) {
    const auto wrong = [&](std::string_view what, std::string hint) {
        return bad(fmt::format("`{}` {}", key, what), std::move(hint));
    };
    const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
    if (scheme == 0) return wrong("is not a web address", fmt::format("write {} = \"https://HOST/PATH\"", key));
    const auto bytes_as_sent = [](char c) { return c > ' ' && c < '\x7f'; };
    if (!std::all_of(url.begin(), url.end(), bytes_as_sent))
        return wrong("has a space or a character outside ASCII", "write it percent-encoded, such as %20");
    if (url.find('#') != std::string_view::npos) return wrong("has a #fragment, which is never sent", "remove it");
    const std::string_view place = url.substr(scheme, url.find_first_of("/?", scheme) - scheme);
    if (place.find('@') != std::string_view::npos)
        return wrong("has a login, which every user could read",
                     key == "url" ? "write headers = { Authorization = { prefix = \"Basic \", file = "
                                    "\"/etc/marketcron/secrets/NAME\" } }"
                                  : "remove it; a sensor with `command` can run curl with a netrc file");
    if (place.empty() || place.front() == ':')
        return wrong("has no host", fmt::format("write {} = \"https://HOST/PATH\"", key));
    return {};
}

Result<void> check_header_value(std::string_view value) {
    if (std::none_of(value.begin(), value.end(), is_control)) return {};
    return bad("has a line break or another control character", "write it on one line");
}

}  // namespace mc
