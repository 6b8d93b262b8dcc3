#include "desk/attempt_secrets.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "desk/secrets.h"
#include "exec/attempt_begin.h"

namespace mc::app {

namespace {

std::optional<std::vector<std::string>> values_in(const os::AttemptBegin& begin, const Job& job) {
    if (!begin.environment) return std::nullopt;
    std::vector<std::string> values;
    for (const auto& [name, file] : job.secret_env) {
        const auto found = begin.environment->find(name);
        if (found == begin.environment->end()) return std::nullopt;
        values.push_back(found->second);
    }
    return values;
}

// Also true if another file or link has taken its place.
bool changed_since(const std::string& file, os::WallTimePoint begin) {
    struct stat status {
    }, link{};
    if (::stat(file.c_str(), &status) != 0 || ::lstat(file.c_str(), &link) != 0)
        return false;  // reading it reports the error
    const auto changed = [](const struct stat& one) {
        return os::WallTimePoint(std::chrono::seconds(one.st_ctim.tv_sec) +
                                 std::chrono::nanoseconds(one.st_ctim.tv_nsec));
    };
    return std::max(changed(status), changed(link)) > begin;
}

}  // namespace

std::optional<std::vector<std::string>> living_values(const Job& job, const std::string& state, AttemptName attempt) {
    if (job.secret_env.empty()) return std::nullopt;
    const auto begin = os::attempt_begin(state, attempt.run, attempt.number);
    return begin ? values_in(*begin, job) : std::nullopt;
}

Result<std::vector<std::string>> masked_values_of(const Job& job, const std::string& state, AttemptName attempt) {
    const std::vector<std::string> files = masked_files(job);
    const auto begin = files.empty() ? std::nullopt : os::attempt_begin(state, attempt.run, attempt.number);
    auto values = read_masked_values(job);
    if (!begin) return values;
    const auto given = values_in(*begin, job);
    if (given && files.size() == job.secret_env.size()) {
        if (!values) return *given;
        values->insert(values->end(), given->begin(), given->end());
        return values;
    }
    for (const std::string& file : files)
        if (changed_since(file, begin->at))
            return fail(
                Error::Kind::refused,
                fmt::format("{} was changed after the attempt started, and its earlier content is not known", file));
    return values;
}

}  // namespace mc::app
