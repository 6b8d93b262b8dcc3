// user.h — looks up users: ids, groups, home and shell.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace mc::os {

struct User {
    std::string name;
    std::uint32_t uid = 0, gid = 0;
    std::vector<std::uint32_t> groups;
    std::string home = "/";
    std::string shell = "/bin/sh";
};

// Error: process, "user NAME not found".
Result<User> find_user(const std::string& name);

// The user that this process runs as; a uid without a name gets its number as name.
Result<User> current_user();

// "" for a uid without a name.
std::string user_name(std::uint32_t uid);
// nullopt: group not found.
std::optional<std::uint32_t> group_id(const std::string& name);

// Looks up each user once and keeps the result. For one batch of launches: a longer life would miss changes.
class Users {
   public:
    // `self` is the result of current_user().
    explicit Users(const Result<User>& self) { known_.emplace("", self); }
    // "" is `self`. Errors as find_user.
    const Result<User>& named(const std::string& name);

   private:
    std::map<std::string, Result<User>> known_;
};

}  // namespace mc::os
