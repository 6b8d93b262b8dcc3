#include "config/path.h"

#include <algorithm>
#include <vector>

namespace mc {

std::string path_from(std::string_view directory, std::string_view path) {
    const bool absolute = !path.empty() && path.front() == '/';
    const std::string whole = absolute ? std::string{path} : std::string{directory} + "/" + std::string{path};

    std::vector<std::string_view> parts;
    for (std::size_t begin = 0; begin <= whole.size();) {
        const std::size_t end = std::min(whole.find('/', begin), whole.size());
        const std::string_view part = std::string_view(whole).substr(begin, end - begin);
        begin = end + 1;
        if (part == ".." && !parts.empty()) parts.pop_back();
        else if (!part.empty() && part != "." && part != "..") parts.push_back(part);
    }
    std::string clean;
    for (const std::string_view part : parts) clean.append("/").append(part);
    return clean.empty() ? "/" : clean;
}

std::string directory_of(std::string_view file, std::string_view working_directory) {
    return path_from(path_from(working_directory, file), "..");
}

}  // namespace mc
