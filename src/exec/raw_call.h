// raw_call.h — a system call that changes nothing in this process except through its arguments.
//
// For a child that shares its parent's memory while both run: the C library's functions write errno, which
// both would share. On other processors than the two below, memory is not shared (spawn.h).
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <type_traits>

namespace mc::os {

// An argument in the form of its register.
template <class T>
long raw_argument(T value) {
    if constexpr (std::is_pointer_v<T>) return reinterpret_cast<long>(value);
    else return static_cast<long>(value);
}

#if defined(__x86_64__)

constexpr bool raw_calls = true;

inline long raw_call_of(long number, long a, long b, long c, long d) {
    register long fourth asm("r10") = d;
    long result = 0;
    asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth) : "rcx", "r11", "memory");
    return result;
}

#elif defined(__aarch64__)

constexpr bool raw_calls = true;

inline long raw_call_of(long number, long a, long b, long c, long d) {
    register long call asm("x8") = number;
    register long first asm("x0") = a;
    register long second asm("x1") = b;
    register long third asm("x2") = c;
    register long fourth asm("x3") = d;
    asm volatile("svc 0" : "+r"(first) : "r"(call), "r"(second), "r"(third), "r"(fourth) : "memory");
    return first;
}

#else

constexpr bool raw_calls = false;

inline long raw_call_of(long number, long a, long b, long c, long d) {
    const long result = ::syscall(number, a, b, c, d);
    return result < 0 ? -errno : result;
}

#endif

// The result, or -errno.
template <class... Arguments>
long raw_call(long number, Arguments... arguments) {
    static_assert(sizeof...(arguments) <= 4);
    const long given[4 + 1] = {raw_argument(arguments)...};
    return raw_call_of(number, given[0], given[1], given[2], given[3]);
}

}  // namespace mc::os
