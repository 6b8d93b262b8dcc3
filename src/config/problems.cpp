#include "config/problems.h"

#include <algorithm>

namespace mc {

Spot spot_of(const toml::source_region& source) {
    Spot spot;
    if (source.path) spot.file = *source.path;
    spot.line = source.begin.line;
    spot.column = source.begin.column;
    return spot;
}

Spot spot_of(const toml::node& node) { return spot_of(node.source()); }

void Problems::add_file(std::string path) { files_.push_back(std::move(path)); }

void Problems::report(Spot spot, std::string what, std::string hint) {
    if (!told_.emplace(spot.file, spot.line, spot.column, what).second) return;
    errors_.push_back({Error::Kind::config, std::move(what), std::move(hint), std::move(spot)});
}

void Problems::report(Spot spot, Error error) {
    if (!error.spot.file.empty()) spot = error.spot;
    report(std::move(spot), std::move(error.what), std::move(error.hint));
}

Errors Problems::sorted() const {
    const auto place = [this](const Error& e) {
        const auto file = std::find(files_.begin(), files_.end(), e.spot.file);
        return std::tuple(file - files_.begin(), e.spot.line, e.spot.column);
    };
    Errors sorted = errors_;
    std::stable_sort(sorted.begin(), sorted.end(), [&](const Error& a, const Error& b) { return place(a) < place(b); });
    return sorted;
}

}  // namespace mc
