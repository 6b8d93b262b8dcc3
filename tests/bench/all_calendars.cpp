// all_calendars.cpp — every built-in calendar, each session of 1990-2050 read once; a first question;
// and one about a joint calendar.
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "base/toml.h"
#include "bench/bench.h"
#include "bench/process.h"
#include "bench/stopwatch.h"
#include "calendar/joint.h"
#include "desk/embedded.h"
#include "os/zone_files.h"

namespace mc::bench {

namespace {

constexpr std::size_t many = 500'000;

CalendarSet built_in() {
    CalendarSet set{os::zone_files()};
    for (CalendarSource& source : app::embedded_calendars()) set.add(std::move(source));
    return set;
}

CalendarPtr find(const CalendarSet& set, const std::string& name) {
    auto found = set.find(name);
    if (!found) throw std::runtime_error(found.error().text());
    return *found;
}

// Only parses the files' texts: the baseline for the other numbers.
double toml_milliseconds() {
    const double begun = wall_seconds();
    for (const CalendarSource& source : app::embedded_calendars())
        if (!parse_toml(source.text, source.file)) throw std::runtime_error(source.file);
    return (wall_seconds() - begun) * 1000;
}

// One process that reads all calendars, as reported by --all-calendars.
struct Reading {
    double milliseconds = 0, megabytes = 0;
};
Reading read_in_a_process() {
    const TemporaryDirectory directory;
    wait_for(start({"/proc/self/exe", "--all-calendars"}, directory / "told"));
    Reading reading;
    if (std::sscanf(text_of(directory / "told").c_str(), "%lf %lf", &reading.milliseconds, &reading.megabytes) != 2)
        throw std::runtime_error("the reader of all calendars has failed");
    return reading;
}

}  // namespace

void read_all_calendars() {
    ::mallopt(M_TRIM_THRESHOLD, 64 << 20);  // a calendar's memory is reused for the next
    const double begun = wall_seconds();
    const CalendarSet set = built_in();
    std::uint64_t sum = 0;
    for (const CalendarName& name : set.names()) {
        const CalendarPtr kept = find(set, name);
        const Calendar once(kept->rules(), kept->zone());  // its sessions are released after they have been read
        const Date to = std::min(once.coverage().to, make_date(2050, 12, 31));
        for (Date d = std::max(once.coverage().from, make_date(1990, 1, 1)); d <= to; d += date::days{1})
            if (const Session* session = *once.session(d))
                sum =
                    sum * 31 + static_cast<std::uint64_t>(
                                   (session->open.time_since_epoch() + session->close.time_since_epoch() * 3).count());
    }
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    fmt::print("{} {} {:016x}\n", (wall_seconds() - begun) * 1000, static_cast<double>(used.ru_maxrss) / 1024, sum);
}

Rows all_calendar_rows() {
    constexpr int readers = 5;
    std::vector<double> milliseconds, megabytes;
    for (int i = 0; i < readers; ++i) {
        const Reading reading = read_in_a_process();
        milliseconds.push_back(reading.milliseconds);
        megabytes.push_back(reading.megabytes);
    }
    const double begun = wall_seconds();
    const CalendarPtr nyse = find(built_in(), "XNYS");
    if (!nyse->session(make_date(2026, 11, 20))) throw std::runtime_error("no first answer");
    const double first = (wall_seconds() - begun) * 1000;

    const CalendarSet set = built_in();
    const Calendar joint(JointCalendar{
        CalendarName("J"), "", Joining::all_of, {find(set, "XNYS"), find(set, "XLON")}, find(set, "XNYS")->zone()});
    const auto is_open = [&](Instant t) { return *joint.is_open(t); };
    const std::vector<Instant> instants = random_instants(many);
    (void)nanoseconds_each(instants, is_open);
    const std::string parsing = fmt::format("{}: parsing their TOML", amount(toml_milliseconds(), "ms"));
    return {{fmt::format("all {} calendars, each session of 1990-2050", set.names().size()), median(milliseconds), 200,
             "ms", parsing},
            {"the same: memory at its peak", median(megabytes), 60, "MB", ""},
            {"one calendar, first question", first, 2, "ms", ""},
            {"is a joint calendar open", nanoseconds_each(instants, is_open), 100, "ns", ""}};
}

}  // namespace mc::bench
