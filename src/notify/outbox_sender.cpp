#include "notify/outbox_sender.h"

#include <fmt/format.h>

#include "notify/channels.h"

namespace mc::notify {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds store_rest = 5s;  // after the ledger failed, before it is used again

}  // namespace

OutboxSender::OutboxSender(Stored stored, const std::string& host, Transport transport, Recorder::Ended ended)
    : outbox_(stored.outbox),
      transport_(std::move(transport)),
      recorder_(stored.outbox, std::move(ended)),
      courier_(transport_.now().up) {
    for (const ChannelKind* kind : channel_kinds())
        senders_.emplace(kind->kind(), kind->sender({transport_, stored.threads, channels_, host, [this] { poke(); }}));
}

void OutboxSender::use(Channels channels) {
    channels_ = std::move(channels);
    courier_.look_again(transport_.now());
    poke();
}

void OutboxSender::poke() {
    poked_ = true;
    transport_.wake(transport_.now().up);
}

void OutboxSender::run() {
    poked_ = false;
    const Moment now = transport_.now();
    // First the records, then the posts: a post that cannot be recorded as sent would be sent again and again.
    if (!record({}, now.wall)) return;
    Result<std::vector<OutboxRow>> rows = outbox_.pending(SIZE_MAX);
    if (!rows) return store_failed(rows.error());
    if (Result<void> taken = take_silent(*rows, now.wall); !taken) return store_failed(taken.error());
    Places places;
    Decision decision = courier_.decide(*rows, resolve(*rows, places), now);
    const bool recorded = record(std::move(decision.updates), now.wall);
    for (const Post& post : decision.posts) {
        const Place& place = places.at(post.target);
        place.sender->send(post, place.place,
                           [this, number = post.number](const Answer& answer) { answered(number, answer); });
    }
    tend(decision);
    if (recorded && !poked_) transport_.wake(decision.wake);
}

// A notice that its channel does not take counts as delivered, but does not show that the channel works.
Result<void> OutboxSender::take_silent(std::vector<OutboxRow>& rows, Instant at) {
    Delivered silent;
    std::erase_if(rows, [&](const OutboxRow& row) {
        const ChannelKind* kind = kind_of(row.notice.target);
        const auto channel = kind ? find_channel(channels_, *Target::parse(row.notice.target)) : nullptr;
        if (!channel || kind->takes(row.notice, *channel)) return false;
        silent.ids.push_back(row.notice.id);
        return true;
    });
    return silent.ids.empty() ? Result<void>{} : recorder_.record({silent}, at);
}

Targets OutboxSender::resolve(const std::vector<OutboxRow>& rows, Places& places) {
    Targets targets;
    for (const OutboxRow& row : rows) {
        const std::string& name = row.notice.target;
        const std::optional<Target> target = Target::parse(name);
        if (!target || targets.contains(name)) continue;
        const auto sender = senders_.find(target->kind());
        if (sender == senders_.end()) continue;
        Place& place = places[name];
        place.sender = sender->second.get();
        targets[name] = place.sender->look(*target, place.place);
    }
    return targets;
}

void OutboxSender::tend(Decision& decision) {
    for (const auto& [kind, sender] : senders_)
        if (const auto when = sender->tend()) decision.wake = std::min(decision.wake.value_or(*when), *when);
}

void OutboxSender::answered(std::int64_t number, const Answer& answer) {
    const Moment now = transport_.now();
    if (record(courier_.answered(number, answer, now), now.wall)) poke();
}

bool OutboxSender::record(std::vector<Update> updates, Instant at) {
    for (const Update& update : updates) take_note(update);
    const Result<void> recorded = recorder_.record(std::move(updates), at);
    if (!recorded) {
        store_failed(recorded.error());
        return false;
    }
    store_trouble_.clear();
    return true;
}

// Logs each problem when it begins, changes and ends, not at every try.
void OutboxSender::take_note(const Update& update) {
    if (const auto* done = std::get_if<Delivered>(&update)) {
        if (troubles_.erase(done->target) > 0) transport_.log(done->target + " works again");
    } else if (const auto* later = std::get_if<Deferred>(&update)) {
        std::string& known = troubles_[later->target];
        if (known != later->error) transport_.log(later->error + "; the message is kept and retried");
        known = later->error;
    } else if (const auto* lost = std::get_if<GivenUp>(&update)) {
        // The channel itself works: it has refused this message. Without a mailer it does not.
        if (lost->no_loss && std::exchange(troubles_[lost->target], lost->error) == lost->error) return;
        const std::string line =
            fmt::format("{}; {} given up", lost->error,
                        lost->ids.size() == 1 ? "a message was" : fmt::format("{} messages were", lost->ids.size()));
        transport_.log(line);
        if (transport_.lost && !lost->no_loss) transport_.lost(lost->target, line);
    }
}

void OutboxSender::store_failed(const Error& error) {
    if (store_trouble_ != error.what) transport_.log("messages wait for the ledger: " + sentence_of(error));
    store_trouble_ = error.what;
    transport_.wake(transport_.now().up + store_rest);
}

}  // namespace mc::notify
