// cmd_hold.cpp — marketcron hold, release: nothing of a job starts, until it may again.
#include <nlohmann/json.hpp>

#include "app/client.h"
#include "app/open.h"

namespace mc::app {

int cmd_hold(const Args& args) {
    const auto place = open_place(args);
    if (!place) return report(place.error());
    Json body{{"job", args.words[0]}};
    if (args.has("--until")) body["until"] = args.get("--until");
    return act_and_tell(place->socket, "/v1/hold", body.dump());
}

int cmd_release(const Args& args) {
    const auto place = open_place(args);
    if (!place) return report(place.error());
    return act_and_tell(place->socket, "/v1/release", Json{{"job", args.words[0]}}.dump());
}

}  // namespace mc::app
