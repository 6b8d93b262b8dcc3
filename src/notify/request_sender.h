// request_sender.h — the sender of a kind whose message is a request, or a few in turn, and whose end is the last answer.
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
