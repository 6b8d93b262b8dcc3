// parts.h — the engine's parts, each after the parts that it uses: those that are passed to its constructor.
#pragma once

#include "engine/operator.h"
#include "engine/planner.h"

namespace mc {

struct EngineParts {
    // `stored` and `context` outlive them.
    EngineParts(Recovered recovered, const Ledger& stored, const ReadContext& context, const std::string& boot_id);
    EngineParts(const EngineParts&) = delete;  // they refer to each other

    Step step;
    Definitions jobs;
    RunBook book;
    JobRecords records;
    Agenda agenda;
    StepLedger ledger;
    StepPast past;
    Notices notices;
    Alerts alerts;
    UpstreamAnswers answers;
    RootCauses causes;
    StartTroubles troubles;
    Endings endings;
    SensorWatch sensors;
    Gates gates;
    Holds holds;
    Admission admission;
    CoverageWatch coverage;
    Planner planner;
    Clears clears;
    Backfills backfills;
    Operator operators;
};

}  // namespace mc
