// What reading a configuration takes from the machine: its files, includes and calendar files.
#include "desk/plan_files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "support/context.h"
#include "unit/os/temporary.h"

using namespace mc;
using namespace mc::app;
using os::test::TemporaryDirectory;
using os::test::write_text;

namespace {

const std::string week = R"(extends = "XNYS"
)";

std::string calendar_text(const std::string& name, const std::string& more = "") {
    return "name = \"" + name + "\"\n" + more + week;
}

std::string place(const Error& error) {
    return fmt::format("{}:{}:{}", error.spot.file, error.spot.line, error.spot.column);
}

}  // namespace

TEST_CASE("a configuration file that cannot be used says why, where and what to do") {
    const TemporaryDirectory directory;
    const std::string file = directory / "desk.toml";
    const auto error = [&] {
        const auto read = read_source(file);
        REQUIRE_FALSE(read);
        CHECK(read.error().kind == Error::Kind::config);
        return read.error();
    };
    CHECK(error().hint == "check the name, or write the file; examples/ has some");
    for (const char* text : {"", " \t\r\n\n"}) {
        write_text(file, text);
        CHECK(error().what == "the file is empty");
        CHECK(error().hint == "write at least one [job.NAME]; examples/quickstart.toml shows how");
        CHECK(place(error()) == file + ":1:1");
    }
    write_text(file, std::string("a = 1\n\nb = \0\n", 13));
    CHECK(error().what == "the file contains a NUL byte");
    CHECK(place(error()) == file + ":3:1");
    write_text(file, std::string(10'000'001, '#'));
    CHECK(error().hint == "split it, or check that it is the right file");
    write_text(file, std::string(10'000'000, '#'));
    CHECK(read_source(file).value().text.size() == 10'000'000);
    write_text(file, "a = 1\n");
    const SourceText read = read_source(file).value();
    CHECK(read.path == file);
    CHECK(read.text == "a = 1\n");
}

TEST_CASE("a calendar file that cannot be used is an error with its place") {
    const TemporaryDirectory directory;
    const std::string file = directory / "desk.toml";
    const auto error = [&] {
        const auto read = calendar_source(file);
        REQUIRE_FALSE(read);
        CHECK(read.error().kind == Error::Kind::config);
        CHECK(read.error().spot.file == file);
        return read.error();
    };
    CHECK(error().hint == "check the name, or the link");
    write_text(file, "");
    CHECK(error().hint == "write the calendar, as docs/calendars.md shows, or remove the file");
    write_text(file, std::string(4'000'001, '#'));
    CHECK(error().hint == "check that it is the right file");
    write_text(file, "name = 7\n");
    CHECK(error().spot.line == 1);
    std::filesystem::remove(file);
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    CHECK(error().what == "not a regular file");
}

TEST_CASE("the name and aliases of a calendar file are known before its rules are read") {
    const TemporaryDirectory directory;
    const std::string text = calendar_text("DESK", "aliases = [\"NYC\", \"OURS\"]\n");
    write_text(directory / "desk.toml", text);
    const CalendarSource source = calendar_source(directory / "desk.toml").value();
    CHECK(source.name == CalendarName("DESK"));
    CHECK(source.aliases == std::vector<std::string>{"NYC", "OURS"});
    CHECK(source.file == directory / "desk.toml");
    CHECK(source.text == text);
}

TEST_CASE("calendar files extend and replace others; what is wrong with one does not affect the others") {
    const TemporaryDirectory directory;
    const auto write = [&](const char* name, const std::string& text) {
        write_text(directory / name, text);
        return directory / name;
    };
    const CalendarSet& built_in = *mc::test::read_context().calendars;
    Errors problems;
    const auto found = [](const ReadContext& context, const char* name) {
        return context.calendars->find(name).has_value();
    };
    // A file may extend one that is read after it.
    const std::string first = write("a.toml", "name = \"FIRST\"\nextends = \"SECOND\"\n");
    const std::string second = write("b.toml", calendar_text("SECOND"));
    ReadContext context = read_context_of(built_in, {first, second}, &problems);
    CHECK(problems.empty());
    CHECK(found(context, "FIRST"));
    CHECK(context.channels.size() > 3);
    CHECK(context.host_zone != nullptr);
    // Under its own name it extends the one that it replaces.
    const std::string own = write("xnys.toml", calendar_text("XNYS"));
    context = read_context_of(built_in, {own}, &problems);
    CHECK(problems.empty());
    CHECK(found(context, "XNYS"));

    const std::string twice = write("c.toml", calendar_text("second"));
    (void)read_context_of(built_in, {second, twice}, &problems);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].what == second + " defines calendar second too");
    CHECK(problems[0].hint == "keep one of the two files");
    CHECK(place(problems[0]).starts_with(twice + ":1:"));

    problems.clear();
    const std::string broken = write("d.toml", "name = [");
    const std::string lost = write("e.toml", "name = \"LOST\"\nextends = \"XNOT\"\n");
    context = read_context_of(built_in, {broken, lost, second}, &problems);
    REQUIRE(problems.size() == 2);
    CHECK(problems[0].spot.file == broken);
    CHECK(problems[1].spot.file == lost);
    CHECK(found(context, "SECOND"));
    CHECK(found(read_context_of(built_in, {broken, lost, second}, nullptr), "SECOND"));
}

TEST_CASE("include reads the files of a pattern, relative to the file that names them") {
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory / "jobs");
    write_text(directory / "jobs/b.toml", "b = 1\n");
    write_text(directory / "jobs/a.toml", "a = 1\n");
    write_text(directory / "jobs/note.txt", "note\n");
    const ReadContext context = read_context_of(*mc::test::read_context().calendars, {}, nullptr);
    const auto files = [&](const std::string& pattern) {
        const auto texts = context.include(pattern, directory / "desk.toml").value();
        std::vector<std::string> names;
        for (const SourceText& one : texts) names.push_back(one.path);
        return names;
    };
    const std::vector<std::string> both{directory / "jobs/a.toml", directory / "jobs/b.toml"};
    CHECK(files("jobs/*.toml") == both);
    CHECK(files(directory / "jobs/[ab].toml") == both);
    CHECK(files("jobs/../jobs/a.toml") == std::vector<std::string>{directory / "jobs/a.toml"});
    CHECK(files("none/*.toml").empty());
    CHECK(files("jobs/?.tom").empty());
    const auto missing = context.include("jobs/c.toml", directory / "desk.toml");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().what == "include: there is no " + directory / "jobs/c.toml");
    write_text(directory / "jobs/empty.toml", "");
    CHECK(context.include("jobs/*.toml", directory / "desk.toml").error().what == "the file is empty");
}

TEST_CASE("a channel's secret that other users can read is an error, whether in its file or in the configuration") {
    const TemporaryDirectory directory;
    const std::string config = directory / "desk.toml", secret = directory / "hook";
    write_text(config, "");
    write_text(secret, "https://hooks.slack.com/services/T0/B0/x\n");
    const ReadContext context = read_context_of(*mc::test::read_context().calendars, {}, nullptr);
    const auto errors = [&](const std::string& key, mode_t of_config, mode_t of_secret) {
        ::chmod(config.c_str(), of_config);
        ::chmod(secret.c_str(), of_secret);
        std::string texts;
        for (const Error& error : check_modes(read_plan({config, "[slack.ops]\n" + key + "\n"}, context).value()))
            texts += error.sentence();
        return texts;
    };
    const std::string by_file = "webhook_file = \"" + secret + "\"";
    const std::string inside = "webhook = \"https://hooks.slack.com/services/T0/B0/x\"";
    CHECK(errors(by_file, 0644, 0600).empty());
    CHECK(errors(by_file, 0600, 0640) ==
          "other users can read " + secret + ", which holds the webhook of [slack.ops]; chmod 600 " + secret);
    CHECK_FALSE(errors(by_file, 0600, 0601).empty());
    CHECK(errors(inside, 0600, 0644).empty());
    CHECK(errors(inside, 0644, 0600) == "other users can read " + config +
                                            ", which holds the webhook of [slack.ops]; chmod 600 " + config +
                                            ", or use webhook_file");
    std::filesystem::remove(secret);
    CHECK(errors(by_file, 0600, 0600).empty());
}

TEST_CASE("-c FILE is made absolute") {
    CHECK(config_path("/a/../b/./desk.toml").value() == "/b/desk.toml");
    CHECK(config_path("desk.toml").value() == (std::filesystem::current_path() / "desk.toml").string());
}
