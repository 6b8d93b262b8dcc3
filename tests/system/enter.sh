#!/bin/bash
# enter.sh TREE COMMAND...: the first process of a room (room.py), already in its new namespaces: mounts what a
# system needs, and becomes COMMAND in TREE. Inside, the machine's settings are read-only, and its devices do
# not exist.
set -euo pipefail
room=$1
shift
mount --bind "$room" "$room" # a root of its own, which a mount needs to be
mount -t proc -o nosuid,noexec,nodev proc "$room/proc"
for settings in sys sysrq-trigger irq bus fs; do
    if [[ -e $room/proc/$settings ]]; then
        mount --bind "$room/proc/$settings" "$room/proc/$settings"
        mount -o remount,bind,ro "$room/proc/$settings"
    fi
done
mount -t sysfs -o ro,nosuid,noexec,nodev sysfs "$room/sys"
if [[ -n ${ROOM_CGROUP-} ]]; then
    mount -t cgroup2 -o nosuid,noexec,nodev cgroup2 "$room/sys/fs/cgroup"
    unset ROOM_CGROUP
fi
mount -t tmpfs -o mode=0755,nosuid tmpfs "$room/dev"
for device in null zero full random urandom tty; do
    touch "$room/dev/$device"
    mount --bind "/dev/$device" "$room/dev/$device"
done
mkdir "$room/dev/pts" "$room/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,nosuid,noexec devpts "$room/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$room/dev/shm"
ln -s pts/ptmx "$room/dev/ptmx"
ln -s /proc/self/fd "$room/dev/fd"
ln -s /proc/self/fd/0 "$room/dev/stdin"
ln -s /proc/self/fd/1 "$room/dev/stdout"
ln -s /proc/self/fd/2 "$room/dev/stderr"
mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs "$room/run"
hostname room
# No program in the room can change the clock or the kernel.
exec setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio,-sys_boot,-syslog \
    chroot "$room" /usr/bin/env -i HOME=/root LANG=C.UTF-8 TERM=dumb container=marketcron-test \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
