// problems.h — collects the errors of the user's files while they are read.
//
// A reader reports an error and continues, so that the user sees all errors at once. The same sentence at the same
// place (a value of [defaults] that many jobs use) is reported once.
#pragma once

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "base/toml.h"

namespace mc {

// The place of a node or key of a TOML file; the file is the path given to the parser.
Spot spot_of(const toml::source_region& source);
Spot spot_of(const toml::node& node);

class Problems {
   public:
    // Files in the order of reading, which is the order of their errors.
    void add_file(std::string path);

    void report(Spot spot, std::string what, std::string hint);
    // An error without a place gets this one; an error with a place keeps it.
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
