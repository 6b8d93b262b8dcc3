// letters.h — ASCII letters in lower case; all other characters unchanged.
#pragma once

#include <string>
#include <string_view>

namespace mc {

inline std::string lower_case(std::string_view text) {
    std::string small(text);
    for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return small;
}

}  // namespace mc
