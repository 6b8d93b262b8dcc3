// targets.h — what takes any bytes from a person or a program, as functions to be fuzzed.
//
// A target takes any bytes, and returns: it does not abort, crash, hang or throw. What a target promises of its answer
// it checks itself, and aborts. tests/prove/fuzz_proof.py runs each under libFuzzer; fuzz_replay runs the files of
// tests/fuzz/found/TARGET, which did not return once, and the seeds, without it.
#pragma once

#include <span>
#include <string_view>

namespace mc::fuzz {

void toml(std::string_view input);      // a configuration
void crontab(std::string_view input);   // as table, system's table, anacrontab, timer unit, and what import makes of it
void calendar(std::string_view input);  // a calendar file
void cron(std::string_view input);      // a cron expression
void predicate(std::string_view input);      // a `when`
void template_text(std::string_view input);  // a text with {{names}}
void control(std::string_view input);        // a request to the control API, see its file

struct Target {
    std::string_view name;
    void (*run)(std::string_view input);
};
std::span<const Target> targets();

}  // namespace mc::fuzz
