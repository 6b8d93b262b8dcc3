// The facts of reasons as JSON, in the ledger and in answers.
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "config/trigger_names.h"
#include "reason/json.h"
#include "unit/reason/samples.h"

using namespace mc;
using namespace mc::test;

namespace {

std::string manual() {
    std::ifstream file(MARKETCRON_ROOT "/man/marketcron.1");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("each kind has a sample, in order") {
    const auto all = samples();
    REQUIRE(all.size() == std::variant_size_v<ReasonData>);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].index() == i);
}

TEST_CASE("written facts are read back unchanged, and each kind has its own name") {
    std::set<std::string> kinds;
    for (const ReasonData& data : samples()) {
        const Json json = reason_json(data);
        INFO(json.dump());
        CHECK(kinds.insert(json["kind"].get<std::string>()).second);
        const auto read = read_reason_json(json);
        REQUIRE(read);
        CHECK(*read == data);
        CHECK(read_reason_data(reason_data_text(data)) == BoxedOptional<ReasonData>(data));
    }
}

TEST_CASE("facts are written with the names of the manual") {
    CHECK(reason_json(PoolFull{"db", 4}).dump() == R"({"kind":"pool_full","pool":"db","slots":4})");
    CHECK(reason_json(SensorPending{"file /x", Seconds{30}, {}, "", {0}}).dump() ==
          R"({"kind":"sensor_pending","sensor":"file /x","poll_seconds":30,"until":null,"answer":"","pending":[0]})");
    CHECK(
        reason_json(UpstreamAlone{failed_look()}).dump() ==
        R"({"kind":"upstream","upstream":{"job":"prices","date":"2026-11-20","standing":"failed","basis":"run","run":17,)"
        R"("state":"failed","reason":"exit_code","due":null}})");
    UpstreamStatus none;  // no state without a run: a script must not take a skip for a success
    none.standing = UpstreamStatus::Standing::skipped;
    none.basis = UpstreamStatus::Basis::none_known;
    none.job = JobName("prices");
    CHECK(reason_json(UpstreamAlone{none}).dump() ==
          R"({"kind":"upstream","upstream":{"job":"prices","date":null,"standing":"skipped","basis":"none_known",)"
          R"("run":null,"state":null,"reason":null,"due":null}})");
    CHECK(reason_json(BoxedOptional<ReasonData>()).is_null());
    CHECK(reason_data_text({}).empty());
}

TEST_CASE("unknown or invalid facts are ignored without an error") {
    for (const char* text :
         {"", "null", "17", "{}", "[", R"({"kind":"of the next version"})", R"({"kind":7})", R"({"kind":"pool_full"})",
          R"({"kind":"pool_full","pool":3,"slots":1})", R"({"kind":"wait_until","until":"soon"})",
          R"({"kind":"deadline","until":null})", R"({"kind":"marked","by":"a","comment":"b","was":"unknown"})",
          R"({"kind":"upstreams_ended","trigger":"some","upstreams":[]})",
          R"({"kind":"upstream","upstream":{"job":"a"}})"}) {
        INFO(text);
        CHECK_FALSE(read_reason_data(text));
    }
}

TEST_CASE("each word of an upstream job's status, and each trigger, is read back") {
    using Standing = UpstreamStatus::Standing;
    using Basis = UpstreamStatus::Basis;
    const auto survives = [](const ReasonData& data) {
        INFO(reason_data_text(data));
        CHECK(read_reason_data(reason_data_text(data)) == BoxedOptional<ReasonData>(data));
    };
    UpstreamStatus look = coming_look();
    for (const Standing standing : {Standing::pending, Standing::success, Standing::skipped, Standing::failed}) {
        look.standing = standing;
        survives(UpstreamAlone{look});
    }
    for (const Basis basis : {Basis::run, Basis::fire_to_come, Basis::no_fire, Basis::no_run, Basis::none_known,
                              Basis::disabled, Basis::iced}) {
        look.basis = basis;
        survives(UpstreamAlone{look});
    }
    for (const auto& [name, trigger] : trigger_names) survives(UpstreamsEnded{trigger, {look, failed_look()}});
    survives(UpstreamsEnded{Trigger::all_done, {}});
}

TEST_CASE("an upstream job's status with a word that is not known is ignored") {
    const std::string good = reason_data_text(ReasonData(UpstreamAlone{failed_look()}));
    const auto with = [&](const std::string& old, const std::string& word) {
        std::string text = good;
        text.replace(text.find(old), old.size(), word);
        return static_cast<bool>(read_reason_data(text));
    };
    CHECK(with("\"failed\",\"basis\"", "\"skipped\",\"basis\""));
    for (const char* word : {"\"\"", "\"Failed\"", "null", "3"}) {
        INFO(word);
        CHECK_FALSE(with("\"failed\",\"basis\"", std::string(word) + ",\"basis\""));  // standing
        CHECK_FALSE(with("\"run\",\"run\"", std::string(word) + ",\"run\""));         // basis
        CHECK_FALSE(with("\"state\":\"failed\"", "\"state\":" + std::string(word)));
        CHECK_FALSE(with("\"date\":\"2026-11-20\"", "\"date\":" + std::string(word)));
    }
    CHECK_FALSE(with("\"exit_code\"", "\"exit_cod\""));
    CHECK(with("\"exit_code\"", "null"));
    CHECK(with("\"due\":null", "\"due\":\"2026-11-20T21:00:00Z\""));
    CHECK_FALSE(with("\"due\":null", "\"due\":\"\""));
}

TEST_CASE("marketcron(1) lists each kind with its members") {
    const std::string text = manual();
    for (const ReasonData& data : samples())
        std::visit(
            [&](const auto& one) {
                std::string line = ".It \"" + std::string(one.form.kind) + "\"\n";
                for (std::size_t i = 0; i < one.form.names.size(); ++i)
                    line += (i == 0 ? "\"" : ", \"") + std::string(one.form.names[i]) + "\"";
                INFO(line);
                CHECK(text.find(line) != std::string::npos);
            },
            data);
}
