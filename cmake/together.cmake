# together(<list> <name> <root>): with MARKETCRON_TOGETHER, replaces the .cpp files of the list, which are below the root, by
# files that include several of them. A group costs little more to compile than one of its files does (ADR 15).
option(MARKETCRON_TOGETHER "Compile several files of a room as one" OFF)
function(together list name root)
    if(NOT MARKETCRON_TOGETHER)
        return()
    endif()
    set(script ${CMAKE_SOURCE_DIR}/cmake/together.py)
    set(out ${CMAKE_BINARY_DIR}/together/${name})
    execute_process(COMMAND ${Python3_EXECUTABLE} ${script} ${out} 0 ${root} ${${list}}
        OUTPUT_VARIABLE groups OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    string(REPLACE "\n" ";" groups "${groups}")
    list(LENGTH groups count)
    # A change may put a file into another group: only the groups that change are written, and compiled.
    add_custom_command(
        OUTPUT ${groups}
        COMMAND ${Python3_EXECUTABLE} ${script} ${out} ${count} ${root} ${${list}}
        DEPENDS ${script} ${${list}}
        COMMENT "Grouping ${name}"
        VERBATIM)
    set(${list} ${groups} PARENT_SCOPE)
endfunction()
