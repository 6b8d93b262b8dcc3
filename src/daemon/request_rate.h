// request_rate.h — the limits on a user's requests: how many changes (60 at once, then one a second), and how much of the
// daemon's time. Pure.
//
// A change costs 1, and 1 more for each 2 KB that it makes the ledger keep; so the growth of the ledger is limited too. A
// request that is refused changes nothing and gets its cost back. Root and the daemon's own user have no limits;
// members of the group marketcron have no limit of time.
//
// Bounds   the accounts of the 1,000 users with the latest requests are kept.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace mc::app {

class RequestRate {
   public:
    static constexpr double burst = 60, a_second = 1;

    // Takes the request's cost from what the user has left. If too little is left, takes nothing and returns how long the
    // user has to wait. `up`: the monotonic clock.
    std::optional<std::chrono::seconds> refuse(std::uint32_t uid, std::size_t bytes, std::chrono::nanoseconds up);
    // Returns the cost: the request that refuse() permitted has changed nothing.
    void give_back(std::uint32_t uid, std::size_t bytes);

   private:
    struct Account {
        double left = burst;
        std::chrono::nanoseconds at{0};
    };
    void forget_oldest();

    std::map<std::uint32_t, Account> accounts_;
};

// How long the daemon may work on a user's requests. While it answers one, it does nothing else.
class TimeBudget {
   public:
    using Clock = std::chrono::nanoseconds;  // of the monotonic clock
    static constexpr Clock burst = std::chrono::seconds(2);
    static constexpr int part = 10;  // one tenth of the time that passes
    static constexpr Clock free_of_charge = std::chrono::milliseconds(10);

    // How long the user has to wait until some time is left; nullopt: the request may be answered.
    std::optional<std::chrono::seconds> refuse(std::uint32_t uid, Clock up);
    // A request took `time`. Up to `free_of_charge` it costs nothing.
    void spent(std::uint32_t uid, Clock time, Clock up);

   private:
    struct Account {
        Clock left = burst, at{0};
    };
    Account& account_of(std::uint32_t uid, Clock up);

    std::map<std::uint32_t, Account> accounts_;
};

}  // namespace mc::app
