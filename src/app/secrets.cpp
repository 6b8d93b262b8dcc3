#include "app/secrets.h"

#include <fmt/format.h>

#include <algorithm>

#include "os/files.h"

namespace mc::app {

namespace {
constexpr std::size_t secret_bytes_max = 64 * 1024;
constexpr std::size_t masked_from_bytes = 3;  // masking "a" would make the output unreadable
}  // namespace

Result<std::map<std::string, std::string>> read_secrets(const Job& job) {
    std::map<std::string, std::string> values;
    for (const auto& [name, file] : job.secret_env) {
        auto text = os::read_file(file, secret_bytes_max);
        if (!text)
            return fail(Error::Kind::process, fmt::format("secret_env {}: {}", name, text.error().what),
                        text.error().hint);
        if (!text->empty() && text->back() == '\n') text->pop_back();
        values.emplace(name, std::move(*text));
    }
    return values;
}

std::string mask(std::string text, const std::map<std::string, std::string>& secrets) {
    for (const auto& [name, value] : secrets) {
        if (value.size() < masked_from_bytes) continue;
        for (std::size_t at = text.find(value); at != std::string::npos; at = text.find(value, at + 3))
            text.replace(at, value.size(), "***");
    }
    return text;
}

std::size_t settled_length(const std::string& masked, const std::map<std::string, std::string>& secrets) {
    std::size_t held = 0;
    for (const auto& [name, value] : secrets)
        for (std::size_t length = std::min(value.size(), masked.size()); length > held; --length)
            if (masked.ends_with(std::string_view(value).substr(0, length))) held = length;
    return masked.size() - held;
}

}  // namespace mc::app
