// slack_sender.h — Slack at work: a webhook's posts; and a bot's, which updates one message an alert and keeps its thread.
//
// A bot's message that begins an alert is kept in the ledger (SlackThread). What comes later of the alert goes into its
// thread, and its head is brought up to date, also after a folded message and where the alert closed without a word.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "notify/bot.h"
#include "notify/request_sender.h"

namespace mc::notify {

// Where a Slack target's messages go.
struct SlackPlace {
    std::string url;             // the webhook's, or of the web API without a method
    std::string token, channel;  // a bot's; "" of a webhook
};
SlackPlace slack_place(const Place& place);

class SlackSender : public RequestSender {
   public:
    // `kind` must outlive the sender.
    SlackSender(const ChannelKind& kind, Workplace workplace);

    void send(const Post& post, const Place& place, Answered done) override;
    std::optional<Milliseconds> tend() override;

   private:
    struct Errand {
        Post post;
        SlackPlace place;
        Answered done;
    };
    using Asked = std::function<void(const BotAnswer& answer)>;

    void send_by_bot(const Errand& errand);
    void post_alone(const Errand& errand);
    void post_in_thread(const Errand& errand, const SlackThread& thread);
    void reply_in_thread(const Errand& errand, const std::string& reply);
    std::optional<SlackThread> thread_of(const Notice& notice) const;
    void posted_alone(const Errand& errand, const std::string& body, const BotAnswer& told);
    void queue_head(const Notice& notice);
    void queue_closed_heads();
    void update_head();
    void head_updated(const Notice& notice, const BotAnswer& told);
    void ask_slack(const std::string& target, const SlackPlace& place, const std::string& method,
                   const std::string& body, Asked done);

    // The heads of a bot's messages that a folded one spoke of, or whose alert closed without a word: brought up to
    // date one by one, as well as it goes.
    std::deque<Notice> thread_parents_;
    bool head_in_flight_ = false;
    Milliseconds next_head_{0};
};

}  // namespace mc::notify
