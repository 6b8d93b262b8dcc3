#include "schedule/count_sessions.h"

namespace mc {

Result<int> count_sessions(const Calendar& calendar, Date from, Date to, int enough) {
    int count = 0;
    while (from <= to && count < enough) {
        const auto next = calendar.on_or_after(from);
        if (!next) {
            // No session follows within coverage: the count is correct if coverage includes the whole range.
            const auto coverage = calendar.coverage();
            if (coverage.holds(from) && coverage.holds(to)) return count;
            return tl::unexpected(next.error());
        }
        if ((*next)->date > to) return count;
        ++count;
        from = (*next)->date + date::days{1};
    }
    return count;
}

}  // namespace mc
