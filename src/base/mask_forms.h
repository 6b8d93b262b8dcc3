// mask_forms.h — what must be looked for to find a secret value in a text, and in its readings (mask_reading.h). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mc {

// A value in base64, whatever comes before and after it: letters that always come. Of the first `sure_after` of them, a
// break of the line may part the others: these are enough to know it by.
struct Base64Form {
    std::string letters;
    std::size_t sure_after = 0;
};

struct MaskForms {
    // In the text itself: the value; and of several lines, each line of six bytes or more, without blanks at its ends;
    // and each as a shell quotes it ('\'').
    std::vector<std::string> plain;
    // In each reading of the text: what the value is there, when it is encoded alone or within more that is read in the
    // same way ("a%2Fb" within JSON), also behind an introducer that is none of its own ("100%" before "abc"). With a
    // blank for each +: forms have one for the other.
    std::vector<std::string> read;
    // In the text and in each reading, without blanks and line ends.
    std::vector<Base64Form> base64;
};
// No form is shorter than six bytes, but the value itself.
MaskForms forms_of(std::string_view value);

// With a blank for each +.
std::string without_plus(std::string text);

}  // namespace mc
