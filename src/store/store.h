// store.h — all that a daemon keeps: its ledger, its outbox, and the threads of its messages, in one place, because one
// transaction writes what was decided and the messages about it. What uses it takes the one interface that it needs.
//
// Two bodies pass one suite: SQLite for the daemon and the commands, memory for the simulator and tests.
#pragma once

#include <memory>

#include "store/message_threads.h"
#include "store/outbox.h"
#include "store/run_store.h"

namespace mc {

class Store : public RunStore, public Outbox, public MessageThreads {};

std::unique_ptr<Store> make_memory_store();

}  // namespace mc
