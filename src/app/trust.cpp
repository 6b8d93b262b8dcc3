#include "app/trust.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

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
    // A user's own group has nobody else in it.
    if ((status.st_mode & S_IWGRP) != 0 && status.st_gid != ::getegid()) return "its group";
    return "";
}

}  // namespace

Errors files_of_others(const Plan& plan) {
    Errors errors;
    for (const std::string& file : plan.files) {
        struct stat status {};
        if (::stat(file.c_str(), &status) != 0) continue;  // it was read a moment ago
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
