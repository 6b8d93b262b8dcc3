#include "base/name.h"

#include <algorithm>

namespace mc {

bool is_plain_name(std::string_view text, std::string_view also) {
    const auto good = [&](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return letter || c == '_' || c == '-' || also.find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= longest_plain_name && text.front() != '-' && text.front() != '.' &&
           std::all_of(text.begin(), text.end(), good);
}

}  // namespace mc
