#include "app/cli.h"

#include <cstdio>

namespace mc::app {

int run_command(int, char**) {
    std::fputs("marketcron: no command yet\n", stderr);
    return 2;
}

}  // namespace mc::app
