// secret_keys.h — the keys of a channel's secret: KEY_file, KEY_env and KEY; a section has exactly one of them.
//
// No error repeats a key's value: it may be the secret itself, even in KEY_file and KEY_env.
#pragma once

#include "config/channel.h"
#include "config/value.h"

namespace mc::notify {

// True for "https://..." and for "http://" on 127.0.0.1 or localhost: only these may get a secret.
bool is_https_or_local(const std::string& url);

// Each reads one key of a secret of that kind, and reports errors at the value.
void read_secret_file(const Value& value, const SecretKind& kind, Secret& secret);
void read_secret_env(const Value& value, const SecretKind& kind, Secret& secret);
void read_secret_value(const Value& value, const SecretKind& kind, Secret& secret);

// Reports unless the section has exactly one of the three keys.
void check_secret_keys(const ChannelSection& section, const SecretKind& kind, Scope& scope);

}  // namespace mc::notify
