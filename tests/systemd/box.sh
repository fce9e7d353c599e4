#!/usr/bin/env bash
# Boots Debian with its own systemd as PID 1 of a container and runs a script there, so that units and
# the package are tested by systemd itself. Everything the script changes is gone afterwards.
#
#   box.sh FOLDER SCRIPT [ARG...]     FOLDER is /box inside, read-only; SCRIPT runs as root
#
# Prints what the script prints and exits with its status; 77 where the machine cannot do it (automake's
# "skipped"), with the reason. Needs root, systemd-nspawn and, the first time, mmdebstrap and a Debian
# mirror; the tree is kept in $MINGLE_BOX (default /var/tmp/mingle-box).
set -euo pipefail

# What the package depends on and the tests use: the boxes have no network.
packages=systemd,systemd-sysv,dbus,libnss-systemd,procps,iproute2,netcat-openbsd,openssl,ssl-cert,python3-minimal,libpython3-stdlib,libevent-core-2.1-7,libevent-openssl-2.1-7,libsystemd0,apt
cache=${MINGLE_BOX:-/var/tmp/mingle-box}
limit_s=300

skip() {
    echo "skipped: $*"
    exit 77
}

[ "$#" -ge 2 ] || { echo "usage: box.sh FOLDER SCRIPT [ARG...]" >&2; exit 2; }
[ "$(id -u)" = 0 ] || skip "only root can boot a container"
command -v systemd-nspawn >/dev/null || skip "systemd-nspawn is missing (package systemd-container)"
folder=$(realpath "$1")
shift

# --- the tree: built once, by name of what is in it ---------------------------------------------------

tree=$cache/$(sha256sum <<<"$packages" | cut -c1-16)
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -d "$tree" ]; then
    command -v mmdebstrap >/dev/null || skip "mmdebstrap is missing"
    rm -rf --one-file-system "$tree.new"
    mmdebstrap --quiet --variant=minbase --include="$packages" bookworm "$tree.new" </dev/null >"$cache/log" 2>&1 ||
        skip "mmdebstrap could not build a Debian tree; see $cache/log"
    # No network, no clock, no login: units that would only wait.
    for unit in systemd-networkd-wait-online.service systemd-timesyncd.service getty.target console-getty.service \
        apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer; do
        ln -sf /dev/null "$tree.new/etc/systemd/system/$unit"
    done
    : >"$tree.new/etc/machine-id"
    mkdir "$tree.new/box" "$tree.new/out"
    mv "$tree.new" "$tree"
fi
flock -u 9

# --- one run ------------------------------------------------------------------------------------------

work=$(mktemp -d)
cgroup=
finish() {
    # The container has ended, or is ended here with all that it started.
    [ -z "$cgroup" ] || {
        [ ! -e "$cgroup/cgroup.kill" ] || echo 1 >"$cgroup/cgroup.kill"
        for _ in $(seq 50); do
            find "$cgroup" -depth -type d -exec rmdir {} \; 2>/dev/null || true
            [ -d "$cgroup" ] || break
            sleep 0.1
        done
    }
    rm -rf --one-file-system "$work"
}
trap finish EXIT

# The script begins when all else has started. Its exit becomes that of PID 1, and so that of the container.
mkdir "$work/out"
cat >"$work/box.service" <<UNIT
[Unit]
Description=The script of box.sh
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=exec
Environment=HOME=/root LANG=C.UTF-8
WorkingDirectory=/box
StandardOutput=append:/out/output
StandardError=append:/out/output
ExecStart=/bin/bash -c 'systemctl is-system-running --wait >/dev/null; exec bash "\$@"' box $(printf '"%s" ' "$@")
UNIT

options=(--quiet --boot --register=no --volatile=overlay --private-network --link-journal=no --console=pipe
    --timezone=off --resolv-conf=off --directory="$tree" --machine="mingle-box-$$"
    --bind-ro="$folder:/box" --bind="$work/out:/out"
    --bind-ro="$work/box.service:/etc/systemd/system/box.service")
if [ ! -d /run/systemd/system ]; then
    # Without a systemd outside nobody gives the container a group of its own.
    for mount in /sys/fs/cgroup /sys/fs/cgroup/unified; do
        [ "$(stat -fc %T "$mount" 2>/dev/null)" != cgroup2fs ] || cgroup=$mount/mingle-box-$$
    done
    { [ -n "$cgroup" ] && mkdir "$cgroup" 2>/dev/null; } || { cgroup=; skip "no writable cgroup v2 hierarchy"; }
    options+=(--keep-unit)
fi

: >"$work/out/output"
(
    [ -z "$cgroup" ] || echo 0 >"$cgroup/cgroup.procs"
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec timeout --foreground --kill-after=10 "$limit_s" \
        systemd-nspawn "${options[@]}" systemd.wants=box.service systemd.show_status=0 \
        </dev/null >"$work/console" 2>&1
) &
container=$!
tail -n +1 -s 0.1 --pid="$container" -f "$work/out/output"
status=0
wait "$container" || status=$?
if [ "$status" != 0 ] && [ ! -s "$work/out/output" ]; then
    tail -n 5 "$work/console"
    skip "systemd does not boot in a container here"
fi
exit "$status"
