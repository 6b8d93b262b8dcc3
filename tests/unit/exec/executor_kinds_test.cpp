// The table of executors: each name connects its own kind.
#include "exec/executor_kinds.h"

#include "unit/exec/keeper_world.h"

namespace mc::os::test {

TEST_CASE("the executor's name chooses its kind") {
    KeeperWorld w;
    const auto local = connect_executor(local_executor, w.state());
    REQUIRE(local);
    CHECK((*local)->is_connected());
    CHECK((*local)->records_name() == w.state() + "/runs");

    const auto unknown = connect_executor("farm", w.state());
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == Error::Kind::config);
    CHECK(unknown.error().what == "unknown executor `farm`");
    CHECK(unknown.error().hint == "write one of: `local`");
}

}  // namespace mc::os::test
