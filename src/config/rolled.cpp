#include "config/rolled.h"

namespace mc {

std::optional<Date> rolled_from(const Job& job, const Fire& fire) {
    const auto from = job.schedule.roll == Roll::none ? std::nullopt : fire.key.moment();
    if (!from) return {};
    const Date date = date_of(job.schedule.zone->to_wall(*from));
    return date == fire.date ? std::nullopt : std::optional(date);
}

}  // namespace mc
