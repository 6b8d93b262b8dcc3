#include "daemon/daemon.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/suggest.h"
#include "notify/channels.h"
#include "os/clock.h"
#include "os/init_process.h"
#include "os/notify_socket.h"
#include "os/user.h"

namespace mc::app {

namespace {

constexpr std::chrono::seconds try_again_after{5};

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
      smtp_(loop_),
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
    smtp_.send(std::move(letter), [done = std::move(done)](os::ServerReply reply) {
        done({{}, reply.status, std::move(reply.error)});
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

// "ops" and "slack:ops" mean [slack.ops]; "mail:ops@example.com" is an address.
Reply Daemon::notify_test(const std::string& asked) {
    const auto refuse = [](std::string why) { return Reply{false, std::move(why), {}, Error::Kind::refused}; };
    const Target target = notify::asked_target(asked);
    if (const std::string kind = asked.substr(0, asked.find(':'));
        kind.size() < asked.size() && kind != target.kind()) {
        std::vector<std::string> kinds;
        for (const notify::ChannelKind* known : notify::channel_kinds()) kinds.emplace_back(known->kind());
        return refuse(fmt::format("unknown kind of channel `{}`; {}", kind, did_you_mean(kind, kinds)));
    }
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
    return shell_.step(MessageAsked{target.text(), "marketcron can reach this target.", "the control socket"});
}

void Daemon::on_signal(int number) {
    if (number == SIGHUP) {
        (void)reload();
        return;
    }
    narrator_.say(os::runs_under_init()
                      ? "stopping; running jobs end too, with the container's first process (SIGTERM, after 6s SIGKILL)"
                      : "stopping; running jobs continue");
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
