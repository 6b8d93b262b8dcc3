// process.h — processes and directories of a benchmark, which are cleaned up.
// Errors are exceptions: a benchmark that cannot run has nothing to print.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace mc::bench {

class TemporaryDirectory {
   public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }

   private:
    std::string path_;
};

// Starts a program by its path; its standard output goes to the file, or is discarded.
pid_t start(const std::vector<std::string>& argv, const std::string& output = "/dev/null",
            const std::vector<std::string>& more_environment = {});
void wait_for(pid_t child);
// Starts it, waits for it, and returns how long that took, in milliseconds.
double run_milliseconds(const std::vector<std::string>& argv, const std::string& output = "/dev/null");

std::string text_of(const std::string& path);
void write(const std::string& path, const std::string& text);
std::size_t lines_in(const std::string& path);
// The time of the last write, in seconds since the epoch.
double written_at(const std::string& path);
// The wall clock, in seconds since the epoch.
double wall_seconds();

// The number after "NAME:" in a /proc file.
long proc_number(pid_t pid, const std::string& file, const std::string& name);

}  // namespace mc::bench
