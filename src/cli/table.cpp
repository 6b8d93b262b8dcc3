#include "cli/table.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/characters.h"
#include "desk/style.h"

namespace mc::app {

namespace {

// In characters, not bytes: a byte that continues a UTF-8 character has no width.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// "success", and "missed x12" of a shared row.
std::string painted(const Style& style, const std::string& cell) {
    const auto state = parse_state(cell.substr(0, cell.find(' ')));
    return state ? style.state(*state, cell) : cell;
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
    for (std::string& cell : cells) cell = visible(cell, "");
    rows_.push_back(std::move(cells));
}

void Table::print() const {
    const Style style = Style::of(STDOUT_FILENO);
    const std::vector<std::string>& heads = rows_.front();
    std::vector<std::size_t> widths(heads.size(), 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    for (const auto& row : rows_) {
        std::string line, blanks;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string& cell = row[i];
            if (!cell.empty()) line += std::exchange(blanks, "");
            line += &row == &heads ? style.bold(cell) : heads[i] == "STATE" ? painted(style, cell) : cell;
            blanks += std::string(widths[i] - width_of(cell) + 2, ' ');
        }
        fmt::print("{}\n", line);
    }
}

}  // namespace mc::app
