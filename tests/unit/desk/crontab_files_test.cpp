#include "desk/crontab_files.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "unit/os/temporary.h"

using namespace mc;
using namespace mc::app;
using os::test::TemporaryDirectory;
using os::test::write_text;

namespace {

CrontabFile system_table(std::string text, std::set<std::string> unknown) {
    CrontabFile file{"/etc/crontab", {true, ""}, std::move(text), ""};
    file.unknown_users = std::move(unknown);
    return file;
}

CrontabFile spool_table(std::string text, bool is_known) {
    CrontabFile file{"/var/spool/cron/crontabs/ann", {false, "ann"}, std::move(text), ""};
    if (is_known) return file;
    file.text.clear();
    file.ignored = unknown_user_text("ann");
    file.unknown_users = {"ann"};
    return file;
}

}  // namespace

TEST_CASE("a user who was found once stays known when a directory service briefly reports the user as unknown") {
    const std::vector<CrontabFile> before{system_table("0 1 * * * ann x\n0 1 * * * bob x\n", {"bob"}),
                                          spool_table("0 2 * * * y\n", true)};
    std::vector<CrontabFile> files{system_table(before[0].text, {"ann", "bob"}), spool_table("", false)};
    keep_known_users(files, before);
    CHECK(files[0].unknown_users == std::set<std::string>{"bob"});
    CHECK(files[1].text == "0 2 * * * y\n");
    CHECK(files[1].ignored.empty());
    CHECK(wait_for_users(files));  // because of bob
}

TEST_CASE("users of other or changed crontabs are looked up again") {
    const std::vector<CrontabFile> before{system_table("0 1 * * * ann x\n", {})};
    std::vector<CrontabFile> changed{system_table("0 3 * * * ann x\n", {"ann"})};
    keep_known_users(changed, before);
    CHECK(changed[0].unknown_users == std::set<std::string>{"ann"});
    std::vector<CrontabFile> fresh{spool_table("", false)};
    keep_known_users(fresh, before);
    CHECK_FALSE(fresh[0].ignored.empty());
    // A user who was unknown stays so until a lookup succeeds.
    std::vector<CrontabFile> again{spool_table("", false)};
    keep_known_users(again, {spool_table("", false)});
    CHECK_FALSE(again[0].ignored.empty());
}

TEST_CASE("files of a directory whose names Debian's cron or cronie would not read are left out, with the reason") {
    const TemporaryDirectory directory;
    CrontabSettings settings;
    settings.dirs = {directory.path()};
    // "" = it is not in the list; "read"; or why it is left out.
    const auto fate = [&](const std::string& name) -> std::string {
        write_text(directory / name, "# nothing\n");
        const auto files = read_crontab_files(settings).value();
        std::filesystem::remove(directory / name);
        if (files.empty()) return "";
        CHECK(files.size() == 1);
        CHECK(files[0].path == directory / name);
        return files[0].ignored.find("its name") == std::string::npos ? "read" : files[0].ignored;
    };
    const std::string odd = "its name has characters other than letters, digits, `_` and `-`";
    for (const char* name : {"a", "z", "A", "Z", "0", "9", "_", "-", "backup_2-x"}) CHECK(fate(name) == "read");
    for (const char* name : {"a.b", "a~", "x.dpkg-old", "a:", "a@", "a[", "a`", "a{", "a b"}) CHECK(fate(name) == odd);
    CHECK(fate(".placeholder").empty());
    settings.cronies_names = true;
    const std::string left = "its name looks like a file that an editor or a package left behind";
    for (const char* name : {"a", "a.b", "x.dpkg-old", "rpmsave"}) CHECK(fate(name) == "read");
    for (const char* name : {"a~", "#a", "a.rpmsave", "a.rpmorig", "a.rpmnew"}) CHECK(fate(name) == left);
    CHECK(fate(".placeholder").empty());
}
