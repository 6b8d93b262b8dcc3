#include "daemon/troubles.h"

#include <catch2/catch.hpp>

using namespace mc;
using namespace mc::app;

namespace {

// A list of troubles with its own clock.
struct Day {
    Now now{Instant{Seconds{1'800'000'000}}, Seconds{1000}};
    std::vector<std::string> log;
    Troubles troubles{[this](const std::string& line) { log.push_back(line); }};
    std::vector<std::string> targets{"slack:ops"};

    void pass(Seconds time) {
        now.wall += time;
        now.up += time;
    }
    std::vector<TroubleMessage> take() { return troubles.take_messages(targets, "desk-1", now); }
    // Everything that is sent until then, when it is due.
    std::vector<std::string> sent_in(Seconds time) {
        std::vector<std::string> texts;
        const Seconds end = now.up + time;
        while (true) {
            for (const TroubleMessage& message : take()) texts.push_back(message.text);
            const auto next = troubles.next();
            if (!next || *next > end) break;
            if (*next > now.up) pass(*next - now.up);
        }
        pass(end - now.up);
        return texts;
    }
    void full(const std::string& text = "the disk is full") { troubles.begin(TroubleKind::ledger, "", text, now); }
    void well() { troubles.end(TroubleKind::ledger, "", now); }
};

constexpr Seconds minute{60}, hour{3600};

}  // namespace

TEST_CASE("a trouble sends one message when it begins and one when it ends") {
    Day day;
    day.full();
    day.full();
    auto messages = day.take();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].target == "slack:ops");
    CHECK(messages[0].title == "TROUBLE");
    CHECK(messages[0].text == "marketcron on desk-1:\n🔴 TROUBLE: the disk is full\nDetails: `marketcron status`");
    for (int i = 0; i < 10; ++i) {
        day.pass(minute);
        day.full();
        CHECK(day.take().empty());
    }
    REQUIRE(day.troubles.list().size() == 1);
    CHECK(to_string(day.troubles.list()[0].since) == "2027-01-15T08:00:00Z");
    day.well();
    day.well();
    CHECK(day.troubles.list().empty());
    CHECK(day.take().empty());  // it might return
    day.pass(minute - Seconds{1});
    CHECK(day.take().empty());
    day.pass(Seconds{1});
    messages = day.take();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].title == "resolved");
    CHECK(messages[0].text ==
          "marketcron on desk-1:\n✅ the ledger can be written again, after 10m\nDetails: `marketcron status`");
    CHECK_FALSE(day.troubles.next());
    CHECK(day.log == std::vector<std::string>{"TROUBLE: the disk is full", "the ledger can be written again"});
}

TEST_CASE("a trouble whose text keeps changing is in the log once a minute") {
    Day day;
    for (int i = 0; i < 150; ++i) {
        day.full("the disk is full, runs that wait: " + std::to_string(i));
        day.pass(Seconds{1});
    }
    CHECK(day.log == std::vector<std::string>{"TROUBLE: the disk is full, runs that wait: 0",
                                              "TROUBLE: the disk is full, runs that wait: 60",
                                              "TROUBLE: the disk is full, runs that wait: 120"});
    CHECK(day.troubles.list().at(0).text == "the disk is full, runs that wait: 149");
}

TEST_CASE("a trouble that continues is sent again after 1, 4 and 24 hours, then every day") {
    Day day;
    day.full();
    CHECK(day.sent_in(hour - Seconds{1}).size() == 1);
    const auto again = day.sent_in(Seconds{1});
    REQUIRE(again.size() == 1);
    CHECK(again[0].find("TROUBLE since 2027-01-15T08:00:00Z: the disk is full") != std::string::npos);
    CHECK(day.sent_in(3 * hour - Seconds{1}).empty());
    CHECK(day.sent_in(Seconds{1}).size() == 1);
    CHECK(day.sent_in(20 * hour - Seconds{1}).empty());
    CHECK(day.sent_in(Seconds{1}).size() == 1);
    CHECK(day.sent_in(10 * 24 * hour).size() == 10);
}

TEST_CASE("the end of a calendar is sent once a week") {
    Day day;
    day.troubles.begin(TroubleKind::calendars, "XNYS", "XNYS ends", day.now);
    CHECK(day.sent_in(7 * 24 * hour - Seconds{1}).size() == 1);
    CHECK(day.sent_in(4 * 7 * 24 * hour).size() == 4);
}

TEST_CASE("flapping sends one beginning and one end") {
    Day day;
    std::vector<std::string> texts;
    const auto more = [&](Seconds time) {
        for (std::string& text : day.sent_in(time)) texts.push_back(std::move(text));
    };
    for (int i = 0; i < 20; ++i) {
        day.full();
        more(Seconds{5});
        day.well();
        more(Seconds{50});
    }
    CHECK(texts.size() == 1);
    more(hour);
    REQUIRE(texts.size() == 2);
    CHECK(texts[1].find("✅ the ledger can be written again, after 17m30s (20 times)") != std::string::npos);
    CHECK_FALSE(day.troubles.next());
}

TEST_CASE("after some time without it, the same trouble counts as new") {
    Day day;
    day.full();
    CHECK(day.sent_in(minute).size() == 1);
    day.well();
    CHECK(day.sent_in(minute).size() == 1);
    day.full();
    CHECK(day.sent_in(minute).size() == 1);
    CHECK(day.troubles.list()[0].times == 1);
}

TEST_CASE("a delivery trouble of less than a minute sends no message") {
    Day day;
    day.targets = {"slack:ops", "mail:ops@example.com"};
    day.troubles.set_all(TroubleKind::outbox, {{"slack:desk", "slack:desk: HTTP 503"}}, day.now);
    CHECK(day.troubles.list().size() == 1);
    CHECK(day.sent_in(minute - Seconds{1}).empty());
    day.troubles.set_all(TroubleKind::outbox, {}, day.now);
    CHECK(day.sent_in(hour).empty());
    CHECK(day.log.empty());  // the courier has logged it

    day.troubles.set_all(TroubleKind::outbox, {{"slack:desk", "slack:desk: HTTP 503"}}, day.now);
    CHECK(day.sent_in(minute).size() == 2);
}

TEST_CASE("a target gets no message about its own trouble, but one when it works again") {
    Day day;
    day.targets = {"slack:ops", "mail:ops@example.com"};
    day.troubles.begin(TroubleKind::outbox, "slack:ops", "slack:ops: HTTP 404", day.now);
    day.pass(minute);
    const auto messages = day.take();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].target == "mail:ops@example.com");
    day.troubles.end(TroubleKind::outbox, "slack:ops", day.now);
    day.pass(minute);
    CHECK(day.take().size() == 2);
}

TEST_CASE("events are sent at once, and more of them within the hour as one message") {
    Day day;
    for (int i = 1; i <= 5; ++i) {
        day.troubles.happened(TroubleKind::internal, "", "it broke " + std::to_string(i), day.now);
        CHECK(day.sent_in(minute).size() == (i == 1 ? 1 : 0));
    }
    CHECK(day.troubles.list().size() == 1);
    const auto rest = day.sent_in(hour);
    REQUIRE(rest.size() == 1);
    CHECK(rest[0].find("it broke 5 (4 times)") != std::string::npos);
    CHECK(day.sent_in(hour).empty());
    CHECK(day.troubles.list().empty());
    CHECK_FALSE(day.troubles.next());
}

TEST_CASE("many troubles at once are one message") {
    Day day;
    std::map<std::string, std::string> ignored;
    for (int i = 10; i < 60; ++i)
        ignored["/etc/cron.d/t" + std::to_string(i)] = "t" + std::to_string(i) + " is ignored";
    day.troubles.set_all(TroubleKind::crontabs, ignored, day.now);
    const auto messages = day.take();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].text.find("t10 is ignored") != std::string::npos);
    CHECK(messages[0].text.find("… and 40 more") != std::string::npos);
}

TEST_CASE("without targets nothing is sent or kept; a target that is added later gets the current troubles") {
    Day day;
    day.targets.clear();
    day.full();
    day.troubles.happened(TroubleKind::internal, "", "it broke", day.now);
    day.troubles.begin(TroubleKind::keeper, "", "no keeper", day.now);
    day.troubles.end(TroubleKind::keeper, "", day.now);
    CHECK(day.sent_in(2 * hour).empty());
    CHECK_FALSE(day.troubles.next());
    REQUIRE(day.troubles.list().size() == 1);
    day.targets = {"mail:ops@example.com"};
    const auto texts = day.sent_in(minute);
    REQUIRE(texts.size() == 1);
    CHECK(texts[0].find("the disk is full") != std::string::npos);
    CHECK(texts[0].find("no keeper") == std::string::npos);
}

TEST_CASE("text from outside makes no mention and no link in Slack, and is unchanged in a mail") {
    Day day;
    day.targets = {"slack:ops", "mail:ops@example.com"};
    day.full("no room for <!channel> & co");
    const auto messages = day.take();
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].text.find("no room for <!channel> & co") != std::string::npos);
    CHECK(messages[1].text.find("no room for &lt;!channel&gt; &amp; co") != std::string::npos);
}

TEST_CASE("each kind has a name") {
    for (int i = 0; i <= static_cast<int>(TroubleKind::internal); ++i)
        CHECK_FALSE(to_text(static_cast<TroubleKind>(i)).empty());
}
