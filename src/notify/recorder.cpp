#include "notify/recorder.h"

namespace mc::notify {

Recorder::Recorder(Outbox& outbox, Ended ended) : outbox_(outbox), ended_(std::move(ended)) {}

Result<void> Recorder::record(std::vector<Update> updates, Instant at) {
    for (Update& update : updates) unwritten_.push_back({std::move(update), at});
    while (!unwritten_.empty()) {
        if (Result<void> written = write(unwritten_.front()); !written) return written;
        unwritten_.pop_front();
    }
    return {};
}

Result<void> Recorder::write(const Entry& entry) {
    struct Writer {
        Recorder& self;
        Instant at;
        Result<void> operator()(const ActionEnded& action) const {
            self.ended_(action);
            return {};
        }
        Result<void> operator()(const Delivered& update) const { return self.outbox_.delivered(update.ids, at); }
        Result<void> operator()(const Deferred& update) const {
            return self.outbox_.try_later(update.ids, update.when, update.error);
        }
        Result<void> operator()(const GivenUp& update) const {
            return self.outbox_.given_up(update.ids, at, update.error);
        }
    };
    return std::visit(Writer{*this, entry.at}, entry.update);
}

}  // namespace mc::notify
