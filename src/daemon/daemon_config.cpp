// daemon_config.cpp — changes of what the daemon runs: a reload, a calendar override, a changed crontab.
#include <fmt/format.h>
#include <malloc.h>

#include "base/spelling.h"
#include "daemon/daemon.h"
#include "daemon/machine_warnings.h"
#include "daemon/rival_cron.h"
#include "desk/crontab_files.h"
#include "desk/trust.h"
#include "os/clock.h"
#include "os/notify_socket.h"

namespace mc::app {

namespace {

constexpr std::chrono::seconds crontabs_again_after{5};
constexpr std::chrono::minutes users_again_after{1};  // as often as cron checks

}  // namespace

Reply Daemon::reload() {
    os::notify_systemd(
        fmt::format("RELOADING=1\nMONOTONIC_USEC={}", os::monotonic_now().time_since_epoch().count() / 1000));
    auto fresh = open_plan(args_, [this](const Error& error) { narrator_.complain(error.text()); });
    if (fresh && (fresh->state != opened_.state || fresh->socket != opened_.socket))
        fresh = tl::unexpected<Errors>({Error{Error::Kind::config,
                                              "`state` and `socket` of [daemon] cannot change while the daemon runs",
                                              "restore them, or restart the daemon",
                                              {opened_.path, 0, 0}}});
    if (fresh)
        if (Errors others = untrusted_files(*fresh->plan, args_.config.empty() ? ConfigPath::usual : ConfigPath::given);
            !others.empty())
            fresh = tl::unexpected(std::move(others));
    // A daemon that already runs crontabs may reload: it skips their lines while another cron daemon runs. One that runs
    // none must not begin meanwhile.
    if (fresh && !shares_tables(*opened_.plan))
        if (const auto other = rival_cron(*fresh->plan)) fresh = tl::unexpected<Errors>({*other});
    if (!fresh) {
        std::string text = "reload refused; the previous configuration stays active:";
        for (const Error& error : fresh.error()) {
            text += "\n" + error.text();
            narrator_.complain(error.text());
        }
        os::notify_systemd("READY=1");
        const std::size_t more = fresh.error().size() - 1;
        troubles_.begin(TroubleKind::configuration, "",
                        fmt::format("a reload was refused; the previous configuration stays active: {}{}",
                                    fresh.error().front().text(),
                                    more > 0 ? fmt::format(", and {} more", counted(more, "error")) : ""),
                        now());
        after_step();
        return {false, text, {}, Error::Kind::refused};
    }
    troubles_.end(TroubleKind::configuration, "", now());
    if (fresh->file_plan) {
        keep_known_users(fresh->tables, crontabs_);
        fresh->plan = with_crontabs(*fresh->file_plan, fresh->tables, fresh->context);
    }
    opened_ = *fresh;
    use(fresh->plan);
    complain_of_plan();
    crontabs_changed();  // they may have changed since they were read
    const std::string text = fmt::format("loaded {} from {}", counted(opened_.plan->jobs.size(), "job"), opened_.path);
    narrator_.say(text);
    os::notify_systemd("READY=1");
    return {true, text, {}};
}

// The step that applies the override is recorded first, then the override's file is written. So no fire that is due now
// is lost if the daemon is killed in between; the caller gets no answer then, and must repeat the request.
Reply Daemon::override_calendar(CalendarOverride asked, const std::string& by) {
    const auto refused = [](const Error& error) { return Reply{false, error.sentence(), {}, error.kind}; };
    const auto calendar = opened_.plan->calendars->find(asked.calendar);
    if (!calendar) return refused(calendar.error());
    asked.calendar = (*calendar)->name();
    asked.declared = date_of((*calendar)->zone()->to_wall(os::instant_now()));
    const auto before = read_override(opened_.state, asked.calendar);
    if (!before) return refused(before.error());
    auto calendars = std::make_shared<CalendarSet>(*opened_.of_files);
    auto others = read_overrides(opened_.state, opened_.socket);
    if (!others) return refused(others.error());
    for (CalendarSource& other : *others)
        if (other.name != asked.calendar) calendars->add_override(std::move(other));
    ReadContext without = opened_.context;
    without.calendars = calendars;
    const auto text = with_override(*before, *with_calendars(*opened_.plan, without).calendars, asked);
    if (!text) return refused(text.error());
    calendars = std::make_shared<CalendarSet>(*calendars);
    if (!text->empty()) calendars->add_override(override_source(asked.calendar, *text, "the override"));
    const LoadedConfig old = opened_;
    opened_.context.calendars = calendars;
    opened_.plan = std::make_shared<const Plan>(with_calendars(*old.plan, opened_.context));
    if (old.file_plan)
        opened_.file_plan = std::make_shared<const Plan>(with_calendars(*old.file_plan, opened_.context));
    const std::string what = to_text(asked, *opened_.plan->calendars);
    const std::string why = asked.reason.empty() ? "" : ": " + asked.reason;
    Reply reply =
        shell_.step(CalendarChanged{opened_.plan, what, fmt::format("{} by {}{}", what, by, why), asked.date});
    if (reply.ok)
        if (auto written = write_override(opened_.state, asked.calendar, *text); !written)
            reply = refused(written.error());
    if (!reply.ok) {
        opened_ = old;
        (void)shell_.step(
            CalendarChanged{opened_.plan, what, fmt::format("undone because it could not be recorded: {}", what)});
    }
    narrator_.say(reply.ok ? what + why : "refused: " + reply.text);
    return reply;
}

void Daemon::use(std::shared_ptr<const Plan> plan) {
    opened_.plan = std::move(plan);
    outbox_sender_.use(opened_.plan->channels);
    teller_.use(*opened_.plan);
    cron_watch_.use(*opened_.plan);
    health_.use(opened_.plan, now());
    shell_.step(PlanLoaded{opened_.plan});
    (void)::malloc_trim(0);
    after_step();
}

// Logs the warnings that the log does not have yet.
void Daemon::complain_of_plan() {
    std::set<std::string> complaints;
    std::vector<Warning> warnings = opened_.plan->warnings;
    for (Warning& warning : open_secrets(*opened_.plan)) warnings.push_back(std::move(warning));
    for (const Warning& warning : warnings) {
        if (!told_warnings_.contains(warning.text())) narrator_.complain(warning.text());
        complaints.insert(warning.text());
    }
    told_warnings_ = std::move(complaints);
}

void Daemon::watch_crontabs() {
    const auto watched = crontab_watch_.watch(crontab_directories(opened_.plan->crontab));
    if (!watched)
        narrator_.complain(
            fmt::format("changes of the crontabs are noticed only at a reload: {}", watched.error().sentence()));
}

void Daemon::crontabs_changed() {
    // Watched first: a change while the crontabs are read calls this function again.
    watch_crontabs();
    if (!opened_.file_plan) return health_.crontabs({}, now());
    auto files = read_crontab_files(opened_.file_plan->crontab);
    const bool was_told = std::exchange(crontabs_unread_, !files);
    if (!files) {
        if (!was_told) narrator_.complain(files.error().sentence());
        troubles_.begin(TroubleKind::crontabs, "crontabs", files.error().sentence(), now());
        crontab_again_.arm(os::monotonic_now().time_since_epoch() + crontabs_again_after);
        return;
    }
    if (was_told) troubles_.end(TroubleKind::crontabs, "crontabs", now());
    keep_known_users(*files, crontabs_);
    crontabs_ = *files;
    if (wait_for_users(*files)) crontab_again_.arm(os::monotonic_now().time_since_epoch() + users_again_after);
    health_.crontabs(*files, now());
    if (generation_with(*opened_.file_plan, *files) == opened_.plan->generation) return;
    auto fresh = with_crontabs(*opened_.file_plan, *files, opened_.context);
    use(std::move(fresh));
    complain_of_plan();
    narrator_.say(fmt::format("the crontabs changed: {} now", counted(opened_.plan->jobs.size(), "job")));
}

}  // namespace mc::app
