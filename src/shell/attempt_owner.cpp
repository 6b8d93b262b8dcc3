#include "shell/attempt_owner.h"

#include <fmt/format.h>

#include "base/json.h"
#include "store/start_options.h"

namespace mc::app {

namespace {

// How much the wall clock may be set back between a decision and the start without counting as a clock step.
constexpr Seconds clock_slack{2};

std::int64_t number(Instant t) { return t.time_since_epoch().count(); }
std::int64_t number(Date d) { return d.time_since_epoch().count(); }
Instant instant(std::int64_t n) { return Instant{Seconds{n}}; }
Date day(std::int64_t n) { return Date{date::days{n}}; }

// A crontab's job is named by its line, in any encoding. JSON is UTF-8, so each byte is written as a Latin-1 character;
// unpacked() restores the bytes.
std::string packed(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            text += c;
            continue;
        }
        text += static_cast<char>(0xC0 | (byte >> 6));
        text += static_cast<char>(0x80 | (byte & 0x3F));
    }
    return text;
}

std::string unpacked(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto first = static_cast<unsigned char>(text[i]);
        if (first < 0x80 || i + 1 == text.size()) {
            bytes += text[i];
            continue;
        }
        bytes += static_cast<char>((first << 6) | (static_cast<unsigned char>(text[++i]) & 0x3F));
    }
    return bytes;
}

std::optional<std::int64_t> maybe(const Json& body, const char* key) {
    const Json* found = body.find(key);
    return found ? std::optional(found->get<std::int64_t>()) : std::nullopt;
}

Run read_run(const Json& body) {
    Run run;
    run.job = JobName(unpacked(body.at("job").get<std::string>()));
    run.key = FireKey(unpacked(body.at("key").get<std::string>()));
    run.fire = instant(body.at("fire").get<std::int64_t>());
    run.logical_date = day(body.at("date").get<std::int64_t>());
    if (const auto session = maybe(body, "session")) run.session = day(*session);
    run.origin = parse_origin(body.at("origin").get<std::string>()).value_or(Origin::live);
    run.started = instant(body.at("started").get<std::int64_t>());
    run.attempts_before = body.value("before", 0);
    run.user = unpacked(body.value("user", ""));
    run.title = unpacked(body.value("title", ""));
    run.generation = body.value("generation", "");
    if (const auto deadline = maybe(body, "deadline")) run.deadline = instant(*deadline);
    if (const auto timeout = maybe(body, "timeout_up")) run.timeout_up = Seconds{*timeout};
    run.batch = body.value("batch", std::int64_t{0});
    run.batch_width = body.value("width", 1);
    run.forced = body.value("forced", false);
    run.bypasses_gates = body.value("bypasses_gates", false);
    run.assume_upstream = body.value("assume_upstream", false);
    run.start_options = store::read_start_options(body.value("only", ""));
    return run;
}

}  // namespace

std::string owner_text(const std::string& ledger, const Run& run) {
    Json body{{"ledger", ledger},
              {"job", packed(run.job)},
              {"key", packed(run.key.text())},
              {"fire", number(run.fire)},
              {"date", number(run.logical_date)},
              {"origin", to_text(run.origin)},
              {"started", number(run.started.value_or(run.fire))}};
    // Default values are left out: thousands of these texts are written in a second.
    if (run.session) body["session"] = number(*run.session);
    if (run.attempts_before != 0) body["before"] = run.attempts_before;
    if (!run.user.empty()) body["user"] = packed(run.user);
    if (!run.title.empty()) body["title"] = packed(run.title);
    if (!run.generation.empty()) body["generation"] = run.generation;
    if (run.deadline) body["deadline"] = number(*run.deadline);
    if (run.timeout_up) body["timeout_up"] = run.timeout_up->count();
    if (run.batch != 0) body["batch"] = run.batch;
    if (run.batch_width != 1) body["width"] = run.batch_width;
    if (run.forced) body["forced"] = true;
    if (run.bypasses_gates) body["bypasses_gates"] = true;
    if (run.assume_upstream) body["assume_upstream"] = true;
    if (run.start_options) {
        StartOptions only = *run.start_options;
        only.env.clear();
        body["only"] = store::start_options_text(BoxedOptional<StartOptions>(std::move(only)));
    }
    return body.dump(Json::Names::sorted);
}

std::string attempt_identity(const std::string& ledger, const Run& run) {
    return fmt::format("{}.{}", ledger, number(run.started.value_or(run.fire)));
}

std::optional<AttemptOwner> read_owner(const std::string& text, os::AttemptId file) {
    const auto body = Json::parse(text);
    if (!body) return std::nullopt;
    try {
        AttemptOwner owner{body->at("ledger").get<std::string>(), read_run(*body)};
        owner.run.id = file.run;
        owner.run.attempt = file.attempt;
        owner.run.state = State::running;
        return owner;
    } catch (const JsonError&) {
        return std::nullopt;
    }
}

bool is_own(const os::AttemptState& files, const Run& run, const std::string& ledger, const Boots& boots) {
    if (files.owner.empty()) {
        // The attempt's child was killed before it could write, or the record cannot be read now.
        if (files.boot.empty()) return !boots.now.empty();
        const bool in_time = !run.started || files.claimed + clock_slack >= *run.started;
        return in_time && (files.boot == boots.ledger || files.boot == boots.now);
    }
    const auto owner = read_owner(files.owner, {run.id, run.attempt});
    return owner && owner->ledger == ledger && owner->run.job == run.job && owner->run.key == run.key &&
           owner->run.started == run.started;
}

}  // namespace mc::app
