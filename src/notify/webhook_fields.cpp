#include "notify/webhook_fields.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "notify/incident.h"
#include "notify/text.h"
#include "notify/wording.h"

namespace mc::notify {
namespace {

constexpr std::size_t summary_max = 300, output_max = 8000, text_max = 16'000;

// A UUID of the run (RFC 9562, version 8), the same in each notice of the run.
std::string run_uuid(const Notice& notice, const std::string& host) {
    const std::string name = fmt::format("{}/{}/{}/{}", host, notice.job, notice.logical_date, notice.run.value_or(0));
    const std::uint64_t high = stable_hash(name), low = stable_hash(name, high);
    return fmt::format("{:08x}-{:04x}-8{:03x}-{:x}{:03x}-{:012x}", high >> 32U, (high >> 16U) & 0xFFFFU, high & 0xFFFU,
                       8U + ((low >> 60U) & 3U), (low >> 48U) & 0xFFFU, low & 0xFFFFFFFFFFFFU);
}

std::string one_line(const std::string& text) {
    std::string line = last_lines(clean_text(text), 20);
    for (char& c : line) c = c == '\n' ? ' ' : c;
    return fit_start(line, summary_max);
}

std::string summary(const Notice& notice) {
    return one_line(notice.is_action ? notice.text : shown_job(notice) + " " + what_happened(notice));
}

Field number(std::int64_t value, bool is_there = true) { return is_there ? Field(value) : Field(); }

}  // namespace

Fields webhook_fields(const Notice& notice, const std::string& host) {
    const std::string kind = notice.is_action ? "message" : std::string(to_text(notice.kind));
    const RunId run = notice.run.value_or(0);
    return {
        {"alert", number(notice.alert, notice.alert != 0)},
        {"alert_key", incident_key(notice, host)},
        {"attempt", number(std::max(notice.attempt, notice.attempt_number), notice.attempt > 0)},
        {"behind", clean_text(notice.behind)},
        {"created", notice.created},
        {"detail", clean_text(notice.detail)},
        {"duration", number(notice.duration.value_or(Seconds{0}).count(), notice.duration.has_value())},
        {"fires", number(notice.fires)},
        {"host", clean_text(host)},
        {"id", number(notice.id)},
        {"job", clean_text(notice.is_action ? notice.job : shown_job(notice))},
        {"kind", kind},
        {"logical_date", clean_text(notice.logical_date)},
        {"output", fit_end(output_lines(notice), output_max)},
        {"reason", notice.is_action ? "" : std::string(to_text(notice.reason))},
        {"run", number(run, run != 0)},
        {"run_uuid", run_uuid(notice, host)},
        {"runbook", clean_text(notice.runbook)},
        {"severity", std::string(severity(notice))},
        {"state", notice.is_action ? "" : std::string(to_text(notice.state))},
        {"summary", summary(notice)},
        {"text", fit_start(plain_text(notice, host), text_max)},
        {"try", number(notice.attempt, notice.attempt > 0)},
        {"tries", number(notice.attempts)},
    };
}

const Fields& known_webhook_fields() {
    static const Fields fields = [] {
        Notice notice;
        notice.run = notice.alert = 17;
        notice.attempt = notice.attempt_number = 1;
        notice.duration = Seconds{42};
        return webhook_fields(notice, "desk-1");
    }();
    return fields;
}

}  // namespace mc::notify
