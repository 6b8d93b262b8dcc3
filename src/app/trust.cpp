#include "app/trust.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "os/user.h"

namespace mc::app {

namespace {

// "" or who else may write it.
std::string writer_of(const struct stat& status) {
    if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
        const std::string name = os::user_name(status.st_uid);
        return name.empty() ? fmt::format("uid {}", status.st_uid) : name;
    }
    if ((status.st_mode & S_IWOTH) != 0) return "everybody";
    // A group of the user's own name has nobody else in it.
    const bool own_group = status.st_gid == ::getegid() && os::group_id(os::user_name(::geteuid())) == status.st_gid;
    if ((status.st_mode & S_IWGRP) != 0 && !own_group) return "its group";
    return "";
}

}  // namespace

Errors files_of_others(const Plan& plan) {
    Errors errors;
    std::set<std::string> files(plan.files.begin(), plan.files.end());
    for (const auto& [name, job] : plan.jobs)
        if (!job.env_file.empty()) files.insert(job.env_file);
    for (const std::string& file : files) {
        struct stat status {};
        if (::stat(file.c_str(), &status) != 0) continue;  // an env_file may come later
        const std::string writer = writer_of(status);
        if (writer.empty()) continue;
        const bool owned = status.st_uid == 0 || status.st_uid == ::geteuid();
        const std::string mend =
            owned ? fmt::format("chmod go-w {}", file) : fmt::format("chown {} {}", ::geteuid(), file);
        errors.push_back(Error{Error::Kind::config,
                               fmt::format("{} may write this file, and so say what is run", writer),
                               mend,
                               {file, 1, 1}});
    }
    return errors;
}

}  // namespace mc::app
