// obstacle.h — whether a refused system call may succeed later.
//
// `now`   a shortage or a fault: memory, processes, descriptors, disk space, inodes, a disk that fails or is
//         read-only, a program that is being written. A retry succeeds once the cause is gone.
// `never` about the object itself: no such file, no permission, not a program. A retry fails until an operator
//         changes the object or the request.
// An error that is not listed as `now` is `never`: it is reported and not retried forever.
#pragma once

#include "base/result.h"

namespace mc::os {

enum class Obstacle { now, never };

Obstacle obstacle_of(int error);

// The same, as the kind of an Error: resources or process.
Error::Kind kind_of(int error);

}  // namespace mc::os
