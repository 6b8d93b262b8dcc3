#include "store/notice_json.h"

#include <fmt/format.h>

#include "base/json.h"
namespace mc::store {
namespace {

template <class Length>
Json count_or_null(const std::optional<Length>& length) {
    return length ? Json(length->count()) : Json();
}

Json write_cron_mail(const CronMail& mail) {
    return {{"user", mail.user},
            {"command", mail.command},
            {"from", mail.from},
            {"content_type", mail.content_type},
            {"transfer_encoding", mail.transfer_encoding},
            {"only_failures", mail.only_failures}};
}

CronMail read_cron_mail(const Json& mail) {
    return {mail.at("user").get<std::string>(),
            mail.at("command").get<std::string>(),
            mail.at("from").get<std::string>(),
            mail.at("content_type").get<std::string>(),
            mail.at("transfer_encoding").get<std::string>(),
            mail.at("only_failures").get<bool>()};
}

// Error: a state or reason is unknown. Throws if a value has the wrong type; read_notice_body() turns that into an
// Error.
Result<void> fill(const Json& body, Notice& notice) {
    const auto state = parse_state(body.at("state").get<std::string>());
    const auto reason = parse_reason(body.at("reason").get<std::string>());
    if (!state || !reason)
        return fail(Error::Kind::store,
                    fmt::format("message {} in the ledger has an unknown state or reason", notice.id),
                    "it was written by a newer marketcron, or by hand");
    notice.state = *state;
    notice.reason = *reason;
    notice.text = body.at("text").get<std::string>();
    notice.logical_date = body.at("logical_date").get<std::string>();
    notice.detail = body.at("detail").get<std::string>();
    notice.attempt = body.at("attempt").get<int>();
    notice.attempts = body.at("attempts").get<int>();
    notice.fires = body.at("fires").get<int>();
    notice.tail = body.at("tail").get<std::string>();
    notice.runbook = body.at("runbook").get<std::string>();
    notice.duration.reset();
    if (const Json& duration = body.at("duration_seconds"); !duration.is_null())
        notice.duration = Seconds{duration.get<std::int64_t>()};
    notice.retry_at.reset();
    if (const Json& at = body.at("retry_at"); !at.is_null()) notice.retry_at = Instant{Seconds{at.get<std::int64_t>()}};
    notice.attempt_number = body.value("attempt_number", notice.attempt);
    notice.title = body.value("title", "");
    notice.alert = body.value("alert", RunId{0});
    notice.open_since.reset();
    if (const Json* since = body.find("open_since")) notice.open_since = Instant{Seconds{since->get<std::int64_t>()}};
    notice.alert_runs = body.value("alert_runs", 1);
    notice.behind = body.value("behind", "");
    if (const Json* mail = body.find("cron_mail")) notice.cron_mail = read_cron_mail(*mail);
    return {};
}

}  // namespace

std::string notice_body(const Notice& notice) {
    std::optional<Seconds> retry_at;
    if (notice.retry_at) retry_at = notice.retry_at->time_since_epoch();
    Json body{
        {"text", notice.text},
        {"logical_date", notice.logical_date},
        {"state", to_text(notice.state)},
        {"reason", to_text(notice.reason)},
        {"detail", notice.detail},
        {"attempt", notice.attempt},
        {"attempts", notice.attempts},
        {"attempt_number", notice.attempt_number},
        {"duration_seconds", count_or_null(notice.duration)},
        {"fires", notice.fires},
        {"tail", notice.tail},
        {"runbook", notice.runbook},
        {"retry_at", count_or_null(retry_at)},
    };
    if (!notice.title.empty()) body["title"] = notice.title;
    if (notice.alert != 0) body["alert"] = notice.alert;
    if (notice.open_since) body["open_since"] = notice.open_since->time_since_epoch().count();
    if (notice.alert_runs != 1) body["alert_runs"] = notice.alert_runs;
    if (!notice.behind.empty()) body["behind"] = notice.behind;
    if (notice.cron_mail) body["cron_mail"] = write_cron_mail(*notice.cron_mail);
    return body.dump(Json::Names::sorted);
}

Result<void> read_notice_body(std::string_view body, Notice& notice) {
    const auto bad = [&](std::string_view why) {
        return fail(Error::Kind::store, fmt::format("message {} in the ledger cannot be read: {}", notice.id, why),
                    "it was changed by hand; delete it from the table outbox");
    };
    const auto json = Json::parse(body);
    if (!json) return bad(json.error().text);
    try {
        return fill(*json, notice);
    } catch (const JsonError& problem) {
        return bad(problem.what());
    }
}

std::string kinds_text(const std::set<NoticeKind>& kinds) {
    std::string text;
    for (const NoticeKind kind : kinds) text += fmt::format("{}{}", text.empty() ? "" : " ", to_text(kind));
    return text;
}

std::set<NoticeKind> read_kinds(std::string_view text) {
    std::set<NoticeKind> kinds;
    while (!text.empty()) {
        const std::size_t blank = text.find(' ');
        if (const auto kind = parse_notice_kind(text.substr(0, blank))) kinds.insert(*kind);
        text.remove_prefix(blank == text.npos ? text.size() : blank + 1);
    }
    return kinds;
}

std::string told_too_text(const std::map<std::string, ToldToo>& targets) {
    if (targets.empty()) return "";
    Json body = Json::object();
    for (const auto& [target, too] : targets) body[target] = {{"of", too.of}, {"recovery", too.recovery}};
    return body.dump(Json::Names::sorted);
}

std::map<std::string, ToldToo> read_told_too(std::string_view text) {
    const auto body = Json::parse(text);
    if (!body) return {};
    try {
        std::map<std::string, ToldToo> targets;
        for (const auto& [target, too] : body->items())
            targets[target] = {too.at("of").get<RunId>(), too.at("recovery").get<bool>()};
        return targets;
    } catch (const JsonError&) {
        return {};
    }
}

std::string json_list(const std::vector<JobName>& names) { return Json(names).dump(); }

}  // namespace mc::store
