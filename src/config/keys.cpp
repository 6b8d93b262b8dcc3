#include "config/keys.h"

namespace mc {

void report_unknown_key(const toml::key& key, std::string_view title, const std::vector<std::string>& known,
                        Scope& scope) {
    scope.problems.report(spot_of(key.source()), fmt::format("unknown key `{}` in {}", key.str(), title),
                          did_you_mean(key.str(), known));
}

void report_unsupported_key(const toml::key& key, Scope& scope) {
    scope.problems.report(spot_of(key.source()), fmt::format("`{}` is not supported by this version", key.str()),
                          "remove it");
}

}  // namespace mc
