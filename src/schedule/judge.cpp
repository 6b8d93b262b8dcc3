#include "schedule/judge.h"

#include "base/hash.h"

namespace mc {

Result<Judge> Judge::of(const JobSchedule& job, const CalendarSet& calendars) {
    if (job.calendar.empty()) return Judge{job, calendars, nullptr};
    auto own = calendars.find(job.calendar);
    if (!own) return tl::unexpected(std::move(own.error()));
    return Judge{job, calendars, std::move(*own)};
}

RunFor Judge::run_for() const {
    if (job_->run_for_given) return job_->run_for;
    return RunFor{own_ == nullptr ? RunFor::Kind::date : RunFor::Kind::session, 0};
}

Result<Judge::Purpose> Judge::purpose(const Moment& moment) const {
    if (moment.session == nullptr) return purpose_of_date(moment.date, moment.at);
    const bool offset = job_->run_for_given && job_->run_for.kind == RunFor::Kind::session_offset;
    const auto session = moment.calendar->nth_from(moment.date, offset ? job_->run_for.offset : 0);
    if (!session) return tl::unexpected(session.error());
    return Purpose{(*session)->date, (*session)->date};
}

Result<Judge::Purpose> Judge::purpose_of_date(Date date, Instant at) const {
    const auto rule = run_for();
    if (rule.kind == RunFor::Kind::date) return Purpose{date, std::nullopt};
    if (own_ == nullptr)
        return fail(Error::Kind::config, "`run_for` needs a calendar, and the job has none",
                    "add calendar = \"XNYS\" to the job, or write run_for = \"date\"");
    Result<const Session*> session = nullptr;
    switch (rule.kind) {
        case RunFor::Kind::date: break;
        case RunFor::Kind::session: session = own_->session(date); break;
        case RunFor::Kind::session_offset: session = own_->nth_from(date, rule.offset); break;
        case RunFor::Kind::trading_session: session = own_->trading_session(at); break;
    }
    if (!session) return tl::unexpected(session.error());
    if (*session == nullptr) return Purpose{date, std::nullopt};
    return Purpose{(*session)->date, (*session)->date};
}

Seconds jitter_of(const JobSchedule& job, const FireKey& key) {
    if (job.jitter <= Seconds{0}) return Seconds{0};
    const auto choices = static_cast<std::uint64_t>(job.jitter.count()) + 1;
    return Seconds{static_cast<Seconds::rep>(stable_hash((job.job.text() + '\n').append(key.text())) % choices)};
}

Result<FireVerdict> Judge::verdict(const Moment& moment) const {
    const auto purpose_found = purpose(moment);
    if (!purpose_found && purpose_found.error().kind != Error::Kind::calendar)
        return tl::unexpected(purpose_found.error());
    if (job_->when) {
        const Asked asked{moment.date, purpose_found ? purpose_found->logical_date : moment.date, moment.at};
        const auto holds = job_->when->holds(asked, *calendars_, job_->calendar);
        if (!holds && holds.error().kind != Error::Kind::calendar) return tl::unexpected(holds.error());
        if (!holds) return Unknown{holds.error().sentence()};
        if (!*holds)
            return NoFire{job_->when->asks_instant() ? job_->when->false_until(asked, *calendars_, job_->calendar)
                                                     : moment.at};
    }
    if (!purpose_found) return Unknown{purpose_found.error().sentence()};
    auto key = moment.key();
    const auto due = moment.at + jitter_of(*job_, key);
    return Fire{due, std::move(key), moment.date, purpose_found->logical_date, purpose_found->session, false, {}};
}

bool Judge::refuses(Date date) const {
    if (!job_->when) return false;
    Asked asked{date, date, std::nullopt};
    if (job_->when->asks_run()) {
        if (run_for().kind == RunFor::Kind::trading_session) return false;
        const auto found = purpose_of_date(date, Instant{});
        if (!found) return false;
        asked.logical_date = found->logical_date;
    }
    const auto holds = job_->when->holds(asked, *calendars_, job_->calendar);
    return holds && !*holds;
}

Fire Judge::ended(const Moment& moment, std::string note) const {
    auto key = moment.key();
    const auto due = moment.at + jitter_of(*job_, key);
    return Fire{due, std::move(key), moment.date, moment.date, std::nullopt, true, std::move(note)};
}

Result<CalendarPtr> Judge::blamed(Date date, const CalendarPtr& event) const {
    std::vector<CalendarPtr> asked;
    if (event != nullptr) asked.push_back(event);
    const bool asks_own = run_for().kind != RunFor::Kind::date || job_->roll != Roll::none ||
                          (job_->when && job_->when->needs_calendar());
    if (own_ != nullptr && asks_own) asked.push_back(own_);
    if (job_->when)
        for (const auto& name : job_->when->calendars()) {
            auto found = calendars_->find(name);
            if (!found) return tl::unexpected(std::move(found.error()));
            asked.push_back(std::move(*found));
        }
    for (const auto& calendar : asked)
        if (!calendar->coverage().holds(date)) return calendar;
    return asked.empty() ? nullptr : asked.front();
}

}  // namespace mc
