#include "os/unix_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace mc::os {

namespace {

constexpr int connections_waiting_max = 128;

struct Place {
    Descriptor directory;
    std::string name;
};

Place place_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    return {Descriptor{::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)}, name};
}

sockaddr_un address(const Place& place, const char* suffix = "") {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    fmt::format_to_n(address.sun_path, sizeof address.sun_path - 1, "/proc/self/fd/{}/{}{}", place.directory.get(),
                     place.name, suffix);
    return address;
}

}  // namespace

Descriptor connect_unix(const std::string& path) {
    const Place place = place_of(path);
    if (!place.directory) return {};
    Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const sockaddr_un where = address(place);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0) return socket;
    const int reason = errno;
    socket.reset();
    errno = reason;
    return socket;
}

Result<Descriptor> listen_unix(const std::string& path, unsigned mode) {
    const Place place = place_of(path);
    const std::string beside = place.name + ".new";
    Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const sockaddr_un where = address(place, ".new");
    ::unlinkat(place.directory.get(), beside.c_str(), 0);
    const bool ready =
        place.directory && socket &&
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 &&
        ::fchmodat(place.directory.get(), beside.c_str(), mode, 0) == 0 &&
        ::listen(socket.get(), connections_waiting_max) == 0 &&
        ::renameat(place.directory.get(), beside.c_str(), place.directory.get(), place.name.c_str()) == 0;
    if (ready) return socket;
    return fail(Error::Kind::process, fmt::format("cannot listen on {}: {}", path, std::strerror(errno)));
}

}  // namespace mc::os
