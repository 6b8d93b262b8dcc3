// operator.h — an operator's requests about one job or one run: start, stop, rerun, mark.
#pragma once

#include <optional>

#include "engine/admission.h"
#include "engine/backfills.h"
#include "engine/clears.h"

namespace mc {

class Operator {
   public:
    Operator(Step& step, const Definitions& jobs, RunBook& book, Past& past, Endings& endings, Backfills& backfills,
             Clears& clears, const Admission& admission);

    void asked(const StartAsked& asked);
    void asked(const StopAsked& asked);
    void asked(const RerunAsked& asked);
    void asked(const MarkAsked& asked);

   private:
    std::optional<Run> run_asked(RunId id);  // nullopt: there is no such run, and the request was refused
    std::string name_of(const Run& run) const;
    void start_without_date(const Job& job, const StartAsked& asked);
    void start_waiting(const Job& job, const Run& run, const StartAsked& asked);
    void start_new(const Job& job, const StartAsked& asked);
    void refuse_start(const Job& job, const BackfillItem& item, Date date);
    void tell_when_false(const Job& job, const Run& run);
    std::optional<std::string> rerun_refusal(const Run& run) const;

    Step& step_;
    const Definitions& jobs_;
    RunBook& book_;
    Past& past_;
    Endings& endings_;
    Backfills& backfills_;
    Clears& clears_;
    const Admission& admission_;
};

}  // namespace mc
