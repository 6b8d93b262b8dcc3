// problems.h — all that is wrong with the user's files, gathered while they are read.
//
// A reader reports and goes on, so that a person sees every error at once. What is reported twice with
// the same words at the same place (a value of [defaults] that many jobs use) is told once.
#pragma once

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "base/toml.h"

namespace mc {

// Where a node or a key of a TOML file stands; the file is the path that the file was parsed with.
Spot spot_of(const toml::source_region& source);
Spot spot_of(const toml::node& node);

class Problems {
   public:
    // Files in the order they were read: the order in which their errors are told.
    void add_file(std::string path);

    void report(Spot spot, std::string what, std::string hint);
    // An error of a reader that knows no places gets this one; one with a place keeps it.
    void report(Spot spot, Error error);

    bool none() const { return errors_.empty(); }
    // In the order of files, lines and columns.
    Errors sorted() const;

   private:
    std::vector<std::string> files_;
    Errors errors_;
    std::set<std::tuple<std::string, std::uint32_t, std::uint32_t, std::string>> told_;
};

}  // namespace mc
