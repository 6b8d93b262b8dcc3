// table.h — text in aligned columns.
#pragma once

#include <string>
#include <vector>

namespace mc::app {

class Table {
   public:
    explicit Table(std::vector<std::string> heads) : rows_{std::move(heads)} {}
    // One cell for each heading. Control characters and line ends in a cell are shown as in desk/say.h.
    void add(std::vector<std::string> cells);
    bool empty() const { return rows_.size() == 1; }
    // To stdout. Each column is as wide as its widest cell; lines have no trailing blanks.
    void print() const;

   private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace mc::app
