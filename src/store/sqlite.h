// sqlite.h — an open database file and its statements; the only code that calls SQLite.
//
// Every statement is prepared once, at its first use, and kept by its text. Values are bound and read in order, by
// type: Instants as Unix seconds, Dates as days since 1970-01-01, enums as their names, an empty optional as NULL.
// Errors   of kind store, or damaged for a damaged file; with the file's path, the cause, and what to do.
// Threads  one: the file is opened without SQLite's own mutex.
#pragma once

#include <sqlite3.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/run.h"

namespace mc::store {

// Binds the values of a statement's parameters.
class Binder {
   public:
    explicit Binder(sqlite3_stmt* statement) : statement_(statement) {}
    template <class... Values>
    void bind(const Values&... values) {
        (put(values), ...);
    }

   private:
    void put(std::int64_t value);
    void put(double value);
    void put(std::string_view value);
    void put(int value) { put(std::int64_t{value}); }
    void put(bool value) { put(std::int64_t{value}); }
    void put(std::size_t value) = delete;                          // a limit is bound by bounded()
    void put(const char* value) { put(std::string_view{value}); }  // not the bool it converts to
    void put(const std::string& value) { put(std::string_view{value}); }
    void put(Instant value) { put(std::int64_t{value.time_since_epoch().count()}); }
    void put(Date value) { put(std::int64_t{value.time_since_epoch().count()}); }
    void put(Seconds value) { put(std::int64_t{value.count()}); }
    template <class Spelling>
    void put(const NameOf<Spelling>& value) {
        put(std::string_view(value));
    }
    void put(const FireKey& value) { put(value.text()); }
    void put(State value) { put(to_text(value)); }
    void put(Reason value) { put(to_text(value)); }
    void put(Origin value) { put(to_text(value)); }
    void put(NoticeKind value) { put(to_text(value)); }
    void put(ClearPart value) { put(to_text(value)); }
    template <class T>
    void put(const std::optional<T>& value) {
        if (value) put(*value);
        else put_null();
    }
    void put_null();

    sqlite3_stmt* statement_;
    int next_ = 1;
};

// Reads the columns of a row.
class Row {
   public:
    explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
    template <class... Values>
    void read(Values&... values) {
        (take(values), ...);
    }
    // The first unknown name of an enum; "": all were known.
    const std::string& unknown_word() const { return unknown_word_; }

   private:
    void take(std::int64_t& value);
    void take(double& value);
    void take(std::string& value);
    void take(int& value);
    void take(bool& value);
    void take(Instant& value) { value = Instant{Seconds{integer()}}; }
    void take(Date& value) { value = Date{date::days{integer()}}; }
    void take(Seconds& value) { value = Seconds{integer()}; }
    template <class Spelling>
    void take(NameOf<Spelling>& value) {
        std::string text;
        take(text);
        value = NameOf<Spelling>(std::move(text));
    }
    void take(FireKey& value);
    void take(State& value) { take_word(value, parse_state); }
    void take(Reason& value) { take_word(value, parse_reason); }
    void take(Origin& value) { take_word(value, parse_origin); }
    void take(NoticeKind& value) { take_word(value, parse_notice_kind); }
    void take(ClearPart& value) { take_word(value, parse_clear_part); }
    template <class T>
    void take(std::optional<T>& value) {
        value.reset();
        if (sqlite3_column_type(statement_, next_) == SQLITE_NULL) ++next_;
        else take(value.emplace());
    }
    template <class Enum, class Parse>
    void take_word(Enum& value, Parse parse) {
        std::string word;
        take(word);
        if (const auto known = parse(word)) value = *known;
        else unknown_word_ = word.empty() ? "(nothing)" : word;
    }
    std::int64_t integer();

    sqlite3_stmt* statement_;
    int next_ = 0;
    std::string unknown_word_;
};

// A row limit as an SQLite integer.
inline std::int64_t bounded(std::size_t limit) {
    return limit > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(limit);
}

class Database {
   public:
    enum class Access { read_only, read_write };
    // The file must exist. Statements wait up to `patience_ms` for a lock of another process.
    static Result<Database> open(const std::string& path, Access access);
    static constexpr int patience_ms = 1000;

    const std::string& path() const { return path_; }

    // Executes the statements of a text, without parameters or rows.
    Result<void> script(const char* text);
    // Executes one statement without rows.
    template <class... Values>
    Result<void> run(std::string_view sql, const Values&... values) {
        return query(
            sql, [](Row&) {}, values...);
    }
    // Executes one statement; calls each(Row&) for every row.
    template <class Each, class... Values>
    Result<void> query(std::string_view sql, Each each, const Values&... values) {
        auto prepared = statement(sql);
        if (!prepared) return tl::unexpected(prepared.error());
        const Rewind rewind(*prepared);
        Binder(*prepared).bind(values...);
        for (;;) {
            auto stepped = step(*prepared);
            if (!stepped) return tl::unexpected(stepped.error());
            if (!*stepped) return {};
            Row row(*prepared);
            each(row);
            if (!row.unknown_word().empty()) return unknown_word(row.unknown_word());
        }
    }
    // Rows that the last INSERT, UPDATE or DELETE changed.
    std::int64_t changed_rows() const { return sqlite3_changes64(handle_.get()); }
    // Whether the last error was a violated constraint: a row already exists, or refers to a missing row.
    bool constraint_failed() const { return (sqlite3_errcode(handle_.get()) & 0xff) == SQLITE_CONSTRAINT; }
    bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

   private:
    struct Close {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    // Resets the statement on every path, to release its locks and rows.
    struct Rewind {
        explicit Rewind(sqlite3_stmt* used) : statement(used) {}
        ~Rewind() { sqlite3_reset(statement); }
        Rewind(const Rewind&) = delete;
        sqlite3_stmt* statement;
    };

    Database() = default;
    Result<sqlite3_stmt*> statement(std::string_view sql);
    Result<bool> step(sqlite3_stmt* statement);
    tl::unexpected<Error> last_error() const;
    tl::unexpected<Error> unknown_word(const std::string& word) const;

    std::string path_;
    std::unique_ptr<sqlite3, Close> handle_;
    std::map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, std::less<>> statements_;
};

// All or nothing: what was done since begin() is undone unless commit() succeeded.
class Transaction {
   public:
    // Takes the write lock at once, so that no later statement fails because of it.
    static Result<Transaction> begin(Database& database);
    ~Transaction();
    Transaction(Transaction&& other) noexcept : database_(other.database_) { other.database_ = nullptr; }
    Transaction& operator=(Transaction&&) = delete;
    Result<void> commit();

   private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

}  // namespace mc::store
