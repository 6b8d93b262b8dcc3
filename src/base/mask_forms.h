// mask_forms.h — what a secret value looks like after the encodings that are on its way: JSON, URL, base64. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mc {

// The value itself; of several lines, each line of six bytes or more, without blanks at its ends; the value as it is in
// a JSON text and percent-encoded; and what it always becomes inside a text in base64, whatever comes before and after
// it. No form is shorter than six bytes, but the value itself.
std::vector<std::string> forms_of(std::string_view value);

}  // namespace mc
