#include "daemon/access.h"

namespace mc::app {

std::string_view to_text(Right right) {
    switch (right) {
        case Right::anyone: return "anyone";
        case Right::view: return "view";
        case Right::operate: return "operate";
        case Right::manage: return "manage";
        case Right::end: return "end";
    }
    return "";
}

bool Access::may(Right right) const {
    switch (role) {
        case Role::all: return true;
        case Role::operate: return right != Right::end;
        case Role::own: return right == Right::anyone || right == Right::view || right == Right::operate;
    }
    return false;
}

Access access_of(const Caller& caller) {
    if (caller.root_or_self) return {Access::Role::all, caller.user};
    if (caller.in_group) return {Access::Role::operate, caller.user};
    return {Access::Role::own, caller.user};
}

}  // namespace mc::app
