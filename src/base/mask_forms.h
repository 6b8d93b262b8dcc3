// mask_forms.h — the forms of a secret value to search for in a text and in its readings (mask_reading.h). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mc {

// A value in base64: the letters that are the same whatever comes before and after the value. A line break may come
// after the first `sure_after` letters or later; these first letters are enough to recognize the value.
struct Base64Form {
    std::string letters;
    std::size_t sure_after = 0;
};

struct MaskForms {
    // Searched in the text itself: the value; for a value of several lines, each line of six bytes or more without
    // blanks at its ends; and each of these as a shell quotes it ('\'').
    std::vector<std::string> plain;
    // Searched in each reading of the text: the reading of the value when it is encoded alone or inside a text that is
    // decoded in the same way ("a%2Fb" in JSON), also after an introducer that is not part of it ("100%" before "abc").
    // Each + is replaced by a blank, because forms use one for the other.
    std::vector<std::string> read;
    // Searched in the text and in each reading, without blanks and line ends.
    std::vector<Base64Form> base64;
};
// Every form except the value itself has at least six bytes.
MaskForms forms_of(std::string_view value);

// The text with each + replaced by a blank.
std::string without_plus(std::string text);

}  // namespace mc
