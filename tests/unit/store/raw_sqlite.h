// raw_sqlite.h — a second, plain connection to a ledger: an SRE's sqlite3, or another process's lock.
#pragma once

#include <sqlite3.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace mc {

class RawSqlite {
   public:
    explicit RawSqlite(const std::string& path) {
        check(sqlite3_open(path.c_str(), &handle_) == SQLITE_OK, "a raw connection opens");
    }
    ~RawSqlite() { sqlite3_close(handle_); }
    RawSqlite(const RawSqlite&) = delete;

    // The rows as the sqlite3 program prints them: "a|b".
    std::vector<std::string> operator()(const std::string& sql) {
        std::vector<std::string> rows;
        char* message = nullptr;
        sqlite3_exec(handle_, sql.c_str(), add_row, &rows, &message);
        const std::string problem = message == nullptr ? "" : message;
        sqlite3_free(message);
        if (!problem.empty()) throw std::runtime_error(problem);
        return rows;
    }

   private:
    static int add_row(void* rows, int columns, char** values, char**) {
        std::string line;
        for (int column = 0; column < columns; ++column) {
            if (column > 0) line += '|';
            if (values[column] != nullptr) line += values[column];
        }
        static_cast<std::vector<std::string>*>(rows)->push_back(line);
        return 0;
    }

    sqlite3* handle_ = nullptr;
};

}  // namespace mc
