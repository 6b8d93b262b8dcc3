#include "notify/channel.h"

#include "base/hash.h"
#include "notify/request_sender.h"

namespace mc::notify {

bool ChannelKind::takes(const Notice&, const Channel&) const { return true; }

Result<Place> ChannelKind::place(std::shared_ptr<const Channel> channel, const Environment& environment) const {
    if (!channel->secret.kind) return Place{std::move(channel), ""};
    Result<std::string> secret = read_secret(channel->secret, channel->spot, environment);
    if (!secret) return tl::unexpected(secret.error());
    return Place{std::move(channel), *std::move(secret)};
}

std::uint64_t ChannelKind::lane(const Place& place) const { return stable_hash(place.secret, stable_hash(kind())); }

std::vector<Request> ChannelKind::requests(const Post&, const Place&, const Occasion&) const { return {}; }

Answer ChannelKind::judge(const std::string& target, const PostAnswer& answer, Instant now) const {
    return web_answer(target, answer, now);
}

std::unique_ptr<Sender> ChannelKind::sender(const Workplace& workplace) const {
    return std::make_unique<RequestSender>(*this, workplace);
}

// Checks only secrets in files: `check` does not have the daemon's environment.
std::string ChannelKind::trouble_here(const std::shared_ptr<const Channel>& channel) const {
    if (channel->secret.file.empty()) return "";
    const Result<Place> found = place(channel, from_environment);
    return found ? "" : found.error().what;
}

std::vector<std::pair<std::string, std::string>> ChannelKind::secret_files(const Channel&) const { return {}; }

std::string sentence_of(const Error& error) { return error.hint.empty() ? error.what : error.what + "; " + error.hint; }

}  // namespace mc::notify
