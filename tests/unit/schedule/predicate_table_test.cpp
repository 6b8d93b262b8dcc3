// Each row of the table of predicates, in the code and in the man page.
#include "schedule/predicate_table.h"

#include <algorithm>
#include <set>

#include "unit/schedule/worlds.h"

using namespace mc;
using namespace mc::test;

namespace {

Predicate parsed(std::string_view text) {
    auto predicate = Predicate::parse(text);
    INFO(text);
    if (!predicate) FAIL(predicate.error().text());
    return *predicate;
}

// Before London closes and while New York trades: 2026-11-20 is a session of both.
const Asked asked_of_instant{day("2026-11-20"), day("2026-11-20"), at("2026-11-20T15:00:00Z")};
const Asked asked_of_date{day("2026-11-20"), day("2026-11-20"), std::nullopt};

// The man page's section about `when`.
std::string section_predicates() {
    const auto page = text_of(std::string(MARKETCRON_ROOT) + "/man/marketcron.toml.5");
    const auto from = page.find("\n.Sh PREDICATES\n");
    REQUIRE(from != std::string::npos);
    return page.substr(from, page.find("\n.Sh ", from + 1) - from);
}

}  // namespace

TEST_CASE("a predicate has one row, which is found by its name") {
    std::set<std::string_view> names;
    for (const auto* row : all_predicates()) {
        INFO(row->name);
        CHECK(names.insert(row->name).second);
        CHECK(find_predicate(row->name) == row);
    }
    CHECK(predicate_names().size() == names.size());
    CHECK(find_predicate("sesion") == nullptr);
    CHECK(find_predicate("") == nullptr);
}

TEST_CASE("each row's example is a predicate that can be evaluated, with a reason") {
    const auto calendars = markets();
    for (const auto* row : all_predicates()) {
        INFO(row->name);
        const auto predicate = parsed(example_of(*row));
        CHECK(predicate.holds(asked_of_instant, calendars, CalendarName("XNYS")));
        const auto answers = predicate.explain(asked_of_instant, calendars, CalendarName("XNYS"));
        REQUIRE(answers);
        for (const auto& answer : *answers) {
            CHECK(answer.check.starts_with(row->name));
            CHECK_FALSE(answer.text.empty());
        }
    }
}

TEST_CASE("each row accepts the number of arguments that it states") {
    for (const auto* row : all_predicates()) {
        INFO(row->name);
        const auto& [least, most, read, example] = row->arguments;
        CHECK(least <= most);
        CHECK((most == 0) == (read == nullptr));
        CHECK((most == 0) == example.empty());
        CHECK(Predicate::parse(row->name).has_value() == (least == 0));
        const std::string hint = "write " + std::string(example_of(*row));
        if (least > 0) CHECK(Predicate::parse(row->name).error().hint == hint);
        std::string many = "0";
        for (std::size_t n = 0; n < std::min<std::size_t>(most, 400); ++n) many += ", 0";
        const auto refused = Predicate::parse(std::string(row->name) + "(" + many + ")");
        REQUIRE_FALSE(refused);
        if (most != any_number) CHECK(refused.error().hint == hint);
    }
}

TEST_CASE("a row uses a calendar or an instant exactly if it says so") {
    const auto calendars = markets();
    for (const auto* row : all_predicates()) {
        INFO(row->name);
        const auto predicate = parsed(example_of(*row));
        const bool asks_calendar = !std::holds_alternative<AsksDate>(row->asks);
        CHECK(predicate.needs_calendar() == asks_calendar);
        CHECK(predicate.holds(asked_of_instant, calendars, CalendarName()).has_value() == !asks_calendar);
        CHECK(Predicate::parse("XLON." + std::string(example_of(*row))).has_value() == asks_calendar);
        const bool asks_instant = std::holds_alternative<AsksInstant>(row->asks);
        CHECK(predicate.asks_instant() == asks_instant);
        CHECK(predicate.holds(asked_of_date, calendars, CalendarName("XNYS")).has_value() == !asks_instant);
    }
}

TEST_CASE("the man page shows each row") {
    const auto page = section_predicates();
    for (const auto* row : all_predicates()) {
        INFO(row->name);
        const std::string shown = " " + std::string(row->name) + (row->arguments.least > 0 ? "(" : " ");
        CHECK(page.find(shown) != std::string::npos);
    }
}
