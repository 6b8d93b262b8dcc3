// mail_address.h — which mail addresses are allowed in a mail header, in a command and in the name of a target.
#pragma once

#include <string_view>

namespace mc {

// One address, or several separated by commas: "ops@example.com", "root". An address has letters, digits and, after the
// first character, `@!:%-._+=`. So it cannot add a header, add a word to a command, or name a program or file to a
// mailer (cronie's rule, plus `=`).
bool is_mail_address(std::string_view text);

}  // namespace mc
