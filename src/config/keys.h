// keys.h — reads a table of the configuration by a list of its keys.
//
// The list defines the known keys: an unknown key gets "did you mean", and a key of a later version is an error, never
// ignored.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/suggest.h"
#include "config/value.h"

namespace mc {

template <class Target>
struct Key {
    std::string_view name;
    std::string_view example;             // `retries = 2`
    void (*read)(const Value&, Target&);  // null: not in this version
};

void report_unknown_key(const toml::key& key, std::string_view title, const std::vector<std::string>& known,
                        Scope& scope);
void report_unsupported_key(const toml::key& key, Scope& scope);

// Reads every entry of the table into `target`. `title` is the table as written: "[job.eod]".
template <class Target>
void read_table(const toml::table& table, std::string_view title, std::span<const Key<Target>> keys, Scope& scope,
                Target& target) {
    for (const auto& [name, node] : table) {
        const Key<Target>* found = nullptr;
        for (const Key<Target>& key : keys) {
            if (key.name == name.str()) found = &key;
        }
        if (!found) {
            std::vector<std::string> known;
            for (const Key<Target>& key : keys) {
                if (key.read) known.emplace_back(key.name);
            }
            report_unknown_key(name, title, known, scope);
        } else if (!found->read) {
            report_unsupported_key(name, scope);
        } else {
            found->read(Value(node, found->name, found->example, scope), target);
        }
    }
}

}  // namespace mc
