#include "engine/parts.h"

namespace mc {

EngineParts::EngineParts(Recovered recovered, const Ledger& stored, const ReadContext& context,
                         const std::string& boot_id)
    : book(recovered, step),
      records(std::move(recovered.jobs), step),
      agenda(recovered.planned_through, jobs, records),
      ledger(book, records, stored, jobs, agenda),
      notices(recovered.last_notice, step, jobs),
      alerts(std::move(recovered.alerts), step, jobs, book, ledger, notices),
      answers(ledger),
      causes(jobs, book, records, ledger, answers, alerts, notices),
      troubles(step, jobs, book),
      endings(step, jobs, book, alerts, notices, troubles),
      sensors(step, jobs, book, ledger, endings),
      gates(step, jobs, book, records, ledger, answers, causes, endings, sensors),
      holds(step, jobs, book, records, gates, endings, sensors),
      admission(step, jobs, book, records, gates, holds, sensors, troubles, endings, notices),
      coverage(recovered.coverage_told, step, jobs, notices),
      planner(step, jobs, book, records, agenda, ledger, gates, endings, admission, alerts, sensors, coverage, context,
              {boot_id, recovered.boot_id != boot_id}),
      clears(recovered.clearing, step, jobs, book, ledger, gates, endings, sensors),
      backfills(step, jobs, book, records, ledger, endings),
      operators(step, jobs, book, ledger, endings, backfills, clears, admission) {}

}  // namespace mc
