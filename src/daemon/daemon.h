// daemon.h — the daemon: connects the shell with the event loop, timers, signals, the keeper, the control socket,
// sensors and messages.
//
// Between events it sleeps until the engine's next wake. A reload reads the whole configuration first; if it has errors,
// nothing changes.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "daemon/control.h"
#include "daemon/cron_watch.h"
#include "daemon/health.h"
#include "daemon/log_watch.h"
#include "daemon/sealing.h"
#include "daemon/sensors.h"
#include "daemon/trouble_teller.h"
#include "desk/calendar_overrides.h"
#include "desk/narrator.h"
#include "desk/open.h"
#include "exec/executor.h"
#include "exec/mailer.h"
#include "net/curl_client.h"
#include "net/http_server.h"
#include "net/smtp_client.h"
#include "notify/outbox_sender.h"
#include "os/directory_watch.h"
#include "os/event_loop.h"
#include "shell/shell.h"
#include "store/store.h"

namespace mc::app {

class Daemon {
   public:
    Daemon(Args args, LoadedConfig opened, std::unique_ptr<Store> store, std::unique_ptr<os::Executor> executor,
           Narrator narrator);

    // Opens the control socket, loads the plan, and returns when a signal or a drain ends the daemon; jobs continue.
    // Error: the daemon could not start.
    Result<void> run();

   private:
    void instant_comes();
    void wake();
    void failed(const std::string& what);
    void narrate(const Run& run);
    void after_step();
    void watch_keeper();
    notify::Transport transport();
    // Collects what is wrong now from the shell, the outbox, the log and all others, and sends the messages that are
    // due.
    void look_for_troubles();
    void look_for_shortages(Now now);
    void other_cron(const std::string& who);
    void send_mail(notify::Mail mail, notify::Transport::Mailed done);
    void action_ended(const notify::ActionEnded& ended);
    Reply reload();
    Reply override_calendar(CalendarOverride asked, const std::string& by);
    void use(std::shared_ptr<const Plan> plan);
    // A crontab of [crontab] was changed, added or removed. The configuration file is read again only at a reload.
    void crontabs_changed();
    void watch_crontabs();
    void complain_of_plan();
    Reply notify_test(const std::string& target);
    void on_signal(int number);
    Now now() const;
    Shell::Listeners listeners();
    static Access access_for(const os::Peer& peer);
    os::HttpReply on_request(const os::HttpRequest& request);

    Args args_;
    LoadedConfig opened_;
    Narrator narrator_;
    Troubles troubles_;
    os::EventLoop loop_;
    std::string unwatched_;  // "", or why the kernel cannot watch all descriptors of the loop
    std::unique_ptr<os::Executor> executor_;
    std::unique_ptr<Store> store_;
    AttemptOutputs outputs_;
    Shell shell_;
    Control control_;
    os::WallTimer wall_timer_;
    os::MonotonicTimer up_timer_, watchdog_, pump_timer_, trouble_timer_;
    LogWatch log_watch_;
    os::EventLoop::Watch signals_, keeper_;
    int keeper_count_ = 0;
    bool drained_ = false;
    std::optional<os::HttpServer> server_;
    os::CurlClient poster_;
    os::Mailer mailer_;
    os::SmtpClient smtp_;
    Sensors sensors_;
    notify::OutboxSender outbox_sender_;
    TroubleTeller teller_;
    Health health_;
    Sealing sealing_;
    os::DirectoryWatch crontab_watch_;
    os::MonotonicTimer crontab_again_;  // retries while a crontab cannot be read, or its user does not exist
    bool crontabs_unread_ = false;
    std::vector<CrontabFile> crontabs_;  // as last read
    CronWatch cron_watch_;
    std::set<std::string> told_warnings_;
};

}  // namespace mc::app
