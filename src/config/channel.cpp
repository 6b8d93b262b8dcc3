#include "config/channel.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/suggest.h"

namespace mc {

namespace {

tl::unexpected<Error> bad(std::string what, std::string hint) {
    return fail(Error::Kind::config, std::move(what), std::move(hint));
}

tl::unexpected<Error> no_target(std::string_view text, ChannelReaders readers) {
    std::string kinds;
    for (const ChannelReader* reader : readers) kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", reader->kind());
    return bad(
        fmt::format("\"{}\" is not a target", text),
        fmt::format("write \"slack:NAME\", with a [slack.NAME] section, or \"mail:ADDRESS\"; the kinds are {}", kinds));
}

}  // namespace

bool ChannelSection::contains(std::string_view key) const {
    return std::any_of(tables.begin(), tables.end(), [&](const toml::table* table) { return table->contains(key); });
}

Result<void> ChannelReader::check_name(std::string_view) const { return {}; }

std::shared_ptr<const Channel> find_channel(const Channels& channels, const Target& target) {
    if (const auto found = channels.find(target); found != channels.end()) return found->second;
    const auto shared = channels.find(Target(target.kind(), ""));
    return shared != channels.end() ? shared->second : nullptr;
}

const ChannelReader* find_reader(ChannelReaders readers, std::string_view kind) {
    const auto found =
        std::find_if(readers.begin(), readers.end(), [&](const ChannelReader* one) { return one->kind() == kind; });
    return found != readers.end() ? *found : nullptr;
}

std::vector<std::string> names_of_kind(const Channels& channels, std::string_view kind) {
    std::vector<std::string> names;
    for (const auto& [target, channel] : channels)
        if (target.kind() == kind && !target.name().empty()) names.emplace_back(target.name());
    return names;
}

Result<void> check_target(const Target& target, ChannelReaders readers, const Channels& channels) {
    const ChannelReader* reader = find_reader(readers, target.kind());
    if (!reader) return no_target(target.text(), readers);
    if (reader->has_free_names()) return reader->check_name(target.name());
    if (channels.contains(target)) return {};
    const std::vector<std::string> known = names_of_kind(channels, target.kind());
    return bad(fmt::format("unknown {} target \"{}\"", reader->title(), target.name()),
               known.empty() ? fmt::format("declare it: {}", target.section()) : did_you_mean(target.name(), known));
}

Result<void> check_target(std::string_view text, ChannelReaders readers, const Channels& channels) {
    const std::optional<Target> target = Target::parse(text);
    return target ? check_target(*target, readers, channels) : no_target(text, readers);
}

}  // namespace mc
