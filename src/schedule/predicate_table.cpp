#include "schedule/predicate_table.h"

#include <array>

namespace mc {
namespace {

// A suggestion shows the first names, so the most used predicates are first.
constexpr std::array themes{session_predicates, hours_predicates, nth_predicates,  beside_predicates,
                            expiry_predicates,  date_predicates,  every_predicates};

}  // namespace

std::vector<const PredicateRow*> all_predicates() {
    std::vector<const PredicateRow*> all;
    for (const auto& theme : themes)
        for (const PredicateRow& row : theme()) all.push_back(&row);
    return all;
}

const PredicateRow* find_predicate(std::string_view name) {
    for (const auto& theme : themes)
        for (const PredicateRow& row : theme())
            if (row.name == name) return &row;
    return nullptr;
}

std::vector<std::string> predicate_names() {
    std::vector<std::string> names;
    for (const PredicateRow* row : all_predicates()) names.emplace_back(row->name);
    return names;
}

}  // namespace mc
