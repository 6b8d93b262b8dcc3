# package.cmake — the Debian package: its files and its control fields. `./dev package` builds it; `cpack` packs only
# what is already built, so the tests need not be compiled.
include(GNUInstallDirs)
set(packaging ${CMAKE_SOURCE_DIR}/packaging)
set(doc_dir ${CMAKE_INSTALL_DATADIR}/doc/marketcron)

# packed(<to> <from> <command>...): a file of the package, made from a command's output. It is made again when <from>, a
# target or a file, changes.
set(packed_files)
function(packed to from)
    set(out ${CMAKE_BINARY_DIR}/packed/${to})
    get_filename_component(dir ${out} DIRECTORY)
    file(MAKE_DIRECTORY ${dir})
    add_custom_command(OUTPUT ${out} COMMAND ${ARGN} > ${out} DEPENDS ${from} VERBATIM)
    set(packed_files ${packed_files} ${out} PARENT_SCOPE)
endfunction()

# zipped(<to> <from>): compressed without name and time, so that the same sources give the same package.
macro(zipped to from)
    packed(${to} ${from} gzip -9nc ${from})
endmacro()

file(GLOB manuals CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/man ${CMAKE_SOURCE_DIR}/man/*.[1-8])
foreach(manual ${manuals})
    string(REGEX MATCH "[1-8]$" section ${manual})
    zipped(man${section}/${manual}.gz ${CMAKE_SOURCE_DIR}/man/${manual})
    install(FILES ${CMAKE_BINARY_DIR}/packed/man${section}/${manual}.gz
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
zipped(doc/changelog.gz ${CMAKE_SOURCE_DIR}/CHANGELOG.md)
zipped(doc/changelog.Debian.gz ${packaging}/debian/changelog)
packed(completions/marketcron marketcron $<TARGET_FILE:marketcron> completion bash)
packed(completions/_marketcron marketcron $<TARGET_FILE:marketcron> completion zsh)
packed(completions/marketcron.fish marketcron $<TARGET_FILE:marketcron> completion fish)
add_custom_target(package_files DEPENDS marketcron ${packed_files})

set(packed ${CMAKE_BINARY_DIR}/packed)
install(TARGETS marketcron DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${packed}/completions/marketcron DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${packed}/completions/_marketcron DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${packed}/completions/marketcron.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(DIRECTORY calendars DESTINATION ${CMAKE_INSTALL_DATADIR}/marketcron FILES_MATCHING PATTERN *.toml)
install(FILES ${packed}/doc/changelog.gz ${packed}/doc/changelog.Debian.gz ${packaging}/debian/copyright README.md
    docs/replacing-cron.md docs/coming-from-airflow.md docs/coming-from-autosys.md docs/control-api.md docs/ledger.md
    docs/calendars.md DESTINATION ${doc_dir})
install(DIRECTORY examples DESTINATION ${doc_dir})
install(FILES ${packaging}/marketcron.service.d/hardening.conf DESTINATION ${doc_dir}/examples)
install(FILES ${packaging}/debian/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides
    RENAME marketcron)
install(FILES ${packaging}/sysusers.d/marketcron.conf DESTINATION lib/sysusers.d)
install(FILES ${packaging}/tmpfiles.d/marketcron.conf DESTINATION lib/tmpfiles.d)
install(FILES ${packaging}/marketcron.service DESTINATION /lib/systemd/system)
install(FILES ${packaging}/marketcron.service.d/crontabs.conf DESTINATION /lib/systemd/system/marketcron.service.d)
install(FILES ${packaging}/marketcron.toml DESTINATION /etc/marketcron)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME marketcron)
set(CPACK_PACKAGE_CONTACT "marketcron developers <marketcron@example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT) # marketcron_VERSION_ARCH.deb
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
file(STRINGS ${packaging}/debian/changelog newest LIMIT_COUNT 1)
if(NOT newest MATCHES "^marketcron \\(${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}\\)")
    message(FATAL_ERROR "packaging/debian/changelog begins with \"${newest}\"; this is version "
        "${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}: write what is new in it")
endif()
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
# dpkg-shlibdeps finds the linked libraries. libcurl and libcrypto are loaded when they are needed, for the first message
# or a signed request. Schedules need the time zones of tzdata.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libcurl4, libssl3, tzdata, passwd, init-system-helpers (>= 1.54~)")
# This package contains Debian's /etc/crontab, /etc/cron.daily and spool, independent of the cron daemon.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS cron-daemon-common)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "default-mta | mail-transport-agent")
# The packages do not conflict: both can be installed, so that switching and switching back are one command each. The
# unit (crontabs.conf), postinst and the daemon make sure that only one of them runs.
set(CPACK_DEBIAN_PACKAGE_PROVIDES cron-daemon)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${packaging}/debian/conffiles ${packaging}/debian/postinst
    ${packaging}/debian/prerm ${packaging}/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "cron that knows when markets are open
marketcron runs jobs at times of day and at events of trading sessions: for
example 15 minutes after each close, including early closes; on the last
session of the month; never on a holiday. It also runs the machine's crontabs,
as cron does.

Its ledger has a row for each instant at which a job was due: the job ran, with
its result, or did not run, with the reason. Jobs outlive the daemon; after an
upgrade or a crash they continue, and their exit status is not lost. Failures
are reported by mail, Slack, Microsoft Teams or PagerDuty.")
include(CPack)
