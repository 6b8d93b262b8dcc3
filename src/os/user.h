// user.h — who a job runs as: a user's ids, groups, home and shell.
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

// Error: process, "there is no user NAME".
Result<User> find_user(const std::string& name);

// The user that this process runs as; a uid without a name is called by its number.
Result<User> current_user();

// "" for a uid without a name.
std::string user_name(std::uint32_t uid);
// nullopt: there is no such group.
std::optional<std::uint32_t> group_id(const std::string& name);

// Users looked up once and remembered: for one batch of launches. A longer life would miss a change.
class Users {
   public:
    // `self` is current_user(), known already.
    explicit Users(const Result<User>& self) { known_.emplace("", self); }
    // "" is ourselves. Errors as find_user.
    const Result<User>& named(const std::string& name);

   private:
    std::map<std::string, Result<User>> known_;
};

}  // namespace mc::os
