// cmd_import.cpp — marketcron import FILE...: prints crontabs as a configuration file, or as cron reads them.
#include <fmt/format.h>

#include <cstdio>
#include <iterator>

#include "base/spelling.h"
#include "cli/import_files.h"
#include "crontab/import.h"
#include "desk/command.h"
#include "desk/json.h"
#include "desk/narrator.h"
#include "desk/say.h"
#include "os/user.h"
#include "os/zone_files.h"

namespace mc::app {

namespace {

Json entry_json(const CrontabEntry& entry) {
    const auto user = os::find_user(entry.user);
    const auto mail = entry.setting("MAILTO");
    Json json;
    json["line"] = entry.line;
    json["user"] = entry.user;
    json["schedule"] = entry.schedule;
    json["command"] = entry.command;
    json["stdin"] = entry.stdin_text ? Json(*entry.stdin_text) : Json(nullptr);
    json["env"] = cron_environment(entry, user ? user->home : "");
    json["mailto"] = mail ? Json(*mail) : Json(nullptr);
    return json;
}

// Jobs and errors together, in the order of their lines.
void print_entries(const Crontab& table) {
    auto problem = table.problems.begin();
    const auto problems_before = [&](int line) {
        for (; problem != table.problems.end() && problem->line < line; ++problem)
            print_line(Json{{"line", problem->line}, {"error", problem->what}});
    };
    for (const CrontabEntry& entry : table.entries) {
        problems_before(entry.line);
        print_line(entry_json(entry));
    }
    if (!table.problems.empty()) problems_before(table.problems.back().line + 1);
}

}  // namespace

int cmd_import(const Args& args) {
    const auto self = os::current_user();
    if (!self) return report(self.error());
    const std::string user = args.has("--user") ? args.get("--user") : self->name;
    std::vector<NamedCrontab> tables;
    for (const std::string& word : args.words) {
        auto read = read_import(word, {args.has("--system"), user});
        if (!read) return report(read.error());
        std::move(read->begin(), read->end(), std::back_inserter(tables));
    }
    if (args.json) {
        for (const NamedCrontab& one : tables) print_entries(one.table);
        return 0;
    }
    // A user's own crontab becomes that user's own configuration, whose jobs need no `user`.
    for (NamedCrontab& one : tables)
        for (CrontabEntry& entry : one.table.entries)
            if (!args.has("--user") && !args.has("--system") && !is_system_table(one.path)) entry.user.clear();
    std::vector<LeftOutLine> left_out;
    const std::string file = import_crontabs(tables, os::zone_files(), &left_out);
    std::fwrite(file.data(), 1, file.size(), stdout);
    for (const auto& [path, problem] : left_out)
        say(stderr, "{}{}: warning: left out: {}\n", path, problem.line == 0 ? "" : fmt::format(":{}", problem.line),
            problem.what);
    std::size_t lines = 0;
    for (const NamedCrontab& one : tables) lines += one.table.entries.size() + one.table.problems.size();
    if (!left_out.empty())
        say(stderr, "marketcron: {} of {} left out; the reasons are above, and in comments in the file\n",
            left_out.size(), counted(lines, "line") + (left_out.size() == 1 ? " is" : " are"));
    return 0;
}

}  // namespace mc::app
