// The order of a file's sections, and of its included files, does not matter.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "notify/mail_settings.h"
#include "world.h"

using namespace mc;
using namespace mc::test;

namespace {

// Each section names something that another one declares.
const std::vector<std::string> sections{
    "[defaults]\ngroup = \"etl\"\nnotify = { failure = [\"slack:ops\"], late = [\"mail:a@example.com\"] }\n",
    "[group.etl]\ncalendar = \"DESK\"\npool = \"db\"\n",
    "[job.load]\nschedule = \"@close+15m\"\ncommand = \"load {{session}}\"\n",
    "[job.report]\nafter = [\"load\", \"aside\"]\nslack = { to = \"desk\", text = \"{{session}}\" }\n",
    "[job.aside]\nschedule = \"@JOINT.open\"\nwhen = \"DESK.session\"\nhttp = { url = \"https://x.example.com/\" }\n",
    "[slack.ops]\nwebhook_env = \"OPS\"\n",
    "[slack.desk]\nwebhook_env = \"DESK_HOOK\"\n",
    "[pool.db]\nslots = 3\n",
    "[calendar.DESK]\nextends = \"XNYS\"\nclosed = [2026-12-23]\n",
    "[calendar.JOINT]\nany_of = [\"DESK\", \"XLON\"]\ntimezone = \"Europe/London\"\n",
    "[crontab]\nfiles = [\"/etc/crontab\"]\nnotify = { failure = [\"slack:ops\"] }\n",
    "[mail]\ncommand = \"sendmail -t\"\nfrom = \"cron@example.com\"\n",
    "[daemon]\nstate = \"/tmp/state\"\ncapacity = { cpus = 4 }\n",
};

template <class Name>
std::string list(const std::vector<Name>& all) {
    const std::vector<std::string> names(all.begin(), all.end());
    return fmt::format("{}", fmt::join(names, ","));
}

// The contents of a plan without the places.
std::string digest(const Plan& plan) {
    std::string text;
    for (const auto& [name, job] : plan.jobs) {
        text += schedule_text(job, plan);
        text += fmt::format("{} pool {} action {} group {} after", name, job.pool, job.action.index(), job.group);
        for (std::size_t i = 0; job.after && i < job.after->upstreams.size(); ++i)
            text += " " + job.after->upstreams[i].job.text();
        text += fmt::format(" failure {} late {}\n", list(job.notify->failure), list(job.notify->late));
    }
    for (const auto& [target, channel] : plan.channels)
        text += fmt::format("channel {} {}\n", target.text(), channel->secret.env);
    for (const auto& [name, slots] : plan.pools) text += fmt::format("pool {} {}\n", name, slots);
    for (const auto& [name, own] : plan.own_calendars) text += own.text;
    text += fmt::format("crontab {} {}\n", list(plan.crontab.files), list(plan.crontab.notify.failure));
    const auto& mail = static_cast<const MailSettings&>(*plan.channels.at(Target("mail", "")));
    text += fmt::format("mail {} {}\n", list(mail.command), mail.from);
    text += fmt::format("daemon {} {}\n", plan.daemon.state, *plan.daemon.capacity_cpus);
    return text;
}

std::string whole(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, "\n")); }

}  // namespace

TEST_CASE("the sections of a file may be in any order") {
    const ResultAll<Plan> first = read(whole(sections));
    REQUIRE(errors_of(first) == "");
    const std::string wanted = digest(*first);
    std::mt19937 draw(20261130);
    auto order = sections;
    std::reverse(order.begin(), order.end());
    for (int round = 0; round < 200; ++round) {
        const ResultAll<Plan> plan = read(whole(order));
        INFO(whole(order));
        REQUIRE(errors_of(plan) == "");
        REQUIRE(digest(*plan) == wanted);
        std::shuffle(order.begin(), order.end(), draw);
    }
}

TEST_CASE("each section may be in its own file, and the files in any order") {
    const std::string wanted = digest(*read(whole(sections)));
    std::mt19937 draw(7);
    auto order = sections;
    for (int round = 0; round < 40; ++round) {
        Files parts;
        for (std::size_t i = 1; i < order.size(); ++i) parts[fmt::format("conf.d/{:02}.toml", i)] = order[i];
        const ResultAll<Plan> plan = read("include = [\"conf.d/*.toml\"]\n" + order[0], parts);
        INFO(whole(order));
        REQUIRE(errors_of(plan) == "");
        REQUIRE(digest(*plan) == wanted);
        std::shuffle(order.begin(), order.end(), draw);
    }
}

TEST_CASE("the errors of a file are the same in any order") {
    auto broken = sections;
    broken.emplace_back("[job.bad]\nschedule = \"@close\"\ncommand = \"x\"\npool = \"nowhere\"\nretries = -1\n");
    broken.emplace_back("[slack.bad]\nwebhok_env = \"X\"\n");
    const auto whats = [](const ResultAll<Plan>& plan) {
        std::vector<std::string> texts;
        if (!plan)
            for (const Error& error : plan.error()) texts.push_back(error.what);
        std::sort(texts.begin(), texts.end());
        return texts;
    };
    const auto wanted = whats(read(whole(broken)));
    CHECK(wanted.size() >= 3);
    std::mt19937 draw(3);
    for (int round = 0; round < 50; ++round) {
        std::shuffle(broken.begin(), broken.end(), draw);
        REQUIRE(whats(read(whole(broken))) == wanted);
    }
}
