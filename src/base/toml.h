// toml.h — the one door to toml++, with its exceptions off and its body compiled once (toml.cpp).
//
// Places: every node knows its line and column (node.source().begin). toml++ stops at a file's
// first syntax error; errors of meaning are ours and come all at once.
#pragma once

#include <toml++/toml.h>
