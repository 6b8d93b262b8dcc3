#include "cli/cli.h"

int main(int argc, char** argv) { return mc::app::run_command(argc, argv); }
