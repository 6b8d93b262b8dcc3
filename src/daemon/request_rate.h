// request_rate.h — how often a user may ask for what the ledger records: a burst of 60, then one request a second; and how
// much of the daemon's time a user's questions may take. Pure.
//
// A request costs 1, and 1 more for each 2 KB that it makes the ledger keep: what a user can make the ledger grow by is
// bounded too. A request that is refused and changes nothing gets its cost back. Root and the daemon's own user are not
// asked here.
//
// Bounds   the 1,000 users who asked last are remembered.
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

    // Takes the request's cost from what the user has left. If that is not enough nothing is taken, and it says after
    // how long it will be. `up` is a clock that is never set.
    std::optional<std::chrono::seconds> refuse(std::uint32_t uid, std::size_t bytes, std::chrono::nanoseconds up);
    // The request that refuse() let pass has changed nothing.
    void give_back(std::uint32_t uid, std::size_t bytes);

   private:
    struct Account {
        double left = burst;
        std::chrono::nanoseconds at{0};
    };
    void forget_oldest();

    std::map<std::uint32_t, Account> accounts_;
};

// How long the daemon may work for a user's questions. Their answers cost it time in which it does nothing else.
class TimeBudget {
   public:
    using Clock = std::chrono::nanoseconds;  // of a clock that is never set
    static constexpr Clock burst = std::chrono::seconds(2);
    static constexpr int part = 10;  // of the time that passes: a tenth
    static constexpr Clock free_of_charge = std::chrono::milliseconds(10);

    // How long the user has to wait until something is left; nothing: the question may be answered.
    std::optional<std::chrono::seconds> refuse(std::uint32_t uid, Clock up);
    // It took so long. What is short costs nothing.
    void spent(std::uint32_t uid, Clock time, Clock up);

   private:
    struct Account {
        Clock left = burst, at{0};
    };
    Account& account_of(std::uint32_t uid, Clock up);

    std::map<std::uint32_t, Account> accounts_;
};

}  // namespace mc::app
