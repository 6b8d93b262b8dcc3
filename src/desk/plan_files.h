// plan_files.h — what reading a configuration takes from the machine: which file is read, its text and includes, the
// calendars that are built in or in /etc/marketcron/calendars, and the host's time zone.
#pragma once

#include <string>

#include "config/plan.h"

namespace mc::app {

// -c FILE if it is given. Otherwise root reads the system's file, and other users their own or, if they have none, the
// system's (marketcron(8)). Relative paths are made absolute. Error: config, naming the files that do not exist.
Result<std::string> config_path(const std::string& given);

// Whether this is the system's file and we may not read it.
bool is_systems_file_closed(const std::string& path);

// The text of a configuration file. Error: config, with what to do: the file is missing, a directory, unreadable, empty,
// over 10 MB, or contains a NUL byte.
Result<SourceText> read_source(const std::string& path);

// The text of a calendar file. Error: config, with its place: the file is missing, not a regular file, unreadable, empty,
// over 4 MB, or contains a NUL byte.
Result<std::string> read_calendar_text(const std::string& file);

// A calendar file, of which only the head is read yet; its rules are read when the calendar is first used. Error: config,
// with its place.
Result<CalendarSource> calendar_source(const std::string& file);

// Adds what is wrong with the calendar to `problems`. It may extend one of `calendars`; if it extends its own name, that
// is the calendar in `replaced`.
void check_source(const CalendarSource& source, const CalendarSet& calendars, const CalendarSet& replaced,
                  Errors& problems);

// The calendars that are built into the program.
CalendarSet built_in_calendars();
// The files of /etc/marketcron/calendars, in the order in which they are read. `also`: as if these files were there too,
// each in place of the file with the same name.
std::vector<std::string> calendar_files(const std::vector<std::string>& also = {});

// As make_read_context(), with these calendars and calendar files.
ReadContext read_context_of(CalendarSet calendars, const std::vector<std::string>& files, Errors* problems);

// The machine's time zones, the built-in calendars and those of the directory, and includes from disk. Calendar files that
// cannot be read are left out. With `problems`, all files are checked, and what is wrong with them or with the directory
// is added there.
ReadContext make_read_context(Errors* problems = nullptr);

// Errors that only the disk shows: a channel's secret in a file that other users can read.
Errors check_modes(const Plan& plan);

// The state directory and the socket of the daemon of that file, if the file does not set them. For the system's file
// they are the same for every user.
std::string default_state(const std::string& config);
std::string default_socket(const std::string& config);

}  // namespace mc::app
