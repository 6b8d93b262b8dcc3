# All external libraries, from Debian's packages. Linked statically if that makes short commands start faster.
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
find_package(date REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Catch2 2 REQUIRED)
# Headers only: these libraries are loaded at run time, for the first message or a signed request.
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)

# fmt is compiled once, in base/format.cpp, from its headers.
add_library(fmt_headers INTERFACE)
get_target_property(FMT_INCLUDE fmt::fmt-header-only INTERFACE_INCLUDE_DIRECTORIES)
target_include_directories(fmt_headers SYSTEM INTERFACE ${FMT_INCLUDE})

# toml++ is compiled once, in base/toml.cpp, from its headers.
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
add_library(tomlplusplus INTERFACE)
target_include_directories(tomlplusplus SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE})
target_compile_definitions(tomlplusplus INTERFACE TOML_HEADER_ONLY=0)

set(CMAKE_FIND_LIBRARY_SUFFIXES .a ${CMAKE_FIND_LIBRARY_SUFFIXES})
find_package(SQLite3 REQUIRED)
foreach(part core extra)
    find_library(LIBEVENT_${part} NAMES event_${part} REQUIRED)
    add_library(libevent::${part} UNKNOWN IMPORTED)
    set_target_properties(libevent::${part} PROPERTIES IMPORTED_LOCATION ${LIBEVENT_${part}})
endforeach()
target_link_libraries(libevent::extra INTERFACE libevent::core)
find_package(Threads REQUIRED)
target_link_libraries(SQLite::SQLite3 INTERFACE Threads::Threads m)
