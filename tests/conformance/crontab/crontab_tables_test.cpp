// Compares the crontabs in this directory with the results of cronie's own parser.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "crontab/crontab.h"
#include "support/zones.h"

using namespace mc;

namespace {

const std::string folder = std::string(MARKETCRON_ROOT) + "/tests/conformance/crontab/";

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') out += "\\\\";
        else if (c == '\n') out += "\\n";
        else if (c == '\t') out += "\\t";
        else out += c;
    }
    return out;
}

std::string row_of(const CrontabEntry& entry) {
    std::string settings;
    for (const auto& [name, value] : entry.env)
        settings += fmt::format("{}{}={}", settings.empty() ? "" : ";", name, value);
    const std::string flags = std::string(entry.no_log ? "L" : "") + (entry.mail_only_on_error ? "N" : "");
    return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}", entry.line, entry.user, entry.schedule,
                       flags.empty() ? "-" : flags, escaped(entry.command),
                       entry.stdin_text ? escaped(*entry.stdin_text) : "-", settings.empty() ? "-" : settings);
}

std::map<int, std::string> rows_of(const Crontab& table) {
    std::map<int, std::string> rows;
    for (const CrontabEntry& entry : table.entries) rows[entry.line] = row_of(entry);
    for (const CrontabProblem& problem : table.problems) rows[problem.line] = fmt::format("{}\terror", problem.line);
    return rows;
}

std::map<int, std::string> expected_of(const std::string& path) {
    std::map<int, std::string> rows;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        if (!line.starts_with('#')) rows[std::stoi(line)] = line;
    return rows;
}

}  // namespace

TEST_CASE("every crontab is read as cronie reads it") {
    int tables = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".crontab") continue;
        const std::string name = entry.path().stem();
        INFO(name);
        const bool system = name.starts_with("etc-") || name.starts_with("system-");
        const Crontab table = parse_crontab(test::text_of(entry.path()), {system, system ? "" : "root"}, name);
        CHECK(rows_of(table) == expected_of(folder + name + ".tsv"));
        ++tables;
    }
    CHECK(tables >= 9);
}
