// notices.h — writes notifications to the outbox, each with its number.
#pragma once

#include "engine/definitions.h"

namespace mc {

// The targets that the rules name for that kind. acked and closed go to the targets of the alert.
const std::vector<Target>& targets(const NotifyRules& rules, NoticeKind kind);

class Notices {
   public:
    Notices(std::int64_t last, Step& step, const Definitions& jobs);

    // A notification about the present state of the run; not written yet.
    Notice of_run(const Run& run, const Job& job, NoticeKind kind, const std::string& target);
    // A notification about no run; `text` is all of it. Not written yet.
    Notice of_text(const std::string& job, const std::string& target, std::string text);
    // Written with the step.
    void write(Notice notice) { step_.batch.notices.push_back(std::move(notice)); }
    std::vector<Notice>& written() { return step_.batch.notices; }

    // Starts a run whose action is a message: the message is in the outbox from the same transaction on. Its delivery
    // ends the attempt, also after a restart of the daemon. Error: the text cannot be filled in.
    Result<void> post(const SlackPost& action, const Job& job, const Run& run);
    // Cancels the message of such a run.
    void call_back(RunId run);

    void message_asked(const MessageAsked& asked);
    void trouble_told(const TroubleTold& told);

   private:
    Step& step_;
    const Definitions& jobs_;
    std::int64_t last_;
};

}  // namespace mc
