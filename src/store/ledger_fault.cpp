#include "store/ledger_fault.h"

#include "store/ledger_file.h"
#include "store/schema.h"
#include "store/sqlite.h"

namespace mc {

bool is_ledger_unusable(const std::string& ledger, const Error& refusal) {
    if (refusal.kind == Error::Kind::damaged) return true;
    if (refusal.kind != Error::Kind::store) return false;
    if (store::is_lost(ledger)) return true;
    auto database = store::Database::open(ledger, store::Database::Access::read_only);
    if (!database) return false;
    const auto foreign = store::is_foreign(*database);
    return foreign && *foreign;
}

}  // namespace mc
