// notice_json.h — what a message will say, as the JSON in the outbox's column `body`.
//
// id, target, job, run, kind, created and is_action are columns of their own, and not in it. Bytes of a job's
// output that are no UTF-8 become U+FFFD.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/run.h"

namespace mc::store {

std::string notice_body(const Notice& notice);
// Fills in what notice_body() wrote. Error: store, when the text is not such JSON.
Result<void> read_notice_body(std::string_view body, Notice& notice);

// "failure late", for a column, and back; what is no kind is left out.
std::string kinds_text(const std::set<NoticeKind>& kinds);
std::set<NoticeKind> read_kinds(std::string_view text);

// {"slack:books":{"of":17,"recovery":true}}, for a column, and back; "" is none, as is what cannot be read.
std::string told_too_text(const std::map<std::string, ToldToo>& targets);
std::map<std::string, ToldToo> read_told_too(std::string_view text);

// ["a","b"], for SQLite's json_each().
std::string json_list(const std::vector<std::string>& texts);

}  // namespace mc::store
