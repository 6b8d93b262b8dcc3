#include "store/columns.h"

#include <fmt/format.h>

#include <algorithm>

namespace mc::store {

std::string Columns::list(std::string_view table) const {
    std::string text;
    for (const std::string_view name : names_)
        text += fmt::format("{}{}{}{}", text.empty() ? "" : ", ", table, table.empty() ? "" : ".", name);
    return text;
}

std::string Columns::values() const {
    std::string text;
    for (const std::string_view name : names_) text += (text.empty() ? "" : ", ") + parameter(name);
    return text;
}

std::string Columns::equal(const std::vector<std::string_view>& names, std::string_view joined_by) const {
    std::string text;
    for (const std::string_view name : names)
        text += fmt::format("{}{}={}", text.empty() ? "" : joined_by, name, parameter(name));
    return text;
}

std::string Columns::equal_but(const std::vector<std::string_view>& names, std::string_view joined_by) const {
    std::vector<std::string_view> others = names_;
    std::erase_if(others,
                  [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); });
    return equal(others, joined_by);
}

std::string Columns::parameter(std::string_view name) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    check(found != names_.end(), "the table has the column");
    return fmt::format("?{}", found - names_.begin() + 1);
}

}  // namespace mc::store
