# precompiled(<name> <header>...): outside headers that most files include, compiled once for all targets with
# with_precompiled(<target> <name>). With it a file that forgets an include compiles; the presets dev and fuzz, and so
# `./dev lint`, compile without it.
add_library(precompiled_body INTERFACE)
target_link_libraries(precompiled_body INTERFACE fmt_headers tl::expected date::date)

function(precompiled name)
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "// what is compiled is the header before it\n")
    add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
    target_link_libraries(${name} PRIVATE precompiled_body)
    strict(${name})  # the same options, or the compiler does not take it
    target_precompile_headers(${name} PRIVATE <algorithm> <array> <charconv> <chrono> <deque> <filesystem> <functional>
        <map> <memory> <optional> <set> <span> <string> <string_view> <tuple> <variant> <vector>
        <date/date.h> <fmt/format.h> <tl/expected.hpp> ${ARGN})

    # What ccache goes by (CCACHE_PCH_EXTSUM), because the compiler never writes the same bytes twice.
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
    # From it the compiler no longer knows the standard library's headers as the system's, and warns of their insides.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overread>)
endfunction()
