// The daemon's paths while its configuration file has errors.
#include "desk/open.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "os/descriptor.h"
#include "unit/os/temporary.h"

using namespace mc;
using namespace mc::app;
using os::test::TemporaryDirectory;
using os::test::text_of;
using os::test::write_text;

TEST_CASE("with errors in the file they are printed, and the daemon of that file is asked") {
    const TemporaryDirectory directory;
    const std::string file = directory / "desk.toml", printed = directory / "printed";
    Args args;
    args.config = file;
    write_text(file, "[daemon]\nstate = \"kept\"\nsocket = \"/run/desk\"\n[job.a]\nshedule = \"@daily\"\n");
    const os::Descriptor before{::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)};
    const os::Descriptor to{::open(printed.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    REQUIRE(::dup2(to.get(), STDERR_FILENO) >= 0);
    const auto opened = open_to_ask(args);
    REQUIRE(::dup2(before.get(), STDERR_FILENO) >= 0);
    REQUIRE(opened);
    CHECK_FALSE(opened->whole);
    CHECK(must_ask(*opened));
    CHECK(opened->plan->jobs.empty());
    CHECK(opened->state == directory / "kept");
    CHECK(opened->socket == "/run/desk");
    CHECK_THAT(text_of(printed), Catch::Contains(file + ":5:1: error: "));
    CHECK_THAT(text_of(printed), Catch::EndsWith("marketcron: the file has errors; the daemon in " +
                                                 directory / "kept" + " is asked instead\n"));
    CHECK_FALSE(open_plan(args));
}

TEST_CASE("the daemon's paths are known when the mistake is after them, and not when they could be in an include") {
    const TemporaryDirectory directory;
    Args args;
    args.config = directory / "desk.toml";
    const auto state = [&](const std::string& text) {
        write_text(args.config, text);
        const auto found = locate_daemon(args);
        return found ? found->state : "none";
    };
    CHECK(state("[daemon]\nstate = \"/kept\"\n[job.a\n") == "/kept");
    CHECK(state("[job.a\n[daemon]\nstate = \"/kept\"\n") == "none");
    CHECK(state("include = [\"none/*.toml\"]\n[job.a]\nshedule = 1\n") == "none");
}
