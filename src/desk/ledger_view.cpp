#include "desk/ledger_view.h"

namespace mc::app {

namespace {

std::string_view to_text(BackfillAsked::Rerun rerun) {
    switch (rerun) {
        case BackfillAsked::Rerun::none: return "";
        case BackfillAsked::Rerun::failed: return "failed";
        case BackfillAsked::Rerun::all: return "all";
    }
    return "";
}

}  // namespace

std::unique_ptr<LedgerView> ledger_view(const LoadedConfig& opened, Needs needs) {
    const bool files_do = needs == Needs::plan ? !must_ask(opened) : !ledger_is_closed(opened);
    return files_do ? view_of_files(opened) : view_of_daemon(opened);
}

Json backfill_body(const BackfillAsked& asked) {
    return Json{{"jobs", asked.jobs},
                {"from", to_string(asked.from)},
                {"to", to_string(asked.to)},
                {"rerun", to_text(asked.rerun)},
                {"parallel", asked.parallel},
                {"upstream", asked.upstreams == BackfillAsked::Upstreams::run},
                {"assume_upstream", asked.upstreams == BackfillAsked::Upstreams::assumed}};
}

}  // namespace mc::app
