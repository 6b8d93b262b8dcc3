#include "config/mail.h"

#include <algorithm>
#include <string_view>

namespace mc {

namespace {

// Of "smtp://HOST:PORT".
bool on_loopback(std::string_view smtp) {
    const std::string_view host = smtp.substr(std::min(smtp.find("://") + 3, smtp.size()));
    return host.starts_with("127.") || host.starts_with("[::1]") || host == "localhost" ||
           host.starts_with("localhost:");
}

}  // namespace

MailSettings::Tls tls_of(const MailSettings& mail) {
    using Tls = MailSettings::Tls;
    return mail.tls.value_or(on_loopback(mail.smtp) ? Tls::opportunistic : Tls::required);
}

}  // namespace mc
