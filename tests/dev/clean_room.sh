#!/usr/bin/env bash
# Proves `./dev run` and `./dev test` where there is nothing but bash and apt: in a minimal Debian 12,
# made in a temporary directory and taken away afterwards. Called as `./dev clean-room`, as root.
#
# Everything inside has its own mounts, processes and host name, and ends with this script. Apt's sources,
# keys and settings are the host's, so that it works behind a mirror or a proxy.
set -euo pipefail
self=$(realpath "${BASH_SOURCE[0]}")
checkout=$(git -C "$(dirname "$self")" rev-parse --show-toplevel)
limit_seconds=${MARKETCRON_CLEAN_ROOM_SECONDS:-5400}

say() { printf 'clean-room: %s\n' "$*"; }

# furnish: a minimal system with this checkout's last commit in /root/marketcron.
furnish() {
    local -a settings=() sources=()
    local line file
    while IFS= read -r line; do settings+=(--aptopt="$line"); done < <(
        apt-config dump | grep -E '^Acquire::([a-z]+::Proxy|Check-|Retries|Languages)' || true)
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
        if [[ -s $file ]]; then sources+=("$file"); fi
    done
    mmdebstrap --quiet --variant=apt "${settings[@]}" bookworm "$room" "${sources[@]}"
    cp -L /etc/resolv.conf /etc/hosts "$room/etc/"
    git clone --quiet --no-hardlinks "$checkout" "$room/root/marketcron"
    cp "$checkout/tests/dev/clean_room_inside.sh" "$room/root/"
}

# enter: in the new namespaces, mounts what a system has and leaves for the new root.
enter() {
    mount --make-rprivate /
    mount -t proc proc "$room/proc"
    mount -t sysfs -o ro sysfs "$room/sys"
    mount -t tmpfs -o mode=0755 tmpfs "$room/dev"
    local device
    for device in null zero full random urandom tty; do
        touch "$room/dev/$device"
        mount --bind "/dev/$device" "$room/dev/$device"
    done
    mkdir "$room/dev/pts" "$room/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$room/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$room/dev/shm"
    ln -s pts/ptmx "$room/dev/ptmx"
    ln -s /proc/self/fd "$room/dev/fd"
    ln -s /proc/self/fd/0 "$room/dev/stdin"
    ln -s /proc/self/fd/1 "$room/dev/stdout"
    ln -s /proc/self/fd/2 "$room/dev/stderr"
    hostname clean-room
    exec chroot "$room" /usr/bin/env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        /bin/bash /root/clean_room_inside.sh
}

if [[ ${1-} == --enter ]]; then
    room=$2
    enter
fi
room=$(mktemp -d)
trap 'rm -rf --one-file-system "$room"' EXIT
chmod 0755 "$room"
began=$SECONDS
furnish
say "a minimal Debian $(cat "$room/etc/debian_version"), $(chroot "$room" dpkg-query -f '.\n' -W | wc -l) packages," \
    "$((SECONDS - began)) s; commit $(git -C "$room/root/marketcron" log -1 --format='%h %s')"
status=0
# unshare passes over any signal but SIGKILL, and takes all that is inside with it.
timeout --foreground --signal=KILL "$limit_seconds" \
    unshare --mount --pid --uts --ipc --fork --kill-child --propagation private \
    bash "$self" --enter "$room" </dev/null || status=$?
say "$([[ $status == 0 ]] && echo passed || echo "FAILED ($status)") after $((SECONDS - began)) s"
exit "$status"
