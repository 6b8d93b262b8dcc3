#include "desk/trust.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <set>

#include "desk/plan_files.h"
#include "os/user.h"

namespace mc::app {

namespace {

std::string name_of(std::uint32_t uid) {
    const std::string name = os::user_name(uid);
    return name.empty() ? fmt::format("uid {}", uid) : name;
}

// Whether the file's group is its owner's own: the group with the owner's name or, without such a group, the owner's
// number. Then it has no other members.
bool is_private_group(const struct stat& status) {
    const auto group = os::group_id(os::user_name(status.st_uid));
    return group ? *group == status.st_gid : status.st_gid == status.st_uid;
}

bool is_ours(std::uint32_t uid) { return uid == 0 || uid == ::geteuid(); }

// Whether other users can replace this file with another one.
bool is_place_of_others(const std::string& file) {
    struct stat place {};
    const std::string directory = std::filesystem::path(file).parent_path();
    if (::stat(directory.empty() ? "." : directory.c_str(), &place) != 0) return true;
    return !is_ours(place.st_uid) || (place.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

// "", or who else can write it.
std::string writer_of(const struct stat& status, bool chosen) {
    if ((status.st_mode & S_IWOTH) != 0) return "every user";
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
    if (::stat(file.c_str(), &status) != 0) return std::nullopt;  // an env_file may be created later
    const std::string writer = writer_of(status, how.chosen);
    if (writer.empty()) return std::nullopt;
    const bool by_mode = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    const std::string mend =
        by_mode ? fmt::format("chmod go-w {}", file) : fmt::format("chown {} {}{}", ::geteuid(), file, how.otherwise);
    return Error{Error::Kind::config,
                 fmt::format("{} can write this file and so decide {}", writer, how.consequence),
                 mend,
                 {file, 1, 1}};
}

}  // namespace

Errors untrusted_files(const Plan& plan, ConfigPath path) {
    Errors errors;
    std::set<std::string> files(plan.files.begin(), plan.files.end());
    for (const auto& [name, job] : plan.jobs)
        if (!job.env_file.empty()) files.insert(job.env_file);
    for (const std::string& file : files)
        if (auto error = judge(file, {path == ConfigPath::given, "what runs", ", or name the file with -c"}))
            errors.push_back(*std::move(error));
    for (const std::string& file : calendar_files())
        if (auto error = judge(file, {false, "when jobs run", ""})) errors.push_back(*std::move(error));
    return errors;
}

std::string objection_to_env_file(const std::string& path, const os::FileOwner& file, const os::User& user) {
    if (::geteuid() != 0) return "";
    struct stat status {};
    status.st_uid = file.uid;
    status.st_gid = file.gid;
    status.st_mode = file.mode;
    if (const std::string writer = writer_of(status, true); !writer.empty())
        return fmt::format("{} can write it and so decide what runs; chmod go-w {}", writer, path);
    if (file.uid == user.uid || !is_place_of_others(path)) return "";
    if (!is_ours(file.uid))
        return fmt::format("{} owns it and so decides what runs; chown {} {}", name_of(file.uid), user.name, path);
    if (file.may_be_read_by(user.uid, user.groups)) return "";
    return fmt::format(
        "{} cannot read it, and other users can write in its directory; move it where only root can write", user.name);
}

}  // namespace mc::app
