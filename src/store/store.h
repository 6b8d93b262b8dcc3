// store.h — everything that a daemon stores: its ledger, its outbox, and the threads of its messages. They are one
// object because one transaction writes both the decisions and the messages about them. Other code uses only the
// interface that it needs.
//
// There are two implementations, tested by the same suite: SQLite for the daemon and the commands, memory for the
// simulator and tests.
#pragma once

#include <memory>

#include "store/message_threads.h"
#include "store/outbox.h"
#include "store/run_store.h"

namespace mc {

class Store : public RunStore, public Outbox, public MessageThreads {};

std::unique_ptr<Store> make_memory_store();

}  // namespace mc
