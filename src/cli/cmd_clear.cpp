// cmd_clear.cpp — marketcron clear: resets runs and their downstream runs to waiting; active ones are stopped first.
#include <fmt/format.h>

#include "base/spelling.h"
#include "cli/confirm.h"
#include "cli/table.h"
#include "desk/client.h"
#include "desk/narrator.h"
#include "desk/open.h"
#include "desk/say.h"

namespace mc::app {

namespace {

constexpr std::size_t shown_items = 30;

void print_items(const Json& items) {
    Table table({"RUN", "JOB", "DATE", "", ""});
    std::size_t rows = 0;
    for (const Json& item : items) {
        if (++rows > shown_items) break;
        table.add({std::to_string(item["run"].get<std::int64_t>()), item["job"].get<std::string>(),
                   item["logical_date"].get<std::string>(), item["cleared"].get<bool>() ? "clear" : "unchanged",
                   item["why"].get<std::string>()});
    }
    if (!table.empty()) table.print();
    if (items.size() > shown_items) say("... and {} more\n", items.size() - shown_items);
}

}  // namespace

int cmd_clear(const Args& args) {
    const auto from = args.date("--from"), to = args.date("--to");
    if (!from) return report(from.error());
    if (!to) return report(to.error());
    const auto place = locate_daemon(args);
    if (!place) return report(place.error());
    Json body{{"jobs", args.words},
              {"from", to_string(*from)},
              {"to", to_string(*to)},
              {"downstream", args.has("--downstream")},
              {"dry_run", true}};
    const auto answer = ask_daemon(place->socket, "POST", "/v1/clear", sent(body));
    if (!answer) return report(answer.error());
    const Json& items = (*answer)["items"];
    std::size_t cleared = 0, running = 0;
    for (const Json& item : items) {
        const bool is_cleared = item["cleared"].get<bool>();
        cleared += is_cleared ? 1 : 0;
        running += is_cleared && item["state"] == "running" ? 1 : 0;
        if (args.json) print_line(item);
    }
    if (!args.json) {
        print_items(items);
        say("{} of {} to clear{}\n", cleared, counted(items.size(), "run"),
            running == 0 ? "" : fmt::format("; {} of them running: stopped first", running));
    }
    if (args.has("--dry-run") || cleared == 0) return 0;
    const auto yes = confirmed(args, "Clear them?");
    if (!yes) return report(yes.error());
    if (!*yes) return 1;
    body["dry_run"] = false;
    return act_and_tell(place->socket, "/v1/clear", sent(body), args.json);
}

}  // namespace mc::app
