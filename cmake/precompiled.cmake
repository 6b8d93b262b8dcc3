# precompiled(<name> <header>...): external headers that most files include, compiled once for all targets that use
# with_precompiled(<target> <name>). With them a file with a missing include still compiles; the presets dev and fuzz,
# and so `./dev lint`, compile without them.
add_library(precompiled_body INTERFACE)
target_link_libraries(precompiled_body INTERFACE fmt_headers tl::expected date::date)

function(precompiled name)
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "// what is compiled is the header before it\n")
    add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
    target_link_libraries(${name} PRIVATE precompiled_body)
    strict(${name})  # the compiler accepts it only with the same options
    target_precompile_headers(${name} PRIVATE <algorithm> <array> <charconv> <chrono> <deque> <filesystem> <functional>
        <map> <memory> <optional> <set> <span> <string> <string_view> <tuple> <variant> <vector>
        <date/date.h> <fmt/format.h> <tl/expected.hpp> ${ARGN})

    # ccache compares this checksum (CCACHE_PCH_EXTSUM), because the compiler's output differs each time.
    set(sum ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION})
    foreach(header date/date.h fmt/format.h tl/expected.hpp ${ARGN})
        string(REGEX REPLACE "[<>]" "" header ${header})
        find_file(found_${header} ${header} REQUIRED)
        file(SHA256 ${found_${header}} hash)
        list(APPEND sum ${hash})
    endforeach()
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${name}.dir/cmake_pch.hxx.gch.sum "${sum}")
endfunction()

function(with_precompiled target name)
    target_precompile_headers(${target} REUSE_FROM ${name})
    # With precompiled headers, GCC no longer treats the standard library's headers as system headers and warns about them.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overread>)
endfunction()
