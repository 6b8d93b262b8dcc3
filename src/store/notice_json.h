// notice_json.h — the facts of a notification as JSON, in the outbox's column `body`.
//
// id, target, job, run, kind, created and is_action are separate columns, and not in it. Bytes of a job's output that
// are not UTF-8 become U+FFFD.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/run.h"

namespace mc::store {

std::string notice_body(const Notice& notice);
// Reads the text of notice_body() into `notice`. Error: store, if the text is not such JSON.
Result<void> read_notice_body(std::string_view body, Notice& notice);

// "failure late", for a column, and back; unknown kinds are left out.
std::string kinds_text(const std::set<NoticeKind>& kinds);
std::set<NoticeKind> read_kinds(std::string_view text);

// {"slack:books":{"of":17,"recovery":true}}, for a column, and back; "" or an unreadable text is an empty map.
std::string told_too_text(const std::map<std::string, ToldToo>& targets);
std::map<std::string, ToldToo> read_told_too(std::string_view text);

// ["a","b"], for SQLite's json_each().
std::string json_list(const std::vector<JobName>& names);

}  // namespace mc::store
