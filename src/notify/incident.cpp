#include "notify/incident.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "notify/text.h"

namespace mc::notify {
namespace {

constexpr std::size_t key_max = 255;

}  // namespace

// These messages have no run, while a job's own message has one; and no job can have these names.
bool is_test(const Notice& notice) { return notice.is_action && !notice.run && notice.job == "notify test"; }
bool is_trouble(const Notice& notice) { return notice.is_action && !notice.run && notice.job == "marketcron"; }

IncidentStep incident_step(const Notice& notice) {
    if (is_trouble(notice)) return notice.title == "resolved" ? IncidentStep::resolve : IncidentStep::trigger;
    if (notice.is_action) return IncidentStep::trigger;
    switch (notice.kind) {
        case NoticeKind::failure:
        case NoticeKind::late:
        case NoticeKind::missed: return IncidentStep::trigger;
        case NoticeKind::acked: return IncidentStep::acknowledge;
        case NoticeKind::recovery:
        case NoticeKind::closed: return IncidentStep::resolve;
        case NoticeKind::retry:
        case NoticeKind::success:
        case NoticeKind::output: break;
    }
    return IncidentStep::none;
}

std::string incident_key(const Notice& notice, const std::string& host) {
    const RunId run = notice.alert != 0 ? notice.alert : notice.run.value_or(0);
    std::string key = fmt::format("{}/{}", host, clean_text(notice.job));
    if (run != 0) key += fmt::format("/{}", run);
    if (is_test(notice)) key += fmt::format("/{}", notice.id);
    if (key.size() <= key_max) return key;
    const std::string end = fmt::format("/{:016x}", stable_hash(key));
    std::size_t length = key_max - end.size();
    while (length > 0 && (static_cast<unsigned char>(key[length]) & 0xC0U) == 0x80U) --length;
    return key.substr(0, length) + end;
}

std::string_view severity(const Notice& notice) {
    if (is_trouble(notice)) return notice.title == "resolved" ? "info" : "critical";
    if (notice.is_action) return is_test(notice) ? "info" : "warning";
    switch (notice.kind) {
        case NoticeKind::failure: return "error";
        case NoticeKind::late:
        case NoticeKind::missed:
        case NoticeKind::retry: return "warning";
        case NoticeKind::success:
        case NoticeKind::recovery:
        case NoticeKind::output:
        case NoticeKind::acked:
        case NoticeKind::closed: break;
    }
    return "info";
}

}  // namespace mc::notify
