#include "config/sections.h"

#include "config/notify_rules.h"

namespace mc {

namespace {

constexpr Key<DaemonSettings> capacity_keys[] = {
    {"memory", "memory = \"64G\"", [](const Value& v, DaemonSettings& d) { set(d.capacity_memory, v.size()); }},
    {"cpus", "cpus = 16", [](const Value& v, DaemonSettings& d) { set(d.capacity_cpus, v.number(0.01)); }},
};

void read_capacity(const Value& value, DaemonSettings& daemon) {
    const toml::table* table = value.node().as_table();
    if (table) read_table<DaemonSettings>(*table, "`capacity`", capacity_keys, value.scope(), daemon);
    else value.report("`capacity` must be a table", "write capacity = { memory = \"64G\", cpus = 16 }");
}

constexpr Key<DaemonSettings> daemon_keys[] = {
    {"state", "state = \"/var/lib/marketcron\"", [](const Value& v, DaemonSettings& d) { set(d.state, v.path()); }},
    {"socket", "socket = \"/run/marketcron/control\"",
     [](const Value& v, DaemonSettings& d) { set(d.socket, v.path()); }},
    {"capacity", "capacity = { memory = \"64G\", cpus = 16 }", read_capacity},
    {"keep_runs", "keep_runs = \"7y\"", [](const Value& v, DaemonSettings& d) { set(d.keep_runs, v.age()); }},
    {"keep_output", "keep_output = \"90d\"", [](const Value& v, DaemonSettings& d) { set(d.keep_output, v.age()); }},
    {"notify", "notify = [\"slack:ops\"]", [](const Value& v, DaemonSettings& d) { read_targets(v, d.notify); }},
    {"max_output", "max_output = \"10M\"", [](const Value& v, DaemonSettings& d) { set(d.max_output, v.size()); }},
};

void read_paths(const Value& value, std::vector<std::string>& paths) {
    for (const Value& element : value.elements())
        if (auto path = element.path()) paths.push_back(*std::move(path));
}

constexpr Key<CrontabSettings> crontab_keys[] = {
    {"files", "files = [\"/etc/crontab\"]", [](const Value& v, CrontabSettings& c) { read_paths(v, c.files); }},
    {"dirs", "dirs = [\"/etc/cron.d\"]", [](const Value& v, CrontabSettings& c) { read_paths(v, c.dirs); }},
    {"spool", "spool = \"/var/spool/cron/crontabs\"",
     [](const Value& v, CrontabSettings& c) { set(c.spool, v.path()); }},
    {"names", "names = \"debian\"",
     [](const Value& v, CrontabSettings& c) {
         set(c.cronies_names, v.choice<bool>({{"debian", false}, {"cronie", true}}));
     }},
    {"notify", "notify = { failure = [\"slack:ops\"] }",
     [](const Value& v, CrontabSettings& c) { read_notify_rules(v, c.notify); }},
};

constexpr Key<int> pool_keys[] = {
    {"slots", "slots = 4", [](const Value& v, int& slots) { set(slots, v.whole(1, 1'000'000)); }},
};

}  // namespace

DaemonSettings read_daemon(const Document& document, Scope& scope) {
    DaemonSettings daemon;
    for (const toml::table* table : document.daemon)
        read_table<DaemonSettings>(*table, "[daemon]", daemon_keys, scope, daemon);
    return daemon;
}

CrontabSettings read_crontab_settings(const Document& document, Scope& scope) {
    CrontabSettings crontab;
    for (const toml::table* table : document.crontab) {
        read_table<CrontabSettings>(*table, "[crontab]", crontab_keys, scope, crontab);
        crontab.spot = spot_of(*table);
    }
    return crontab;
}

int read_pool(const std::string& name, const Section& section, Scope& scope) {
    int slots = 1;
    read_table<int>(*section.table, fmt::format("[pool.{}]", name), pool_keys, scope, slots);
    if (!section.table->contains("slots"))
        scope.problems.report(section.spot, fmt::format("[pool.{}] has no slots", name), "write slots = 4");
    return slots;
}

}  // namespace mc
