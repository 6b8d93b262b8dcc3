// The names of jobs and calendars are texts for those who read them, and are never taken for each other.
#include <catch2/catch.hpp>
#include <map>
#include <type_traits>

#include "base/json.h"
#include "calendar/calendar_name.h"
#include "schedule/job_name.h"

namespace mc {

namespace {

void takes_job(const JobName&) {}
void takes_text(const std::string&) {}
void takes_view(std::string_view) {}

template <class Given>
constexpr bool is_job = requires(const Given& given) {
    takes_job(given);
};
template <class A, class B>
constexpr bool may_be_compared = requires(const A& a, const B& b) {
    a == b;
};

static_assert(is_job<JobName>);
static_assert(!is_job<CalendarName>);
static_assert(!is_job<std::string>);
static_assert(!is_job<std::string_view>);
static_assert(!is_job<const char*>);

static_assert(!std::is_constructible_v<JobName, CalendarName>);
static_assert(!std::is_constructible_v<CalendarName, JobName>);
static_assert(!std::is_assignable_v<JobName&, CalendarName>);
static_assert(!std::is_assignable_v<CalendarName&, JobName>);
static_assert(!std::is_assignable_v<JobName&, std::string>);
static_assert(std::is_constructible_v<JobName, std::string>);
static_assert(!may_be_compared<JobName, CalendarName>);
static_assert(may_be_compared<JobName, std::string>);

static_assert(requires(const JobName& name) { takes_text(name), takes_view(name); });

}  // namespace

TEST_CASE("a name is read as its text") {
    const JobName name("eod");
    CHECK(name == "eod");
    CHECK(name != std::string("EOD"));
    CHECK(name < JobName("prices"));
    CHECK(fmt::format("{} {:>5}", name, name) == "eod   eod");
    CHECK(Json(name).dump() == "\"eod\"");
    const std::string& text = name;
    CHECK(&text == &name.text());
    CHECK(JobName().empty());
}

TEST_CASE("a map finds a name by a text") {
    const std::map<JobName, int, std::less<>> numbers{{JobName("a"), 1}, {JobName("b"), 2}};
    CHECK(numbers.find(std::string_view("b"))->second == 2);
    CHECK(numbers.contains("a"));
    CHECK_FALSE(numbers.contains("c"));
}

TEST_CASE("the spelling of a job's name") {
    CHECK(JobName::parse("eod.v2_x-1") == JobName("eod.v2_x-1"));
    CHECK(JobName::parse(std::string(100, 'a')));
    for (const char* wrong : {"", ".a", "-a", "a b", "a/b", "a@b", "\xc3\xa9"}) CHECK_FALSE(JobName::parse(wrong));
    CHECK_FALSE(JobName::parse(std::string(101, 'a')));
}

TEST_CASE("the spelling of a calendar's name") {
    CHECK(CalendarName::parse("XNYS") == CalendarName("XNYS"));
    CHECK(CalendarName::parse("24/7"));
    for (const char* wrong : {"", "none", "run", "1A", "A B", "A@B"}) CHECK_FALSE(CalendarName::parse(wrong));
}

}  // namespace mc
