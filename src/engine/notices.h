// notices.h — messages for the outbox, each with its number.
#pragma once

#include "engine/definitions.h"

namespace mc {

// The targets that the rules name for it; an operator's word goes where its alert went.
const std::vector<Target>& targets(const NotifyRules& rules, NoticeKind kind);

class Notices {
   public:
    Notices(std::int64_t last, Step& step, const Definitions& jobs);

    // What the run's row says now, for that target; not written yet.
    Notice of_run(const Run& run, const Job& job, NoticeKind kind, const std::string& target);
    // Of no run: all it says is in `text`.
    Notice of_text(const std::string& job, const std::string& target, std::string text);
    // Written with the step.
    void write(Notice notice) { step_.batch.notices.push_back(std::move(notice)); }
    std::vector<Notice>& written() { return step_.batch.notices; }

    // A run whose action is a message: it is in the outbox from the same transaction on, and its delivery ends the
    // attempt, whichever daemon sees it. Error: the text cannot be filled in.
    Result<void> post(const SlackPost& action, const Job& job, const Run& run);
    // The message of such a run is not to be sent.
    void call_back(RunId run);

    void message_asked(const MessageAsked& asked);
    void trouble_told(const TroubleTold& told);

   private:
    Step& step_;
    const Definitions& jobs_;
    std::int64_t last_;
};

}  // namespace mc
