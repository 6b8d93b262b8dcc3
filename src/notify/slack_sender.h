// slack_sender.h — sends to Slack by a webhook, or by a bot, which keeps one message and its thread for each alert.
//
// A bot's message that opens an alert is stored in the ledger (SlackThread). Later notices of the alert go into its
// thread, and the message (the thread's head) is updated; also after a folded message, and when the alert closes
// without a notice.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "notify/bot.h"
#include "notify/request_sender.h"

namespace mc::notify {

// Where a Slack target's messages go.
struct SlackPlace {
    std::string url;             // the webhook's URL, or that of the web API without a method
    std::string token, channel;  // of a bot; "" for a webhook
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

    // Notices whose threads' heads are to be updated, one by one and without a guarantee: those of a folded message,
    // and of alerts that closed without a notice.
    std::deque<Notice> thread_parents_;
    bool head_in_flight_ = false;
    Milliseconds next_head_{0};
};

}  // namespace mc::notify
