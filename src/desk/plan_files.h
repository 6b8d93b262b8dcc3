// plan_files.h — the shell's half of reading a configuration: which file, its text and includes from disk,
// the calendars that are built in or lie in /etc/marketcron/calendars, the host's zone.
#pragma once

#include <string>

#include "config/plan.h"

namespace mc::app {

// -c FILE, else: root reads the system's file; others their own, else the system's (marketcron(8)). Relative
// paths are made absolute. Error: config, naming where it looked.
Result<std::string> config_path(const std::string& given);

// Whether it is the system's, and not for us to read.
bool is_systems_file_closed(const std::string& path);

// The text of a configuration file. Error: config; missing, a directory, unreadable, empty, over 10 MB, with a
// NUL, each with what to do.
Result<SourceText> read_source(const std::string& path);

// The text of a calendar file. Error: config, with its place: missing, no regular file, unreadable, empty, over 4 MB,
// with a NUL.
Result<std::string> read_calendar_text(const std::string& file);

// A calendar file's head; its rules are read when the calendar is first asked for. Error: config, with its place.
Result<CalendarSource> calendar_source(const std::string& file);

// What is wrong with it; it may extend one of those calendars, under its own name one that it replaces.
void check_source(const CalendarSource& source, const CalendarSet& calendars, const CalendarSet& replaced,
                  Errors& problems);

// The calendars that are built in.
CalendarSet built_in_calendars();
// The files of /etc/marketcron/calendars, in the order in which they are read; as it would be with these, too, each in
// the place of one of its file's name.
std::vector<std::string> calendar_files(const std::vector<std::string>& also = {});

// What make_read_context() makes, of those.
ReadContext read_context_of(CalendarSet calendars, const std::vector<std::string>& files, Errors* problems);

// Zones from the machine, calendars built in and from the directory, includes from disk. Calendar files
// that cannot be read are left out, and named in `problems`, as is a directory that cannot.
ReadContext make_read_context(Errors* problems = nullptr);

// What only the disk can tell of a plan: an inline webhook in a file that others can read.
Errors check_modes(const Plan& plan);

// Where the daemon of that file keeps its state and its socket when it does not say: the system's file has
// the system's places, whoever asks.
std::string default_state(const std::string& config);
std::string default_socket(const std::string& config);

}  // namespace mc::app
