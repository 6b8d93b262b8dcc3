// machine.h — the virtual machine of `simulate`, as the tests call it.
#pragma once

#include "sim/virtual_machine.h"

namespace mc::test {

using Machine = VirtualMachine;
using mc::Behaviour;
using mc::Start;

}  // namespace mc::test
