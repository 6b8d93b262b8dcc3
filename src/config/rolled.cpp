#include "config/rolled.h"

namespace mc {

std::optional<Date> rolled_from(const Job& job, const Fire& fire) {
    constexpr std::string_view cron = "cron ";
    if (job.schedule.roll == Roll::none || !fire.key.starts_with(cron)) return {};
    const auto from = parse_instant(std::string_view(fire.key).substr(cron.size()));
    if (!from) return {};
    const Date date = date_of(job.schedule.zone->to_wall(*from));
    return date == fire.date ? std::nullopt : std::optional(date);
}

}  // namespace mc
