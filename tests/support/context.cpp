#include "support/context.h"

#include <fstream>
#include <sstream>

#include "notify/channel_readers.h"
#include "os/zone_files.h"

namespace mc::test {

namespace {

std::string slurp(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

CalendarSource source(const std::string& file, const std::string& name, std::vector<std::string> aliases) {
    const std::string path = std::string(MARKETCRON_ROOT) + "/calendars/" + file;
    auto text = std::make_shared<const std::string>(slurp(path));
    return CalendarSource{CalendarName(name), std::move(aliases), path, *text, text};
}

ReadContext make_context() {
    const ZoneLookup zones = os::zone_files();
    auto set = std::make_shared<CalendarSet>(zones);
    set->add(source("xnys.toml", "XNYS", {"NYSE"}));
    set->add(source("xlon.toml", "XLON", {"LSE"}));
    set->add(source("xtks.toml", "XTKS", {"JPX"}));
    ReadContext context;
    context.calendars = set;
    context.host_zone = Zone::utc();
    context.channels = notify::channel_readers();
    context.include = [](std::string_view, std::string_view) { return Result<std::vector<SourceText>>{}; };
    return context;
}

}  // namespace

const ReadContext& read_context() {
    static const ReadContext context = make_context();
    return context;
}

}  // namespace mc::test
