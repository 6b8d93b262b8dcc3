// table.h — aligned columns for people; JSON is for programs.
#pragma once

#include <string>
#include <vector>

namespace mc::app {

class Table {
   public:
    explicit Table(std::vector<std::string> heads) : rows_{std::move(heads)} {}
    // Control characters in a cell are shown, as in desk/say.h; so are line ends.
    void add(std::vector<std::string> cells);
    bool empty() const { return rows_.size() == 1; }
    // To stdout; each column as wide as its widest cell, the last one ragged.
    void print() const;

   private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace mc::app
