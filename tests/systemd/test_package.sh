#!/usr/bin/env bash
# Builds the Debian package from what a release holds, checks it with lintian, and has in_box.py install,
# use, upgrade and purge it under a systemd of its own.
#
#   test_package.sh BUILD_FOLDER      a folder in which configure has run
#
# Exits with 77 where it cannot run, and says why.
set -euo pipefail
tests=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "$1")

for tool in dh lintian dpkg-buildpackage; do
    command -v "$tool" >/dev/null || { echo "skipped: $tool is missing"; exit 77; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

quietly() {
    "$@" >"$work/log" 2>&1 || { tail -n 40 "$work/log"; exit 1; }
}

make -C "$build" --no-print-directory -s distdir="$work/mingle" distdir >/dev/null
cd "$work/mingle"
quietly env -u MAKEFLAGS -u MAKELEVEL -u CC -u CFLAGS DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -b -us -uc -j2
lintian --allow-root --fail-on error,warning "$work"/mingle_*.changes

# The next release is the same but for its number.
mkdir "$work/box"
cp "$tests/in_box.py" "$work/mingle/README.md" "$work/mingle/docs/logs.md" "$work/box/"
mv "$work"/mingled_*.deb "$work/box/mingled.deb"
dpkg-deb -R "$work/box/mingled.deb" "$work/next"
sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
quietly dpkg-deb --root-owner-group -b "$work/next" "$work/box/next.deb"
echo 'exec python3 /box/in_box.py /box/mingled.deb /box/next.deb' >"$work/box/run.sh"

"$tests/box.sh" "$work/box" /box/run.sh
