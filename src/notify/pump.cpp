#include "notify/pump.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace mc::notify {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds store_rest = 5s;  // before a ledger that failed is asked again
constexpr std::string_view slack_prefix = "slack:";

// The text of an error without its place, which the log and `status` would only repeat.
std::string sentence(const Error& error) { return error.hint.empty() ? error.what : error.what + "; " + error.hint; }

}  // namespace

Pump::Pump(RunStore& store, std::string host, Hands hands, Recorder::Ended ended)
    : store_(store),
      hands_(std::move(hands)),
      recorder_(store, std::move(ended)),
      courier_(std::move(host), hands_.now().up) {}

void Pump::use(std::map<std::string, SlackTarget> slack) {
    slack_ = std::move(slack);
    poke();
}

void Pump::poke() {
    poked_ = true;
    hands_.wake(hands_.now().up);
}

void Pump::run() {
    poked_ = false;
    const Moment now = hands_.now();
    // What cannot be recorded as sent would be sent again and again: first the records, then the posts.
    if (!record({}, now.wall)) return;
    const Result<std::vector<OutboxRow>> rows = store_.pending(SIZE_MAX);
    if (!rows) return store_failed(rows.error());
    Urls urls;
    Decision decision = courier_.decide(*rows, resolve(*rows, urls), now);
    const bool recorded = record(std::move(decision.updates), now.wall);
    for (const Post& post : decision.posts) send(post, urls.at(post.target));
    if (recorded && !poked_) hands_.wake(decision.wake);
}

Targets Pump::resolve(const std::vector<OutboxRow>& rows, Urls& urls) const {
    Targets targets;
    for (const OutboxRow& row : rows) {
        const std::string& name = row.notice.target;
        if (targets.contains(name) || !name.starts_with(slack_prefix)) continue;
        const auto declared = slack_.find(name.substr(slack_prefix.size()));
        if (declared == slack_.end()) continue;
        const Result<std::string> url = read_webhook(declared->second, hands_.environment);
        if (!url) {
            targets[name] = {Target::Kind::unreadable, 0, name + ": " + sentence(url.error())};
            continue;
        }
        targets[name] = {Target::Kind::ready, stable_hash(*url), ""};
        urls[name] = *url;
    }
    return targets;
}

void Pump::send(const Post& post, const std::string& url) {
    hands_.post(url, post.body, [this, number = post.number, url](PostAnswer answer) {
        answer.error = masked(std::move(answer.error), url);
        const Moment now = hands_.now();
        if (record(courier_.answered(number, answer, now), now.wall)) poke();
    });
}

bool Pump::record(std::vector<Update> updates, Instant at) {
    for (const Update& update : updates) take_note(update);
    const Result<void> recorded = recorder_.record(std::move(updates), at);
    if (!recorded) {
        store_failed(recorded.error());
        return false;
    }
    store_trouble_.clear();
    return true;
}

// The log tells each trouble when it begins, changes and ends, not at every try.
void Pump::take_note(const Update& update) {
    if (const auto* done = std::get_if<Delivered>(&update)) {
        if (troubles_.erase(done->target) > 0) hands_.log(done->target + " works again");
    } else if (const auto* later = std::get_if<Deferred>(&update)) {
        std::string& known = troubles_[later->target];
        if (known != later->error) hands_.log(later->error + "; kept, and tried again");
        known = later->error;
    } else if (const auto* lost = std::get_if<GivenUp>(&update)) {
        troubles_[lost->target] = lost->error;
        hands_.log(
            fmt::format("{}; {} given up", lost->error,
                        lost->ids.size() == 1 ? "a message was" : fmt::format("{} messages were", lost->ids.size())));
    }
}

void Pump::store_failed(const Error& error) {
    if (store_trouble_ != error.what) hands_.log("messages wait for the ledger: " + sentence(error));
    store_trouble_ = error.what;
    hands_.wake(hands_.now().up + store_rest);
}

}  // namespace mc::notify
