#include "bench/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "bench/stopwatch.h"

namespace mc::bench {

TemporaryDirectory::TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "marketcron_bench.XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make " + pattern);
    path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

pid_t start(const std::vector<std::string>& argv, const std::string& output,
            const std::vector<std::string>& more_environment) {
    std::vector<char*> arguments, environment;
    for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    for (char** entry = environ; *entry; ++entry) environment.push_back(*entry);
    for (const std::string& entry : more_environment) environment.push_back(const_cast<char*>(entry.c_str()));
    environment.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    pid_t child = 0;
    const int failure =
        ::posix_spawn(&child, argv.front().c_str(), &actions, nullptr, arguments.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (failure != 0)
        throw std::runtime_error(fmt::format("cannot start {}: {}", argv.front(), std::strerror(failure)));
    return child;
}

void wait_for(pid_t child) {
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
}

double run_milliseconds(const std::vector<std::string>& argv, const std::string& output) {
    const auto begun = std::chrono::steady_clock::now();
    wait_for(start(argv, output));
    return seconds_since(begun) * 1000;
}

std::string text_of(const std::string& path) {
    std::ostringstream text;
    // The /proc file of a process that ends meanwhile disappears; `<<` notes that and does not throw.
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return std::move(text).str();
}

void write(const std::string& path, const std::string& text) {
    std::ofstream stream(path, std::ios::binary);
    if (!(stream << text).flush()) throw std::runtime_error("cannot write " + path);
}

std::size_t lines_in(const std::string& path) {
    const std::string text = text_of(path);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

double written_at(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) throw std::runtime_error("there is no " + path);
    return static_cast<double>(info.st_mtim.tv_sec) + static_cast<double>(info.st_mtim.tv_nsec) / 1e9;
}

double wall_seconds() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

long proc_number(pid_t pid, const std::string& file, const std::string& name) {
    const std::string text = "\n" + text_of(fmt::format("/proc/{}/{}", pid, file));
    const auto at = text.find("\n" + name + ":");
    if (at == std::string::npos) throw std::runtime_error(fmt::format("/proc/{}/{} has no {}", pid, file, name));
    return std::strtol(text.c_str() + at + name.size() + 2, nullptr, 10);
}

}  // namespace mc::bench
