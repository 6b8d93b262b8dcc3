// zone_builder.h — computes the spans of a Zone from the table of a file and the rule of its footer.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/posix_rule.h"
#include "base/tzif.h"
#include "base/zone.h"

namespace mc {

class ZoneBuilder {
   public:
    explicit ZoneBuilder(std::string name);

    // Call table() first, then rule(), each at most once; at least one of them. The rule applies from `since` on, which
    // is the last change in the table; nullopt: always.
    void table(const Tzif& file);
    void rule(const PosixRule& rule, std::optional<std::int64_t> since);
    std::shared_ptr<const Zone> build();

   private:
    void add_span(std::int64_t start, const LocalType& type);
    std::uint16_t index_of(const LocalType& type);

    std::shared_ptr<Zone> zone_;
};

}  // namespace mc
