# layer(<room> [<neighbour>...]): one room of src/ as a static library of all its .cpp files, which
# can use its neighbours and, through them, their neighbours.
function(layer room)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${room}/*.cpp)
    together(sources ${room} ${CMAKE_SOURCE_DIR}/src)
    add_library(${room} STATIC ${sources})
    target_include_directories(${room} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${room} PUBLIC ${ARGN})
    set_target_properties(${room} PROPERTIES LINKER_LANGUAGE CXX)
    with_precompiled(${room} outside)
    strict(${room})
endfunction()

# strict(<target>): the project's warnings, as errors if MARKETCRON_WERROR is on (in CI).
option(MARKETCRON_WERROR "Treat warnings as errors" OFF)
function(strict target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wswitch-enum)
    if(NOT MARKETCRON_TOGETHER)
        target_compile_options(${target} PRIVATE -Wshadow)
    elseif(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
        # A local variable may have the name of another file's function; an included file is taken for a header; and more is
        # inlined, where GCC then sees what is not.
        target_compile_options(${target} PRIVATE -Wshadow=local -Wno-subobject-linkage -Wno-maybe-uninitialized)
    endif()
    if(MARKETCRON_WERROR)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
endfunction()

# embed_calendars(<target>): puts calendars/*.toml and an index of their names into the target.
function(embed_calendars target)
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
    file(GLOB data CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/calendars/*.toml)
    set(out ${CMAKE_BINARY_DIR}/embedded)
    add_custom_command(
        OUTPUT ${out}/calendars.S ${out}/calendars.cpp
        COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/cmake/embed_calendars.py ${out} ${data}
        DEPENDS ${CMAKE_SOURCE_DIR}/cmake/embed_calendars.py ${data}
        VERBATIM)
    set_source_files_properties(${out}/calendars.S PROPERTIES OBJECT_DEPENDS "${data}")
    target_sources(${target} PRIVATE ${out}/calendars.S ${out}/calendars.cpp)
endfunction()
