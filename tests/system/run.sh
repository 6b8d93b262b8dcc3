#!/usr/bin/env bash
# run.sh PACKAGE [NAME...]: tests a package on systems that are made for it, in a temporary directory that
# is removed afterwards. Called as `./dev test --system [NAME...]`, as root. The names, and what each tests:
#
#   lintian  Debian's checker finds no errors and no warnings
#   chroot   installed by apt in a minimal Debian 12 it runs Debian's own crontabs; upgrade, remove, purge
#   systemd  under a real systemd: ready, crash, upgrade, reload, stop; together with another cron
#   pid1     as a container's first process it reaps orphans, and forwards signals
#   container  the same in a pid namespace of this machine: jobs that ignore SIGTERM, reloads, exit codes
#   users    what root, the group marketcron and other users may request from root's daemon
#
# Nothing changes on this machine: every system has its own mounts, processes, host name, message queues
# and, under systemd, network and cgroups; it ends with its test, even if the test is killed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
all=(lintian chroot systemd pid1 container users)
test_seconds=420 # each; two of cron's minutes must pass in one

say() { printf 'system: %s\n' "$*"; }

# make_base: a minimal Debian 12. It uses the host's apt settings and Debian sources, so that it works behind
# a mirror or a proxy.
make_base() {
    local -a settings=() sources=()
    local line file
    while IFS= read -r line; do settings+=(--aptopt="$line"); done < <(
        apt-config dump | grep -E '^Acquire::([a-z]+::Proxy|Check-|Retries|Languages)' || true)
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
        if grep -qsE '^(deb .*|Suites:.*)[[:space:]]bookworm( |$)' "$file"; then sources+=("$file"); fi
    done
    mmdebstrap --quiet --variant=apt "${settings[@]}" bookworm "$work/base" "${sources[@]}"
    rm -f "$work/base/etc/resolv.conf" # as the resolver's link, of which there is none inside
    cp -L /etc/resolv.conf /etc/hosts "$work/base/etc/"
    echo 0123456789abcdef0123456789abcdef >"$work/base/etc/machine-id"
    # /etc/cron.daily/apt-compat sleeps for up to half an hour before it finds nothing to do.
    echo 'APT::Periodic::Enable "0"; APT::Periodic::RandomSleep "0";' >"$work/base/etc/apt/apt.conf.d/90no-daily-sleep"
}

# make_full: the same with systemd, which is not started yet, all dependencies of the package, and the cron
# package as a file: a room under systemd has no network. Services that need hardware are masked.
make_full() {
    local full=$work/full
    cp -a --reflink=auto "$work/base" "$full"
    # policy-rc.d prevents that installed services are started here.
    printf '#!/bin/sh\nexit 101\n' >"$full/usr/sbin/policy-rc.d"
    chmod 755 "$full/usr/sbin/policy-rc.d"
    local -a apt=(chroot "$full" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3)
    {
        "${apt[@]}" update
        "${apt[@]}" satisfy --no-install-recommends "$(dpkg-deb -f "$package" Depends)"
        "${apt[@]}" install --no-install-recommends cron-daemon-common dbus systemd systemd-sysv
        "${apt[@]}" install --no-install-recommends --download-only cron
    } >"$work/full.log" 2>&1 </dev/null || { tail -n 30 "$work/full.log" && return 1; }
    rm "$full/usr/sbin/policy-rc.d"
    chroot "$full" systemctl --quiet set-default multi-user.target
    chroot "$full" systemctl --quiet mask systemd-logind.service systemd-firstboot.service getty.target
}

# make_next: the same package with a higher version and a changed conffile, for upgrades.
make_next() {
    local tree=$work/next
    dpkg-deb -R "$package" "$tree"
    sed -i 's/^Version: .*/&+next/' "$tree/DEBIAN/control"
    echo '# The next version says more.' >>"$tree/etc/marketcron/marketcron.toml"
    (cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
    mkdir "$work/packages"
    cp "$package" "$work/packages/marketcron.deb"
    dpkg-deb --root-owner-group -b "$tree" "$work/packages/next.deb" >/dev/null
    rm -rf "$tree"
}

check_lintian() {
    lintian --allow-root --fail-on error,warning "$work/packages/marketcron.deb"
}

# run_test NAME: shows its output as it is printed; files or processes that it leaves behind count as a failure.
run_test() {
    local name=$1 began=$SECONDS result=passed
    say "$name"
    if [[ $name == lintian ]]; then
        check_lintian || result=FAILED
    elif [[ $name == container || $name == users ]]; then
        timeout --foreground --kill-after=30 "$test_seconds" \
            /usr/bin/python3 -B "$here/${name}_test.py" "$work/program/usr/bin/marketcron" </dev/null || result=FAILED
    else
        timeout --foreground --kill-after=30 "$test_seconds" \
            /usr/bin/python3 -B "$here/${name}_test.py" "$work" </dev/null || result=FAILED
    fi
    results+=("$(printf '%-9s %s after %d s' "$name" "$result" "$((SECONDS - began))")")
    say "${results[-1]}"
    if [[ $result != passed ]]; then failures+=("$name"); fi
}

package=$(realpath "$1")
shift
names=("$@")
((${#names[@]})) || names=("${all[@]}")
for name in "${names[@]}"; do
    if [[ " ${all[*]} " != *" $name "* ]]; then
        say "there is no test \"$name\"; there are: ${all[*]}"
        exit 2
    fi
done

work=$(mktemp -d)
chmod 0755 "$work"
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM
began=$SECONDS
results=() failures=()
make_next
dpkg-deb -x "$package" "$work/program"
if [[ ${names[*]} != lintian ]]; then
    make_base
    say "a minimal Debian $(cat "$work/base/etc/debian_version") after $((SECONDS - began)) s"
fi
if [[ " ${names[*]} " =~ \ (systemd|pid1)\  ]]; then
    make_full
    say "one with systemd after $((SECONDS - began)) s"
fi
for name in "${names[@]}"; do run_test "$name"; done
say "summary of $(basename "$package"), $((SECONDS - began)) s:"
printf '  %s\n' "${results[@]}"
if ((${#failures[@]})); then
    say "FAILED: ${failures[*]}"
    exit 1
fi
say "all passed"
