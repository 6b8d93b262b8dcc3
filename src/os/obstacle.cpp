#include "os/obstacle.h"

#include <cerrno>

namespace mc::os {

Obstacle obstacle_of(int error) {
    switch (error) {
        case EAGAIN:   // fork and execve: RLIMIT_NPROC, the cgroup's pids.max, the kernel's own limit
        case ENOMEM:   // memory
        case ENOBUFS:  // memory for a socket
        case EMFILE:   // descriptors of this process
        case ENFILE:   // descriptors of the machine
        case ENOSPC:   // no block or no inode; also no watch and no user namespace left
        case EDQUOT:   // the same, for one user
        case EROFS:    // remounted read-only after an error, or for a backup
        case EIO:      // the disk or the file server does not answer
        case ESTALE:   // the file server lost the directory
        case ETIMEDOUT:
        case EHOSTDOWN:
        case ENETDOWN:
        case EINTR:
        case EBUSY:
        case ETXTBSY:  // the program is being written at this moment
            return Obstacle::now;
        default: return Obstacle::never;  // an int, not an enum: needs a default
    }
}

Error::Kind kind_of(int error) {
    return obstacle_of(error) == Obstacle::now ? Error::Kind::resources : Error::Kind::process;
}

}  // namespace mc::os
