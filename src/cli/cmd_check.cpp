// cmd_check.cpp — marketcron check [FILE...]: prints every error and warning with its place.
#include <fmt/format.h>

#include <cstdio>

#include "base/spelling.h"
#include "config/warnings.h"
#include "daemon/machine_warnings.h"
#include "desk/json.h"
#include "desk/narrator.h"
#include "desk/open.h"
#include "desk/say.h"
#include "os/clock.h"

namespace mc::app {

namespace {

int check_one(const Args& args) {
    const auto opened = open_plan(args);
    if (!opened) {
        for (const Error& error : opened.error()) {
            if (args.json)
                print_line(Json{{"file", error.spot.file},
                                {"line", error.spot.line},
                                {"column", error.spot.column},
                                {"severity", "error"},
                                {"text", error.what},
                                {"hint", error.hint}});
            else report(error);
        }
        return 2;
    }
    std::vector<Warning> warnings = plan_warnings(*opened->plan, os::instant_now());
    for (Warning& warning : machine_warnings(*opened->plan)) warnings.push_back(std::move(warning));
    for (const Warning& warning : warnings) {
        if (args.json)
            print_line(Json{{"file", warning.spot.file},
                            {"line", warning.spot.line},
                            {"column", warning.spot.column},
                            {"severity", "warning"},
                            {"text", warning.what},
                            {"hint", ""}});
        else say(stderr, "{}\n", warning.text());
    }
    if (!args.json)
        say("{}: {}, {}: good\n", opened->path, counted(opened->plan->jobs.size(), "job"),
            counted(warnings.size(), "warning"));
    return 0;
}

}  // namespace

int cmd_check(const Args& args) {
    if (args.words.empty()) return check_one(args);
    int code = 0;
    for (const std::string& file : args.words) {
        Args one = args;
        one.config = file;
        code = std::max(code, check_one(one));
    }
    return code;
}

}  // namespace mc::app
