#include "daemon/request_rate.h"

#include <algorithm>
#include <cmath>

namespace mc::app {

namespace {

constexpr double bytes_for_one = 2048;
constexpr std::size_t users_max = 1000;

// A request that costs more than the whole burst costs the whole burst.
double cost_of(std::size_t bytes) {
    return std::min(RequestRate::burst, 1 + std::floor(static_cast<double>(bytes) / bytes_for_one));
}

}  // namespace

std::optional<std::chrono::seconds> RequestRate::refuse(std::uint32_t uid, std::size_t bytes,
                                                        std::chrono::nanoseconds up) {
    const auto [found, is_new] = accounts_.try_emplace(uid, Account{burst, up});
    Account& account = found->second;
    account.left = std::min(burst, account.left + a_second * std::chrono::duration<double>(up - account.at).count());
    account.at = up;
    const double cost = cost_of(bytes);
    if (account.left < cost) {
        const double wait = std::ceil((cost - account.left) / a_second);
        return std::chrono::seconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(wait)));
    }
    account.left -= cost;
    if (is_new) forget_oldest();
    return std::nullopt;
}

void RequestRate::give_back(std::uint32_t uid, std::size_t bytes) {
    const auto found = accounts_.find(uid);
    if (found != accounts_.end()) found->second.left = std::min(burst, found->second.left + cost_of(bytes));
}

void RequestRate::forget_oldest() {
    if (accounts_.size() <= users_max) return;
    const auto oldest = std::min_element(accounts_.begin(), accounts_.end(),
                                         [](const auto& a, const auto& b) { return a.second.at < b.second.at; });
    accounts_.erase(oldest);
}

TimeBudget::Account& TimeBudget::account_of(std::uint32_t uid, Clock up) {
    if (accounts_.size() > users_max)  // a full account is the same as none
        std::erase_if(accounts_, [&](const auto& one) { return up - one.second.at > burst * part; });
    Account& account = accounts_.try_emplace(uid, Account{burst, up}).first->second;
    account.left = std::min(burst, account.left + (up - account.at) / part);
    account.at = up;
    return account;
}

std::optional<std::chrono::seconds> TimeBudget::refuse(std::uint32_t uid, Clock up) {
    const Account& account = account_of(uid, up);
    if (account.left > Clock{0}) return std::nullopt;
    return std::chrono::ceil<std::chrono::seconds>(-account.left * part) + std::chrono::seconds(1);
}

void TimeBudget::spent(std::uint32_t uid, Clock time, Clock up) {
    if (time > free_of_charge) account_of(uid, up).left -= time;
}

}  // namespace mc::app
