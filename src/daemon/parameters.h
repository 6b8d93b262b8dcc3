// parameters.h — the parameters of an endpoint: their names and types, and the values of a request.
//
// A GET has them in its query, a POST in its body, which is a JSON object. An unknown name, a name given twice, a missing
// required one, or a value of another type is an error: so a request with a misspelled `dry_run` does nothing. null in a
// body, and an empty value in a query, are the same as absent. Errors are of kind usage, and say what to send.
//
// Bounds  a body is at most 8 levels deep, its objects have at most 1000 names of 1000 bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "schedule/job_name.h"

namespace mc::app {

enum class Type {
    text,
    line,      // a comment: one line of at most 500 bytes; blank is ""
    flag,      // in a query any value sets it
    number,    // the number of a run, or a count
    positive,  // above 0
    date,      // "" is the same as absent
    texts,     // an object of strings: {"NAME": "value"}
    // These name something that must exist and that the caller sees. Control checks this for all handlers.
    job,    // becomes the job's name
    jobs,   // a list that is not empty
    run,    // the run's number; the handler gets it as Call::run
    alert,  // the number of its run
};
enum class Need { free, wanted };

struct Parameter {
    std::string_view name;
    Type type = Type::text;
    Need need = Need::free;
    std::string_view note{};  // for the documentation, instead of the type's name: "seconds"
};
using Parameters = std::vector<Parameter>;

std::string_view to_text(Type type);

using Texts = std::map<std::string, std::string>;

// The values of a request, each of the type of its parameter.
class Given {
   public:
    using Value = std::variant<std::string, bool, std::int64_t, std::uint64_t, Date, Texts, std::vector<std::string>>;

    bool has(std::string_view name) const { return values_.find(name) != values_.end(); }
    std::string text(std::string_view name) const { return get<std::string>(name).value_or(""); }
    bool flag(std::string_view name) const { return get<bool>(name).value_or(false); }
    std::optional<std::int64_t> number(std::string_view name) const { return get<std::int64_t>(name); }
    std::optional<std::uint64_t> positive(std::string_view name) const { return get<std::uint64_t>(name); }
    std::optional<Date> date(std::string_view name) const { return get<Date>(name); }
    Texts texts(std::string_view name) const { return get<Texts>(name).value_or(Texts{}); }
    // Of a job or jobs: their names, once control.cpp has found them.
    JobName job(std::string_view name) const { return JobName(text(name)); }
    std::vector<JobName> jobs(std::string_view name) const {
        const auto names = list(name);
        return std::vector<JobName>(names.begin(), names.end());
    }
    std::vector<std::string> list(std::string_view name) const {
        return get<std::vector<std::string>>(name).value_or(std::vector<std::string>{});
    }
    void set(std::string_view name, Value value) { values_.insert_or_assign(std::string(name), std::move(value)); }

   private:
    template <class T>
    std::optional<T> get(std::string_view name) const {
        const auto found = values_.find(name);
        const T* value = found == values_.end() ? nullptr : std::get_if<T>(&found->second);
        return value ? std::optional(*value) : std::nullopt;
    }
    std::map<std::string, Value, std::less<>> values_;
};

Result<Given> read_query(const Parameters& parameters, const std::map<std::string, std::string>& query);
// `text`: "" is the same as {}.
Result<Given> read_body(const Parameters& parameters, std::string_view text);

// Used by both.
tl::unexpected<Error> bad_request(std::string what, std::string hint);
tl::unexpected<Error> unknown_name(std::string_view kind, std::string_view name, const Parameters& known);
// The value of a parameter of type text, line, date or job. nullopt: the text is the same as absent.
Result<std::optional<Given::Value>> value_of_text(const Parameter& parameter, const std::string& text);

}  // namespace mc::app
