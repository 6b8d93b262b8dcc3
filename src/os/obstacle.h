// obstacle.h — whether what the kernel refused may work later.
//
// `now`   a shortage or a fault: memory, processes, descriptors, disk space, inodes, a disk that fails or is
//         read-only, a program that is just being written. It ends when its cause ends.
// `never` an answer about the thing itself: no such file, no permission, not a program. It stays until a
//         person changes the thing or what was asked for.
// An error that is not in the list of `now` is `never`: it is shown, and not tried again without end.
#pragma once

#include "base/result.h"

namespace mc::os {

enum class Obstacle { now, never };

Obstacle obstacle_of(int error);

// The same, as the kind of an Error: resources or process.
Error::Kind kind_of(int error);

}  // namespace mc::os
