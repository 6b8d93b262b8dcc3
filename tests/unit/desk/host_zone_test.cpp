// Whether the host's zone is UTC because it is configured so, or because it cannot be read.
#include "desk/host_zone.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "support/context.h"
#include "support/zones.h"
#include "unit/os/temporary.h"

using namespace mc;
using namespace mc::app;
using os::test::TemporaryDirectory;
using os::test::write_text;

namespace {

// Sets TZ, and restores it.
class HostVariable {
   public:
    explicit HostVariable(const char* value) {
        if (const char* given = std::getenv("TZ")) before_ = given;
        if (value != nullptr) ::setenv("TZ", value, 1);
        else ::unsetenv("TZ");
    }
    ~HostVariable() {
        if (before_) ::setenv("TZ", before_->c_str(), 1);
        else ::unsetenv("TZ");
    }
    HostVariable(const HostVariable&) = delete;
    HostVariable& operator=(const HostVariable&) = delete;

   private:
    std::optional<std::string> before_;
};

// The warnings of a configuration whose jobs use UTC because TZ cannot be read.
std::vector<std::string> warnings(const std::string& text) {
    const HostVariable variable("Nowhere/Else");
    ReadContext context = mc::test::read_context();
    context.host_zone = Zone::utc();
    Plan plan = read_plan({"desk.toml", text}, context).value();
    plan.warnings.clear();
    warn_of_host_zone(plan, context.host_zone);
    std::vector<std::string> texts;
    for (const auto& warning : plan.warnings) texts.push_back(warning.what.substr(0, warning.what.find(';')));
    return texts;
}

std::string job(const std::string& name, const std::string& more = "") {
    return "[job." + name + "]\nschedule = \"0 9 * * *\"\ncommand = \"true\"\n" + more;
}

}  // namespace

TEST_CASE("TZ is the host's zone: a name of UTC is fine, others that led to UTC are trouble") {
    for (const char* name : {"", "UTC", ":UTC", "GMT0", "Zulu", "Etc/UTC", "Etc/GMT-0", ":/usr/share/zoneinfo/UTC",
                             "/usr/share/zoneinfo/Etc/UTC", "Etc/Unknown"}) {
        INFO(name);
        const HostVariable variable(name);
        CHECK(host_zone_trouble(*Zone::utc(), "/nonexistent").empty());
    }
    for (const char* name : {"Nowhere/Else", "Etc/Nowhere", ":Nowhere", "Unknown"}) {
        const HostVariable variable(name);
        CHECK(host_zone_trouble(*Zone::utc(), "/nonexistent") ==
              std::string("TZ=") + name + " is not the name of a readable time zone");
        CHECK(host_zone_trouble(*mc::test::zone("Asia/Tokyo").value(), "/nonexistent").empty());
    }
}

TEST_CASE("without TZ the host's zone is that of /etc/localtime: none means UTC") {
    const HostVariable variable(nullptr);
    const TemporaryDirectory directory;
    const std::string file = directory / "localtime";
    const auto trouble = [&] { return host_zone_trouble(*Zone::utc(), file); };
    const auto link_to = [&](const char* target) {
        std::filesystem::remove(file);
        std::filesystem::create_symlink(target, file);
    };
    CHECK(trouble().empty());
    link_to("/usr/share/zoneinfo/Etc/UTC");
    CHECK(trouble().empty());
    link_to("../usr/share/zoneinfo/Nowhere/Else");
    CHECK(trouble() == file + " is a link to ../usr/share/zoneinfo/Nowhere/Else, which cannot be read as a time zone");
    std::filesystem::remove(file);
    write_text(file, "not a zone");
    CHECK(trouble() == file + " cannot be read as a time zone");
}

TEST_CASE("the warning counts the jobs that use the host's zone; without any, crontabs count") {
    const std::string trouble = "TZ=Nowhere/Else is not the name of a readable time zone: ";
    using Texts = std::vector<std::string>;
    CHECK(warnings(job("a")) == Texts{trouble + "1 job without `timezone` uses UTC"});
    CHECK(warnings(job("a") + job("b")) == Texts{trouble + "2 jobs without `timezone` use UTC"});
    CHECK(warnings(job("a", "timezone = \"UTC\"\n")).empty());
    CHECK(warnings("[crontab]\nfiles = [\"/nonexistent\"]\n") ==
          Texts{trouble + "crontab lines without `timezone` use UTC"});
}
