// step_past.h — the Past of the engine's parts: its answers include what this step changes.
//
// If a question has failed, the step is not written (Engine::step).
#pragma once

#include "engine/agenda.h"
#include "engine/past.h"
#include "engine/step_ledger.h"
#include "engine/upstream.h"

namespace mc {

class StepPast final : public Past {
   public:
    // All must outlive it.
    StepPast(const StepLedger& ledger, Definitions& jobs, const Agenda& agenda)
        : Past(ledger), jobs_(jobs), agenda_(agenda) {}
    // The past and the future fires, by the plan in force.
    History history() { return {jobs_.plan(), *this, *agenda_.planned_through(), &jobs_.days()}; }

   private:
    Definitions& jobs_;
    const Agenda& agenda_;
};

}  // namespace mc
