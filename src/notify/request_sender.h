// request_sender.h — the sender for kinds whose message is one or more HTTP requests in turn. The result is the last
// answer, or the first that is not a delivery.
#pragma once

#include "notify/channel.h"

namespace mc::notify {

class RequestSender : public Sender {
   public:
    // `kind` must outlive the sender.
    RequestSender(const ChannelKind& kind, Workplace workplace);

    TargetStatus look(const Target& target, Place& place) override;
    void send(const Post& post, const Place& place, Answered done) override;

   protected:
    const ChannelKind& kind_;
    Workplace workplace_;

   private:
    struct Errand {
        std::string target;
        Place place;
        std::vector<Request> requests;
        std::size_t next = 0;
        Answered done;
    };
    void send_next(Errand errand);
};

// The answer with the place's secrets masked.
PostAnswer masked_answer(PostAnswer answer, const Place& place);

}  // namespace mc::notify
