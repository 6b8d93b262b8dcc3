// cmd_daemon.cpp — marketcron daemon: runs the daemon in the foreground.
//
// The order matters. The keeper's seed is forked while this process is small, because the peak memory of each job
// starts at the keeper's size. Errors of the configuration are reported before anything is created or locked. The state
// directory is locked before anything in it is opened.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "daemon/daemon.h"
#include "daemon/keeper_seed.h"
#include "daemon/rival_cron.h"
#include "desk/trust.h"
#include "engine/past.h"
#include "exec/executor_kinds.h"
#include "os/event_loop.h"
#include "os/files.h"
#include "os/init_process.h"
#include "store/open_store.h"
#include "store/state_lock.h"

namespace mc::app {

namespace {

// Whether a daemon with this ledger has already run jobs of the crontabs. While another cron daemon runs, such a
// daemon may start again, for example after a crash: it holds these jobs and runs the configuration's own ones. Only a
// first start is refused.
Result<bool> has_run_tables(const LoadedConfig& opened) {
    const auto ledger = open_ledger(opened);
    if (!ledger || !*ledger) return false;
    return asking(**ledger, [&](Past& past) {
        return std::any_of(opened.plan->jobs.begin(), opened.plan->jobs.end(),
                           [&](const auto& job) { return is_machines_line(job.second) && past.record_of(job.first); });
    });
}

// Reports the error and returns the exit status. If a restart cannot fix the ledger, the status is that of an invalid
// configuration, so that a service manager does not restart the daemon every second, for example while an operator
// restores a backup.
int refused_ledger(const Error& error, const std::string& ledger) {
    const int code = report(error);
    return is_store_unusable(ledger, error) ? exit_code(Error::Kind::config) : code;
}

int run_daemon(const Args& args) {
    // If the parent process ignored SIGCHLD, so would we, and would not learn that a child has ended.
    (void)std::signal(SIGCHLD, SIG_DFL);
    KeeperSeed seed;
    os::EventLoop::keep_signals({SIGHUP});  // SIGHUP while the configuration is read causes a reload afterwards
    // A client can disconnect before it gets the answer.
    (void)std::signal(SIGPIPE, SIG_IGN);
    (void)std::signal(SIGXFSZ, SIG_IGN);  // at the limit of file sizes, writing the ledger fails with EFBIG
    auto opened = open_plan(args);
    if (!opened) return report(opened.error());
    if (const Errors others =
            untrusted_files(*opened->plan, args.config.empty() ? ConfigPath::usual : ConfigPath::given);
        !others.empty())
        return report(others);
    if (const auto rival = rival_cron(*opened->plan)) {
        const auto has_run = has_run_tables(*opened);
        if (!has_run) return refused_ledger(has_run.error(), ledger_address(*opened));
        if (!*has_run) return report(*rival);
    }
    if (auto made = os::make_directories(opened->state, 0700); !made) return report(made.error());
    const auto lock = lock_state(opened->state);
    if (!lock) return report(lock.error());
    if (auto started = seed.start(opened->state); !started) return report(started.error());

    const std::string ledger = ledger_address(*opened);
    auto store = open_store(ledger, OpenMode::read_write);
    if (!store) return refused_ledger(store.error(), ledger);
    auto executor = os::connect_executor(os::local_executor, opened->state);
    if (!executor) return report(executor.error());
    Narrator narrator(::isatty(STDOUT_FILENO) != 0 ? Narrator::Output::terminal : Narrator::Output::journal,
                      Style::of(STDOUT_FILENO), opened->context.host_zone);
    const auto done =
        Daemon(args, std::move(*opened), std::move(*store), std::move(*executor), std::move(narrator)).run();
    return done ? 0 : refused_ledger(done.error(), ledger);
}

}  // namespace

int cmd_daemon(const Args& args) {
    if (!os::is_first_process()) return run_daemon(args);
    const int code = os::run_under_init([&] { return run_daemon(args); });
    return code >= 0
               ? code
               : report(Error{
                     Error::Kind::process, "cannot start a process", "free memory or raise the process limit", {}});
}

}  // namespace mc::app
