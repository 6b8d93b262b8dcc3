#include "notify/secret.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "notify/channels.h"
#include "notify/slack_channel.h"
#include "notify/slack_sender.h"

using namespace mc;
using namespace mc::notify;

namespace {

constexpr const char* url = "https://hooks.slack.example/services/T012345/B678901/s3cr3tTOKEN";

class Folder {
   public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "notify-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()));
        path_ = name;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string file(const std::string& content, mode_t mode = 0600) const {
        std::string path = path_ + "/slack-ops";
        std::ofstream(path) << content;
        REQUIRE(chmod(path.c_str(), mode) == 0);
        return path;
    }
    const std::string& path() const { return path_; }

   private:
    std::string path_;
};

Secret secret_of(const std::string& file, const std::string& variable, const std::string& webhook) {
    return {&slack_webhook, file, variable, webhook};
}

Result<std::string> read_file(const std::string& path) {
    return read_secret(secret_of(path, "", ""), {"marketcron.toml", 7, 1}, from_environment);
}

// Every error has the file's place and name, and nothing of its content.
void check_error(const Result<std::string>& result, const std::string& path, const std::string& says) {
    REQUIRE_FALSE(result);
    const std::string text = result.error().text();
    CHECK(text.find("marketcron.toml:7:1") != std::string::npos);
    CHECK(text.find(path) != std::string::npos);
    CHECK(text.find(says) != std::string::npos);
    CHECK(text.find("s3cr3t") == std::string::npos);
}

}  // namespace

TEST_CASE("a webhook is in a file that only its owner can read") {
    const Folder folder;
    CHECK(read_file(folder.file(std::string(url) + "\n")).value() == url);
    CHECK(read_file(folder.file(std::string("  ") + url + "\r\n\n", 0400)).value() == url);
    const std::string path = folder.file(url);
    std::filesystem::create_symlink(path, folder.path() + "/link");
    CHECK(read_file(folder.path() + "/link").value() == url);
}

TEST_CASE("the error of an unusable webhook file names the file, and does not show its content") {
    const Folder folder;
    SECTION("others can read it") {
        const mode_t mode = GENERATE(0640, 0604, 0644, 0620);
        const std::string path = folder.file(url, mode);
        check_error(read_file(path), path, "chmod 600 " + path);
    }
    SECTION("it does not exist") {
        const std::string path = folder.path() + "/absent";
        check_error(read_file(path), path, "No such file or directory");
    }
    SECTION("it is a directory") { check_error(read_file(folder.path()), folder.path(), "not a regular file"); }
    SECTION("it is a FIFO that nobody writes to") {
        const std::string path = folder.path() + "/fifo";
        REQUIRE(mkfifo(path.c_str(), 0600) == 0);
        check_error(read_file(path), path, "not a regular file");
    }
    SECTION("it is empty") {
        const std::string path = folder.file("\n");
        check_error(read_file(path), path, "is empty");
    }
    SECTION("it holds something else") {
        const std::string content =
            GENERATE("s3cr3t", "ftp://x/s3cr3t", "https://", "https://x/ s3cr3t", "https://x/s3cr3t\nhttps://y");
        const std::string path = folder.file(content);
        check_error(read_file(path), path, "contains no http(s) URL");
    }
    SECTION("it is large") {
        const std::string path = folder.file(std::string(url) + std::string(5000, 'x'));
        check_error(read_file(path), path, "larger than 2048 bytes");
    }
}

TEST_CASE("a webhook from a variable, or from the configuration itself") {
    const Environment environment = [](const std::string& name) {
        return name == "SLACK_OPS" ? std::optional<std::string>(url) : std::nullopt;
    };
    CHECK(read_secret(secret_of("", "SLACK_OPS", ""), {}, environment).value() == url);
    CHECK(read_secret(secret_of("", "", url), {}, environment).value() == url);
    const Result<std::string> unset = read_secret(secret_of("", "SLACK_DESK", ""), {}, environment);
    REQUIRE_FALSE(unset);
    CHECK(unset.error().what == "the environment variable SLACK_DESK is not set");
}

TEST_CASE("errors of other programs are masked") {
    CHECK(masked(std::string("cannot reach ") + url + " now", url) == "cannot reach [webhook] now");
    CHECK(masked("POST /services/T012345/B678901/s3cr3tTOKEN failed", url) ==
          "POST /services/[webhook]/[webhook]/[webhook] failed");
    CHECK(masked("Could not resolve host: hooks.slack.example", url) == "Could not resolve host: hooks.slack.example");
    CHECK(masked("nothing", "") == "nothing");
}

TEST_CASE("a bot's token is in a file or a variable, and its place has the channel") {
    const Environment environment = [](const std::string& name) {
        return name == "BOT" ? std::optional<std::string>(" xoxb-1-secret\n") : std::optional<std::string>("two words");
    };
    const auto place_of = [&](const std::string& file, const std::string& variable) {
        auto bot = std::make_shared<SlackChannel>();
        bot->secret = {&slack_token, file, variable, ""};
        bot->channel = "#ops";
        return find_kind("slack")->place(bot, environment).map(slack_place);
    };
    const SlackPlace place = place_of("", "BOT").value();
    CHECK(place.url == "https://slack.com/api");
    CHECK(place.token == "xoxb-1-secret");
    CHECK(place.channel == "#ops");
    CHECK(place_of("", "OTHER").error().what == "the environment variable OTHER contains no token");
    CHECK(place_of("/nonexistent/token", "").error().what.find("the token file /nonexistent/token cannot be read") ==
          0);
}
