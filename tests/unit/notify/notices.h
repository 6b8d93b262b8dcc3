// notices.h — the messages that the tests render: one of each kind, as the engine makes them.
#pragma once

#include <map>
#include <string>

#include "engine/run.h"

namespace mc::notify {

inline Notice failed_notice() {
    Notice notice;
    notice.id = 5;
    notice.target = "slack:ops";
    notice.job = "ingest_bars";
    notice.run = 17;
    notice.kind = NoticeKind::failure;
    notice.logical_date = "2026-11-20";
    notice.state = State::failed;
    notice.reason = Reason::exit_code;
    notice.detail = "exit code 3";
    notice.attempt = 3;
    notice.attempts = 3;
    notice.duration = Seconds{751};
    notice.tail = "loading 412 symbols\nERROR: price < 0 for BRK.B & 2 others\n";
    notice.runbook = "https://wiki.example.com/runbooks/ingest?team=data&page=2";
    return notice;
}

inline Notice notice_of(NoticeKind kind, State state, Reason reason, std::string detail) {
    Notice notice;
    notice.job = "risk_model";
    notice.run = 18;
    notice.kind = kind;
    notice.logical_date = "2026-11-20";
    notice.state = state;
    notice.reason = reason;
    notice.detail = std::move(detail);
    return notice;
}

// By name; each has a golden file in tests/conformance/slack.
inline std::map<std::string, Notice> example_notices() {
    std::map<std::string, Notice> all;
    all["failed"] = failed_notice();

    all["retry"] = failed_notice();
    all["retry"].kind = NoticeKind::retry;
    all["retry"].state = State::retrying;
    all["retry"].attempt = 1;
    all["retry"].retry_at = parse_instant("2026-11-20T21:25:00Z").value();

    all["timed_out"] = failed_notice();
    all["timed_out"].state = State::timed_out;
    all["timed_out"].reason = Reason::timeout;
    all["timed_out"].detail = "it had run for 2h";
    all["timed_out"].tail = "";
    all["timed_out"].runbook = "Data desk, page 12";

    all["success"] = notice_of(NoticeKind::success, State::success, Reason::none, "");
    all["success"].attempt = 1;
    all["success"].duration = Seconds{42};
    all["late"] = notice_of(NoticeKind::late, State::waiting, Reason::dependency, "waits for ingest_bars 2026-11-20");
    all["missed"] = notice_of(NoticeKind::missed, State::missed, Reason::down, "");
    all["missed_several"] = all["missed"];
    all["missed_several"].fires = 12;
    all["missed_several"].logical_date = "2026-11-16";
    all["recovery"] = notice_of(NoticeKind::recovery, State::success, Reason::none, "");
    all["recovery"].attempt = 2;
    all["recovery"].attempts = 3;
    all["recovery"].duration = Seconds{42};
    all["upstream_failed"] =
        notice_of(NoticeKind::failure, State::upstream_failed, Reason::upstream_failed, "ingest_bars failed");
    all["action"] = notice_of(NoticeKind::success, State::scheduled, Reason::none, "");
    all["action"].is_action = true;
    all["action"].text = "It's that time! Order lunch <https://lunch.example.com|here>.";
    return all;
}

}  // namespace mc::notify
