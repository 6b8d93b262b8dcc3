// secret_keys.h — the keys of a channel's secret: KEY_file, KEY_env and KEY, of which a section has one.
//
// No message repeats what a key holds: it may be the secret itself, also where its place is expected.
#pragma once

#include "config/channel.h"
#include "config/value.h"

namespace mc::notify {

// "https://...", or an address of this machine without TLS: nothing else may see a secret.
bool is_https_or_local(const std::string& url);

// Each reads one key of a secret of that kind. What is wrong is reported.
void read_secret_file(const Value& value, const SecretKind& kind, Secret& secret);
void read_secret_env(const Value& value, const SecretKind& kind, Secret& secret);
void read_secret_value(const Value& value, const SecretKind& kind, Secret& secret);

// Reports unless the section has exactly one of the three keys.
void check_secret_keys(const ChannelSection& section, const SecretKind& kind, Scope& scope);

}  // namespace mc::notify
