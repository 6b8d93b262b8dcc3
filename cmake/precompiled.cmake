# precompiled(<name> <header>...): outside headers that most files include, compiled once for all who say
# with_precompiled(<target> <name>). It takes half of a build. A file that forgets an include compiles all the same
# here; the presets dev and fuzz, and with them `./dev lint`, compile without it.
add_library(precompiled_body INTERFACE)
target_link_libraries(precompiled_body INTERFACE fmt_headers tl::expected date::date nlohmann_json::nlohmann_json)

function(precompiled name)
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp.in "// what is compiled is the header before it\n")
    configure_file(${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp COPYONLY)
    add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
    target_link_libraries(${name} PRIVATE precompiled_body)
    strict(${name})  # the same options, or the compiler does not take it
    target_precompile_headers(${name} PRIVATE <algorithm> <array> <charconv> <chrono> <deque> <filesystem> <functional>
        <map> <memory> <optional> <set> <span> <string> <string_view> <tuple> <variant> <vector>
        <date/date.h> <fmt/format.h> <nlohmann/json.hpp> <tl/expected.hpp> ${ARGN})

    # What ccache goes by (CCACHE_PCH_EXTSUM), because the compiler never writes the same bytes twice.
    set(sum ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION})
    foreach(header date/date.h fmt/format.h nlohmann/json.hpp tl/expected.hpp ${ARGN})
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
