#include "app/trust.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <set>

#include "app/plan_files.h"
#include "os/user.h"

namespace mc::app {

namespace {

std::string name_of(std::uint32_t uid) {
    const std::string name = os::user_name(uid);
    return name.empty() ? fmt::format("uid {}", uid) : name;
}

// A group of its owner's own name, or number, has nobody else in it.
bool is_private_group(const struct stat& status) {
    const auto group = os::group_id(os::user_name(status.st_uid));
    return group ? *group == status.st_gid : status.st_gid == status.st_uid;
}

// "" or who else may write it.
std::string writer_of(const struct stat& status, bool chosen) {
    if ((status.st_mode & S_IWOTH) != 0) return "everybody";
    if ((status.st_mode & S_IWGRP) != 0 && !is_private_group(status)) return "its group";
    const bool others = status.st_uid != 0 && status.st_uid != ::geteuid();
    return others && !chosen ? name_of(status.st_uid) : "";
}

struct Judged {
    bool chosen;
    const char *consequence, *otherwise;
};

std::optional<Error> judge(const std::string& file, const Judged& how) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return std::nullopt;  // an env_file may come later
    const std::string writer = writer_of(status, how.chosen);
    if (writer.empty()) return std::nullopt;
    const bool by_mode = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    const std::string mend =
        by_mode ? fmt::format("chmod go-w {}", file) : fmt::format("chown {} {}{}", ::geteuid(), file, how.otherwise);
    return Error{Error::Kind::config,
                 fmt::format("{} may write this file, and so say {}", writer, how.consequence),
                 mend,
                 {file, 1, 1}};
}

}  // namespace

Errors files_of_others(const Plan& plan, bool chosen) {
    Errors errors;
    std::set<std::string> files(plan.files.begin(), plan.files.end());
    for (const auto& [name, job] : plan.jobs)
        if (!job.env_file.empty()) files.insert(job.env_file);
    for (const std::string& file : files)
        if (auto error = judge(file, {chosen, "what is run", ", or name the file with -c"}))
            errors.push_back(*std::move(error));
    for (const std::string& file : calendar_files())
        if (auto error = judge(file, {false, "when jobs run", ""})) errors.push_back(*std::move(error));
    return errors;
}

}  // namespace mc::app
