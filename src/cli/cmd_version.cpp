#include <cstdio>

#include "desk/command.h"

namespace mc::app {

int cmd_version(const Args&) {
    std::puts("marketcron " MARKETCRON_VERSION);
    return 0;
}

}  // namespace mc::app
