#include "daemon/daemon.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/spelling.h"
#include "base/suggest.h"
#include "daemon/machine_warnings.h"
#include "daemon/rival_cron.h"
#include "desk/crontab_files.h"
#include "desk/json.h"
#include "desk/trust.h"
#include "notify/channels.h"
#include "os/clock.h"
#include "os/notify_socket.h"
#include "os/user.h"

namespace mc::app {

namespace {

constexpr std::chrono::seconds try_again_after{5};
constexpr std::chrono::seconds crontabs_again_after{5};
constexpr std::chrono::minutes users_again_after{1};  // as often as cron checks

}  // namespace

Daemon::Daemon(Args args, LoadedConfig opened, std::unique_ptr<Store> store, std::unique_ptr<os::Executor> executor,
               Narrator narrator)
    : args_(std::move(args)),
      opened_(std::move(opened)),
      narrator_(std::move(narrator)),
      troubles_([this](const std::string& line) { narrator_.complain(line); }),
      executor_(std::move(executor)),
      store_(std::move(store)),
      outputs_(opened_.state, *store_),
      shell_({*executor_, os::machine_clock(), outputs_, *store_}, opened_.context, listeners()),
      control_(shell_, *store_, outputs_,
               {[this] { return reload(); }, [this](const std::string& target) { return notify_test(target); },
                [this] { return troubles_.list(); }, [this](const std::string& line) { narrator_.say(line); },
                [this](const CalendarOverride& asked, const std::string& by) { return override_calendar(asked, by); }},
               opened_.path, os::instant_now()),
      wall_timer_(loop_, Shell::decided_ahead, [this] { instant_comes(); }),
      up_timer_(loop_, [this] { wake(); }),
      watchdog_(loop_,
                [this] {
                    os::notify_systemd("WATCHDOG=1");
                    watchdog_.arm(os::monotonic_now().time_since_epoch() + *os::watchdog_interval());
                }),
      pump_timer_(loop_, [this] { outbox_sender_.run(); }),
      trouble_timer_(loop_, [this] { after_step(); }),
      log_watch_(loop_, narrator_.streams(), [this] { after_step(); }),
      poster_(loop_),
      mailer_(loop_),
      sensors_(loop_, poster_,
               [this](SensorsAnswered answered) {
                   shell_.step(std::move(answered));
                   after_step();
               }),
      outbox_sender_({*store_, *store_}, os::host_name(), transport(),
                     [this](const notify::ActionEnded& ended) { action_ended(ended); }),
      teller_(loop_, troubles_, shell_, transport()),
      health_(troubles_, opened_.state),
      sealing_(
          loop_, shell_, outputs_, [this] { look_for_troubles(); },
          [this](const std::string& text) { troubles_.happened(TroubleKind::output, "", text, now()); }),
      crontab_watch_(loop_, [this] { crontabs_changed(); }),
      crontab_again_(loop_, [this] { crontabs_changed(); }),
      cron_watch_(loop_, [this](const std::string& who) { other_cron(who); }) {}

Now Daemon::now() const { return shell_.now(); }

Shell::Listeners Daemon::listeners() {
    Shell::Listeners listeners;
    listeners.written = [this](const Run& run) { narrate(run); };
    listeners.happened = [this](const std::string& about, const std::string& text) {
        troubles_.happened(TroubleKind::identity, about, text, now());
    };
    listeners.lasts = [this](const std::string& about, const std::string& text) {
        troubles_.set(TroubleKind::identity, about, text, now());
    };
    return listeners;
}

notify::Transport Daemon::transport() {
    notify::Transport transport;
    transport.now = [] {
        return notify::Moment{os::instant_now(),
                              std::chrono::duration_cast<notify::Milliseconds>(os::monotonic_now().time_since_epoch())};
    };
    transport.post = [this](notify::Request request, notify::Transport::Done done) {
        os::WebPost post{std::move(request.url), std::move(request.body), std::move(request.headers),
                         std::move(request.ca_file)};
        poster_.post(std::move(post), [done = std::move(done)](const os::PostAnswer& answer) {
            done({answer.status, answer.error, answer.retry_after, answer.body});
        });
    };
    transport.mail = [this](notify::Mail mail, notify::Transport::Mailed done) {
        send_mail(std::move(mail), std::move(done));
    };
    transport.output = [this](const Notice& notice) { return outputs_.output_of(notice); };
    transport.executable = [](const std::string& program) { return ::access(program.c_str(), X_OK) == 0; };
    transport.wake = [this](std::optional<notify::Milliseconds> up) {
        pump_timer_.arm(up ? std::optional<std::chrono::nanoseconds>(*up) : std::nullopt);
    };
    transport.log = [this](const std::string& line) {
        narrator_.complain(line);
        trouble_timer_.arm(os::monotonic_now().time_since_epoch());
    };
    transport.lost = [this](const std::string& target, const std::string& line) {
        troubles_.happened(TroubleKind::outbox, target + ": lost", line, now());
    };
    transport.environment = notify::from_environment;
    return transport;
}

void Daemon::send_mail(notify::Mail mail, notify::Transport::Mailed done) {
    if (!mail.command.empty()) {
        mailer_.send(std::move(mail.command), std::move(mail.message), [done = std::move(done)](os::MailerEnd end) {
            done({end.exit_code, 0, std::move(end.text)});
        });
        return;
    }
    using Tls = os::ServerMail::Tls;
    os::ServerMail letter;
    switch (tls_of(mail.server)) {
        case MailSettings::Tls::required: letter.tls = Tls::required; break;
        case MailSettings::Tls::opportunistic: letter.tls = Tls::opportunistic; break;
        case MailSettings::Tls::none: letter.tls = Tls::none; break;
    }
    letter.server = mail.server.smtp;
    letter.ca_file = mail.server.ca_file;
    if (mail.login) {
        letter.user = mail.login->user;
        letter.password = mail.login->password;
    }
    letter.from = std::move(mail.from);
    letter.to = std::move(mail.to);
    letter.message = std::move(mail.message);
    poster_.mail(letter, [done = std::move(done)](os::PostAnswer answer) {
        done({{}, answer.status, std::move(answer.error)});
    });
}

// A run whose action is a message ends when the message was delivered or given up.
void Daemon::action_ended(const notify::ActionEnded& ended) {
    Outcome outcome;
    outcome.run = ended.run;
    outcome.attempt = ended.attempt;
    if (ended.delivered) outcome.exit_code = 0;
    else outcome.spawn_error = ended.error;
    shell_.step(AttemptsEnded{{std::move(outcome)}});
    after_step();
}

Result<void> Daemon::run() {
    // Every user can connect to root's daemon, which checks the caller; another daemon's socket is only for its own user.
    const unsigned mode = ::geteuid() == 0 ? 0666 : 0600;
    auto server = os::HttpServer::listen(loop_, opened_.socket, mode,
                                         [this](const os::HttpRequest& request) { return on_request(request); });
    if (!server) return tl::unexpected(server.error());
    server_.emplace(std::move(*server));
    server_->on_lost([this](const std::string& why) {
        const std::string text =
            why.empty() ? ""
                        : fmt::format("no command reaches the daemon: its control socket was removed, and {}", why);
        troubles_.set(TroubleKind::socket, "", text, now());
        trouble_timer_.arm(os::monotonic_now().time_since_epoch());
    });
    loop_.on_failure([this](const std::string& what) { failed(what); });
    loop_.on_shortage([this](const std::string& why) {
        unwatched_ = why;
        trouble_timer_.arm(os::monotonic_now().time_since_epoch());
    });
    signals_ = loop_.signals({SIGTERM, SIGINT, SIGHUP}, [this](int number) { on_signal(number); });
    outbox_sender_.use(opened_.plan->channels);
    teller_.use(*opened_.plan);
    outbox_sender_.poke();  // what an earlier daemon left unsent
    narrator_.announce(opened_.path, *opened_.plan);
    complain_of_plan();
    cron_watch_.use(*opened_.plan);
    health_.use(opened_.plan, now());
    if (auto loaded = shell_.load(opened_.plan); !loaded) return loaded;
    watch_keeper();
    crontabs_changed();      // they may have changed since they were read
    (void)::malloc_trim(0);  // reading a file needs several times the memory that is kept
    narrator_.greet(opened_.path, *opened_.plan, shell_.engine(), os::instant_now());
    os::notify_systemd("READY=1");
    if (const auto interval = os::watchdog_interval())
        watchdog_.arm(os::monotonic_now().time_since_epoch() + *interval);
    after_step();
    loop_.run();
    os::notify_systemd("STOPPING=1");
    narrator_.finish();
    return {};
}

// A callback threw an exception. The daemon continues from the ledger, which holds every decision.
void Daemon::failed(const std::string& what) {
    troubles_.happened(
        TroubleKind::internal, "",
        fmt::format("an internal error: {}; the daemon continues from its ledger; please report it", what), now());
    shell_.start_over(what);
    up_timer_.arm(os::monotonic_now().time_since_epoch() + try_again_after);  // in case the next line throws too
    after_step();
}

void Daemon::narrate(const Run& run) {
    const Job* job = shell_.plan().find_job(run.job);
    if (job == nullptr || !job->quiet) narrator_.run(titled(run, shell_.plan()));
}

void Daemon::instant_comes() {
    cron_watch_.instant_comes();
    shell_.instant_comes();
    after_step();
}

void Daemon::wake() {
    cron_watch_.instant_comes();
    shell_.step(Woke{});
    after_step();
}

// Does what any step may have made necessary: sets the timers, sends messages, checks sensors, completes a drain.
void Daemon::after_step() {
    watch_keeper();       // first: a new descriptor may get the number of a keeper's closed one, and must be watched
    look_for_troubles();  // before the rest: sending them is a step too
    const Wake wake = shell_.wake();
    wall_timer_.arm(wake.wall);
    up_timer_.arm(wake.up ? std::optional<std::chrono::nanoseconds>(*wake.up) : std::nullopt);
    cron_watch_.arm([this] {
        const Engine* engine = shell_.engine_or_null();
        return engine ? engine->next_machine_line() : std::nullopt;
    });
    if (shell_.has_new_notices()) outbox_sender_.poke();
    if (const auto probes = shell_.take_probes(); !probes.empty() && shell_.engine_or_null())
        sensors_.look(probes, shell_.engine(), shell_.plan());
    sealing_.look();
    watch_keeper();  // the calls above may have connected another keeper
    if (const Engine* engine = shell_.engine_or_null(); engine && engine->draining() && engine->idle()) {
        if (!std::exchange(drained_, true)) narrator_.say("drained: the last running job has ended");
        loop_.stop_soon();
    }
}

namespace {

std::map<std::string, std::string> start_troubles(const Engine& engine) {
    std::map<std::string, std::string> texts = engine.start_troubles();
    for (auto& [job, text] : texts)
        text = fmt::format("{}{}: {}; the runs wait and are tried again, and nothing is lost", job,
                           job.empty() ? "no job can start" : " cannot start", text);
    return texts;
}

}  // namespace

void Daemon::look_for_shortages(Now now) {
    const std::string unwatched =
        unwatched_.empty()
            ? ""
            : fmt::format(
                  "the kernel cannot watch all descriptors of the daemon: {}; their events (answers, ends of "
                  "commands) come late; the daemon tries again every second; see fs.epoll.max_user_watches",
                  unwatched_);
    const Engine* engine = shell_.engine_or_null();
    if (!engine) return troubles_.set(TroubleKind::full, "descriptors", unwatched, now);
    auto texts = start_troubles(*engine);
    if (!unwatched.empty()) texts["descriptors"] = unwatched;
    if (!sealing_.trouble().empty()) texts["output"] = sealing_.trouble();
    troubles_.set_all(TroubleKind::full, texts, now);
}

void Daemon::look_for_troubles() {
    shell_.look_aside();
    const Now now = this->now();
    const auto sentence = [](const char* what, const std::string& cause, const char* rest) {
        return cause.empty() ? "" : fmt::format("{}: {}; {}", what, cause, rest);
    };
    const std::string no_ledger = shell_.ledger_trouble();
    troubles_.set(
        TroubleKind::ledger, "",
        no_ledger.empty() ? "" : no_ledger + "; no run starts until it can be used again, and nothing is lost", now);
    const std::string no_keeper =
        sentence("no job can start", shell_.keeper_trouble(), "the daemon tries again, and nothing is lost");
    troubles_.set(TroubleKind::keeper, "", no_keeper.empty() ? shell_.keeper_silence() : no_keeper, now);
    // Without an engine the unfinished runs are not known.
    if (shell_.engine_or_null()) troubles_.set(TroubleKind::records, "", shell_.record_trouble(), now);
    look_for_shortages(now);
    troubles_.set(TroubleKind::log, "", log_watch_.trouble(), now);
    troubles_.set_all(TroubleKind::outbox, outbox_sender_.troubles(), now);
    health_.look(now);
    teller_.run();
}

void Daemon::other_cron(const std::string& who) {
    const std::string text =
        who.empty() ? ""
                    : who +
                          " runs the crontabs too: their lines are skipped, because each would run twice; stop it, for "
                          "example with `systemctl disable --now cron`";
    troubles_.set(TroubleKind::other_cron, "", text, now());
    shell_.other_cron(who);
    if (shell_.loaded()) after_step();
}

void Daemon::watch_keeper() {
    if (shell_.keeper_count() == keeper_count_) return;
    keeper_count_ = shell_.keeper_count();
    keeper_ = {};
    if (shell_.keeper_fd() < 0) return;
    keeper_ = loop_.readable(shell_.keeper_fd(), [this] {
        shell_.keeper_readable();
        after_step();
    });
}

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
    after_step();
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

// "ops" and "slack:ops" mean [slack.ops]; "mail:ops@example.com" is an address.
Reply Daemon::notify_test(const std::string& asked) {
    const auto refuse = [](std::string why) { return Reply{false, std::move(why), {}, Error::Kind::refused}; };
    const Target target = notify::asked_target(asked);
    if (notify::find_kind(target.kind())->has_free_names()) {
        if (const auto good = notify::find_kind(target.kind())->check_name(target.name()); !good)
            return refuse(good.error().what);
    } else if (const Channels& channels = opened_.plan->channels; !channels.contains(target)) {
        const std::string name(target.name());
        return refuse(fmt::format("{} not found in {}; {}", target.section(), opened_.path,
                                  name.find('@') != std::string::npos
                                      ? fmt::format("write mail:{}", name)
                                      : did_you_mean(name, names_of_kind(channels, target.kind()))));
    }
    Reply reply = shell_.step(MessageAsked{target.text(), "marketcron can reach this target.", "the control socket"});
    after_step();
    return reply;
}

void Daemon::on_signal(int number) {
    if (number == SIGHUP) {
        (void)reload();
        return;
    }
    narrator_.say("stopping; running jobs continue");
    loop_.stop();
}

// Looks up users and groups at each request, because they may have changed.
Access Daemon::access_for(const os::Peer& peer) {
    Caller caller;
    caller.root_or_self = peer.uid == 0 || peer.uid == ::geteuid();
    if (caller.root_or_self) return access_of(caller);
    const auto group = os::group_id("marketcron");
    caller.in_group = group && std::find(peer.groups.begin(), peer.groups.end(), *group) != peer.groups.end();
    caller.user = os::user_name(peer.uid);
    return access_of(caller);
}

os::HttpReply Daemon::on_request(const os::HttpRequest& request) {
    const ControlAnswer answer = control_.answer({request.method, request.path, request.body, request.query,
                                                  request.bad_query, request.peer.uid, access_for(request.peer)},
                                                 os::instant_now());
    after_step();
    os::HttpReply reply{answer.status, answer.body, {}};
    if (!answer.allow.empty()) reply.headers.emplace_back("Allow", answer.allow);
    return reply;
}

}  // namespace mc::app
