#include "schedule/fire_search.h"

#include <algorithm>
#include <map>

namespace mc {
namespace {

Instant midnight_utc(Date date) { return Instant{date.time_since_epoch()}; }

bool is_unknown(const Error& error) { return error.kind == Error::Kind::calendar; }

}  // namespace

void FireSearch::Earliest::offer(Fire fire) {
    if (fire.due <= after || fire.due > bound()) return;
    if (!fires.empty() && fire.due < fires.front().due) fires.clear();
    const bool known =
        std::any_of(fires.begin(), fires.end(), [&](const Fire& other) { return other.key == fire.key; });
    if (!known) fires.push_back(std::move(fire));
}

Result<FireSearch> FireSearch::of(const JobSchedule& job, const CalendarSet& calendars) {
    auto judge = Judge::of(job, calendars);
    if (!judge) return tl::unexpected(std::move(judge.error()));
    if (job.roll != Roll::none && judge->own() == nullptr)
        return fail(Error::Kind::config, "`roll` needs a calendar, and the job has none",
                    "add calendar = \"XNYS\" to the job");
    FireSearch search{std::move(*judge)};
    for (const auto& schedule : job.schedules)
        if (auto added = search.add(schedule); !added) return tl::unexpected(std::move(added.error()));
    std::map<std::string, int> seen;
    for (auto& source : search.sources_)
        if (auto* session = std::get_if<SessionSource>(&source)) session->set_nth(++seen[session->event()]);
    return search;
}

Result<void> FireSearch::add(const Schedule& schedule) {
    if (const auto* cron = std::get_if<CronExpr>(&schedule)) sources_.emplace_back(PointSource{cron});
    if (const auto* every = std::get_if<Every>(&schedule)) sources_.emplace_back(PointSource{every});
    Result<SessionSource> source = tl::unexpected(Error{});
    if (const auto* event = std::get_if<EventSchedule>(&schedule))
        source = SessionSource::of(*event, job(), judge_.calendars());
    else if (const auto* time = std::get_if<SessionTime>(&schedule))
        source = SessionSource::of(*time, job(), judge_.calendars());
    else if (const auto* window = std::get_if<EveryInSession>(&schedule))
        source = SessionSource::of(*window, job(), judge_.calendars());
    else return {};  // cron and @every were added above; @reboot is never due by time
    if (!source) return tl::unexpected(std::move(source.error()));
    sources_.emplace_back(std::move(*source));
    return {};
}

Result<std::vector<Fire>> FireSearch::next(Instant after, Instant until) {
    horizon_.reset();
    Earliest earliest{after, std::min(until, after + longest_search)};
    std::vector<const CronExpr*> rolling;
    for (const auto& source : sources_) {
        Result<void> searched;
        if (const auto* session = std::get_if<SessionSource>(&source)) {
            searched = search_sessions(*session, earliest);
        } else {
            const auto& point = std::get<PointSource>(source);
            const auto* const* cron = std::get_if<const CronExpr*>(&point);
            if (cron != nullptr && job().roll != Roll::none) rolling.push_back(*cron);
            else searched = search_points(point, earliest);
        }
        if (!searched) return tl::unexpected(std::move(searched.error()));
    }
    if (!rolling.empty())
        if (auto searched = search_rolled(rolling, earliest); !searched)
            return tl::unexpected(std::move(searched.error()));
    std::sort(earliest.fires.begin(), earliest.fires.end());
    const bool all_known = std::none_of(earliest.fires.begin(), earliest.fires.end(),
                                        [](const Fire& fire) { return fire.calendar_ended; });
    if (!earliest.fires.empty() && all_known) horizon_.reset();
    return std::move(earliest.fires);
}

Result<void> FireSearch::search_sessions(const SessionSource& source, Earliest& earliest) {
    const auto& calendar = *source.calendar();
    const auto coverage = calendar.coverage();
    const auto low = earliest.after - job().jitter;
    auto date = Date{date::floor<date::days>(low - source.latest()).time_since_epoch()};
    while (midnight_utc(date) + source.earliest() <= earliest.bound()) {
        if (!coverage.holds(date)) {
            if (auto offered = offer_ended(date, earliest); !offered) return offered;
            date += date::days{1};
            continue;
        }
        const auto session = calendar.on_or_after(date);
        if (!session) {
            if (!is_unknown(session.error())) return tl::unexpected(session.error());
            date = coverage.to + date::days{1};
            continue;
        }
        if (auto searched = search_session(source, **session, earliest); !searched) return searched;
        date = (*session)->date + date::days{1};
    }
    return {};
}

Result<void> FireSearch::search_session(const SessionSource& source, const Session& session, Earliest& earliest) {
    constexpr std::size_t at_once = 32;  // usually the first one is enough
    Instant low = earliest.after - job().jitter;
    for (bool has_more = true; has_more;) {
        const auto struck = source.struck(session, low, earliest.bound(), at_once);
        if (!struck)
            return is_unknown(struck.error()) ? offer_ended(session.date, earliest) : tl::unexpected(struck.error());
        for (const auto& one : *struck) {
            if (one.at > earliest.bound()) return {};
            const auto verdict = judge_.verdict(
                {one.at, session.date, one.at, &session, source.calendar(), source.key(session.date, one)});
            if (!verdict) return tl::unexpected(verdict.error());
            if (std::holds_alternative<Unknown>(*verdict)) return offer_ended(session.date, earliest);
            if (const auto* fire = std::get_if<Fire>(&*verdict)) earliest.offer(*fire);
        }
        has_more = struck->size() >= at_once;
        if (has_more) low = struck->back().at;
    }
    return {};
}

Result<void> FireSearch::search_points(const PointSource& source, Earliest& earliest) {
    std::optional<Date> asked;
    auto last = earliest.after - job().jitter;
    for (auto at = next_point(source, last); at && *at <= earliest.bound(); at = next_point(source, last)) {
        last = *at;
        const auto date = date_at(*at);
        bool passed_over = asked != date && judge_.refuses(date);
        asked = date;
        if (!passed_over) {
            const auto verdict = judge_.verdict({*at, date, *at});
            if (!verdict) return tl::unexpected(verdict.error());
            if (const auto* fire = std::get_if<Fire>(&*verdict)) earliest.offer(*fire);
            if (const auto* none = std::get_if<NoFire>(&*verdict)) last = std::max(last, none->until - Seconds{1});
            passed_over = std::holds_alternative<Unknown>(*verdict);
            if (passed_over)
                if (auto offered = offer_ended(date, earliest); !offered) return offered;
        }
        if (passed_over) last = std::max(last, start_of(date + date::days{1}) - Seconds{1});
    }
    return {};
}

std::optional<Instant> FireSearch::next_point(const PointSource& source, Instant after) const {
    if (const auto* const* cron = std::get_if<const CronExpr*>(&source))
        return next_cron(**cron, *job().zone, after, job().dst_gap, job().dst_overlap);
    const auto period = std::get<const Every*>(source)->period;
    const auto since_epoch = after.time_since_epoch();
    const auto whole = since_epoch / period - (since_epoch % period < Seconds{0} ? 1 : 0);
    return Instant{(whole + 1) * period};
}

Date FireSearch::date_at(Instant at) const { return date_of(job().zone->to_wall(at)); }

Instant FireSearch::start_of(Date date) const { return job().zone->wall(WallTime{date}).first; }

}  // namespace mc
