#include "os/user.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cstring>

#include "os/obstacle.h"

namespace mc::os {

namespace {

User from_entry(const passwd& entry) {
    User user;
    user.name = entry.pw_name;
    user.uid = entry.pw_uid;
    user.gid = entry.pw_gid;
    if (entry.pw_dir && *entry.pw_dir) user.home = entry.pw_dir;
    if (entry.pw_shell && *entry.pw_shell) user.shell = entry.pw_shell;
    int count = 64;
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    while (::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) < 0 &&
           groups.size() < static_cast<std::size_t>(count))
        groups.resize(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) user.groups.push_back(groups[static_cast<std::size_t>(i)]);
    return user;
}

}  // namespace

Result<User> find_user(const std::string& name) {
    passwd entry{};
    passwd* found = nullptr;
    std::string buffer(16 * 1024, '\0');
    // For an unknown name, some name services return ENOENT or ESRCH.
    const int error = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (!found && obstacle_of(error) == Obstacle::now)
        return fail(Error::Kind::resources, fmt::format("cannot look up user {}: {}", name, std::strerror(error)));
    if (!found)
        return fail(Error::Kind::process, fmt::format("user {} not found", name),
                    "check `user` in the configuration, or create the user");
    return from_entry(entry);
}

Result<User> current_user() {
    passwd entry{};
    passwd* found = nullptr;
    std::string buffer(16 * 1024, '\0');
    const int error = ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
    if (found) return from_entry(entry);
    if (obstacle_of(error) == Obstacle::now)
        return fail(Error::Kind::resources,
                    fmt::format("cannot look up user {}: {}", ::geteuid(), std::strerror(error)));
    User user;
    user.name = std::to_string(::geteuid());
    user.uid = ::geteuid();
    user.gid = ::getegid();
    return user;
}

std::string user_name(std::uint32_t uid) {
    passwd entry{};
    passwd* found = nullptr;
    std::string buffer(16 * 1024, '\0');
    const bool known = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
    return known ? entry.pw_name : "";
}

std::optional<std::uint32_t> group_id(const std::string& name) {
    group entry{};
    group* found = nullptr;
    std::string buffer(64 * 1024, '\0');
    const bool known =
        ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
    return known ? std::optional<std::uint32_t>(entry.gr_gid) : std::nullopt;
}

const Result<User>& Users::named(const std::string& name) {
    auto found = known_.find(name);
    if (found == known_.end()) found = known_.emplace(name, find_user(name)).first;
    return found->second;
}

}  // namespace mc::os
