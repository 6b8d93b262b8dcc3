#include "config/notify_rules.h"

#include <fmt/format.h>

#include "base/suggest.h"
#include "config/plan.h"

namespace mc {

namespace {

// Nothing if it is not a target, which is reported.
std::optional<Target> target_of(const Value& value) {
    const std::optional<std::string> text = value.text();
    if (!text) return std::nullopt;
    const Scope& scope = value.scope();
    if (const Result<void> good = check_target(*text, scope.readers, scope.channels); good) return Target::parse(*text);
    else value.report(good.error().what, good.error().hint);
    return std::nullopt;
}

}  // namespace

void read_targets(const Value& value, std::vector<Target>& targets) {
    targets.clear();
    for (const Value& element : value.elements())
        if (std::optional<Target> target = target_of(element)) targets.push_back(*std::move(target));
}

void read_notify_rules(const Value& value, NotifyRules& rules) {
    const std::vector<std::pair<std::string, std::vector<Target>*>> lists{
        {"failure", &rules.failure}, {"retry", &rules.retry},   {"success", &rules.success},  {"late", &rules.late},
        {"missed", &rules.missed},   {"output", &rules.output}, {"recovery", &rules.recovery}};
    for (const auto& [key, entry] : value.entries()) {
        if (key == "repeat") {
            const Value own(entry.node(), "notify.repeat", "notify = { repeat = \"4h\" }", entry.scope());
            set(rules.repeat, own.duration(Seconds{60}));
            continue;
        }
        std::vector<std::string> known;
        std::vector<Target>* found = nullptr;
        for (const auto& [name, list] : lists) {
            known.push_back(name);
            if (name == key) found = list;
        }
        known.emplace_back("repeat");
        if (found) read_targets(entry, *found);
        else entry.report(fmt::format("unknown key `{}` in `notify`", key), did_you_mean(key, known));
    }
}

}  // namespace mc
