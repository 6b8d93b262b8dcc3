// columns.h — the columns of a stored struct: one list for the text of its statements and for binding and reading its
// fields.
//
// TableOf<Struct>::with_columns(value, use) calls use(Column...) with every column of the table and its field. The
// position of a field in that list is the number of its parameter in every statement, and its position in every SELECT.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite.h"

namespace mc::store {

template <class Field>
struct Column {
    const char* name;
    Field& field;
};
template <class Field>
Column(const char*, Field&) -> Column<Field>;

template <class Struct>
struct TableOf;

class Columns {
   public:
    explicit Columns(std::vector<std::string_view> names) : names_(std::move(names)) {}
    // "id, job, key"; with a table "run.id, run.job, run.key".
    std::string list(std::string_view table = {}) const;
    // "?1, ?2, ?3"
    std::string values() const;
    // "key=?3": each of these columns with its parameter, joined.
    std::string equal(const std::vector<std::string_view>& names, std::string_view joined_by) const;
    // The same for all other columns.
    std::string equal_but(const std::vector<std::string_view>& names, std::string_view joined_by) const;
    const std::vector<std::string_view>& names() const { return names_; }

   private:
    std::string parameter(std::string_view name) const;
    std::vector<std::string_view> names_;
};

template <class Struct>
const Columns& columns_of() {
    static const Columns all = [] {
        std::vector<std::string_view> names;
        const Struct nothing{};
        TableOf<Struct>::with_columns(nothing, [&](const auto&... column) { (names.push_back(column.name), ...); });
        return Columns(std::move(names));
    }();
    return all;
}

// "INSERT INTO run (id, job, ...) VALUES (?1, ?2, ...)"
template <class Struct>
std::string insert_into(std::string_view verb_and_table) {
    const Columns& columns = columns_of<Struct>();
    return std::string(verb_and_table) + " (" + columns.list() + ") VALUES (" + columns.values() + ")";
}

// Executes a statement whose parameters are the value's columns.
template <class Struct>
Result<void> run_with(Database& database, const std::string& sql, const Struct& value) {
    Result<void> done;
    TableOf<Struct>::with_columns(value, [&](const auto&... column) { done = database.run(sql, column.field...); });
    return done;
}

// Reads a row of `SELECT list()`, or the next columns of a row.
template <class Struct>
void read_columns(Row& row, Struct& value) {
    TableOf<Struct>::with_columns(value, [&](const auto&... column) { row.read(column.field...); });
}

}  // namespace mc::store
