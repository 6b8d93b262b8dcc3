#include "engine/parts.h"

namespace mc {

EngineParts::EngineParts(Recovered recovered, const Ledger& stored, const ReadContext& context,
                         const std::string& boot_id)
    : book(recovered, step),
      records(std::move(recovered.jobs), step),
      agenda(recovered.planned_through, jobs, records),
      ledger(book, records, stored),
      past(ledger, jobs, agenda),
      notices(recovered.last_notice, step, jobs),
      alerts(std::move(recovered.alerts), step, jobs, book, past, notices),
      answers(past),
      causes(jobs, book, records, past, answers, alerts, notices),
      troubles(step, jobs, book),
      endings(step, jobs, book, alerts, notices, troubles),
      sensors(step, jobs, book, past, endings),
      gates(step, jobs, book, records, past, answers, causes, endings, sensors),
      holds(step, jobs, book, records, gates, endings, sensors),
      admission(step, jobs, book, records, gates, holds, sensors, troubles, endings, notices),
      coverage(recovered.coverage_told, step, jobs, notices),
      planner(step, jobs, book, records, agenda, past, gates, endings, admission, alerts, sensors, coverage, context,
              {boot_id, recovered.boot_id != boot_id}),
      clears(recovered.clearing, step, jobs, book, past, gates, endings, sensors),
      backfills(step, jobs, book, records, past, endings),
      operators(step, jobs, book, past, endings, backfills, clears, admission) {}

}  // namespace mc
