#include "config/notify_rules.h"

#include <fmt/format.h>

#include "base/suggest.h"
#include "config/plan.h"

namespace mc {

namespace {

bool good_slack(const Value& value, const std::string& name) {
    if (value.scope().slack.contains(name)) return true;
    std::vector<std::string> known;
    for (const auto& [declared, ignored] : value.scope().slack) known.push_back(declared);
    value.report(fmt::format("unknown Slack target \"{}\"", name),
                 known.empty() ? fmt::format("declare it: [slack.{}]", name) : did_you_mean(name, known));
    return false;
}

bool good_target(const Value& value, const std::string& target) {
    if (target.starts_with("slack:")) return good_slack(value, target.substr(6));
    if (!target.starts_with("mail:")) {
        value.report(fmt::format("\"{}\" is no one to tell", target),
                     "write \"slack:NAME\", with a [slack.NAME], or \"mail:ADDRESS\"");
        return false;
    }
    if (is_mail_address(target.substr(5)) && target.find(',') == target.npos) return true;
    value.report(fmt::format("\"{}\" has no mail address", target),
                 "write \"mail:ops@example.com\", once for each who gets it");
    return false;
}

}  // namespace

void read_targets(const Value& value, std::vector<std::string>& targets) {
    targets.clear();
    for (const Value& element : value.elements()) {
        const std::optional<std::string> target = element.text();
        if (target && good_target(element, *target)) targets.push_back(*target);
    }
}

void read_notify_rules(const Value& value, NotifyRules& rules) {
    const std::vector<std::pair<std::string, std::vector<std::string>*>> lists{
        {"failure", &rules.failure}, {"retry", &rules.retry},   {"success", &rules.success},  {"late", &rules.late},
        {"missed", &rules.missed},   {"output", &rules.output}, {"recovery", &rules.recovery}};
    for (const auto& [key, entry] : value.entries()) {
        if (key == "repeat") {
            const Value own(entry.node(), "notify.repeat", "notify = { repeat = \"4h\" }", entry.scope());
            set(rules.repeat, own.duration(Seconds{60}));
            continue;
        }
        std::vector<std::string> known;
        std::vector<std::string>* found = nullptr;
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
