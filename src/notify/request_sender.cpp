#include "notify/request_sender.h"

namespace mc::notify {

RequestSender::RequestSender(const ChannelKind& kind, Workplace workplace)
    : kind_(kind), workplace_(std::move(workplace)) {}

TargetStatus RequestSender::look(const Target& target, Place& place) {
    auto channel = find_channel(workplace_.channels, target);
    if (!channel) return {};
    Result<Place> found = kind_.place(std::move(channel), workplace_.transport.environment);
    if (!found)
        return {TargetStatus::Kind::unreadable, 0, target.text() + ": " + sentence_of(found.error()), kind_.pace()};
    place = *std::move(found);
    return {TargetStatus::Kind::ready, kind_.lane(place), "", kind_.pace()};
}

void RequestSender::send(const Post& post, const Place& place, Answered done) {
    std::vector<Request> requests = kind_.requests(post, place, {workplace_.host, workplace_.transport.now().wall});
    check(!requests.empty(), "a notice that a channel takes has a request");
    send_next({post.target, place, std::move(requests), 0, std::move(done)});
}

void RequestSender::send_next(Errand errand) {
    Request request = std::move(errand.requests[errand.next++]);
    workplace_.transport.post(std::move(request), [this, errand = std::move(errand)](PostAnswer given) mutable {
        const PostAnswer answer = masked_answer(std::move(given), errand.place);
        const Answer judged = kind_.judge(errand.target, answer, workplace_.transport.now().wall);
        const bool goes_on = judged.verdict == DeliveryVerdict::delivered && errand.next < errand.requests.size();
        if (goes_on) return send_next(std::move(errand));
        errand.done(judged);
    });
}

PostAnswer masked_answer(PostAnswer answer, const Place& place) {
    const auto hide = [&](const std::string& secret) {
        const bool is_url = secret.find("://") != std::string::npos;
        const std::string shown = is_url ? "[webhook]" : "[secret]";
        answer.error = masked(answer.error, secret, shown);
        answer.body = masked(answer.body, secret, shown);
    };
    hide(place.secret);
    for (const std::string& other : place.masks) hide(other);
    return answer;
}

}  // namespace mc::notify
