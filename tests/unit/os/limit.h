// limit.h — sets a resource limit of a process during a test.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <catch2/catch.hpp>

namespace mc::os::test {

// Only for that process; its former limit is restored at the end.
class Limit {
   public:
    Limit(pid_t pid, __rlimit_resource what, rlim_t soft) : pid_(pid), what_(what) {
        REQUIRE(::prlimit(pid_, what_, nullptr, &before_) == 0);
        const rlimit now{soft, before_.rlim_max};
        REQUIRE(::prlimit(pid_, what_, &now, nullptr) == 0);
    }
    ~Limit() { ::prlimit(pid_, what_, &before_, nullptr); }
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;

   private:
    pid_t pid_;
    __rlimit_resource what_;
    rlimit before_{};
};

}  // namespace mc::os::test
