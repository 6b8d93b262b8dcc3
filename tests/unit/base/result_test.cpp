// Errors as values; a violated check() ends the process, also in a release build.
#include "base/result.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

using namespace mc;

namespace {

// The signal that ends the child that makes the claim; 0 if it ended normally.
int end_of(bool claim, std::string& said) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const rlimit no_core{0, 0};
        (void)::setrlimit(RLIMIT_CORE, &no_core);
        (void)std::signal(SIGABRT, SIG_DFL);  // the test's own handler does not run
        (void)::dup2(ends[1], STDERR_FILENO);
        check(claim, "pigs fly");
        ::_exit(0);
    }
    ::close(ends[1]);
    char buffer[500];
    for (ssize_t size; (size = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        said.append(buffer, static_cast<std::size_t>(size));
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace

TEST_CASE("check() aborts on a false condition, and prints the condition and its place") {
    std::string said;
    CHECK(end_of(false, said) == SIGABRT);
    CHECK(said.find("pigs fly") != std::string::npos);
    CHECK(said.find("result_test.cpp") != std::string::npos);
    said.clear();
    CHECK(end_of(true, said) == 0);
    CHECK(said.empty());
}
