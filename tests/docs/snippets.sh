#!/usr/bin/env bash
# Compiles every C block of docs/coroutines.md, and runs those that have a main().
set -uo pipefail
top=$(cd "${TOP_SRCDIR:-$(dirname "$0")/../..}" && pwd)
doc=$top/docs/coroutines.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compiler=${CC:-gcc}
flags=(-std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-unused-function -O1 -I"$top/src")

awk -v out="$work" '
    /^```c$/ { file = sprintf("%s/snippet%02d.c", out, ++n); inside = 1; printf "#line %d \"docs/coroutines.md\"\n", NR + 1 > file; next }
    /^```/ { if (inside) close(file); inside = 0; next }
    inside { print > file }' "$doc"

failed=0 count=0
report() { # report NAME STATUS LOG
    if [ "$2" = 0 ]; then
        echo "[       OK ] $1"
    else
        cat "$3"
        echo "[  FAILED  ] $1"
        failed=1
    fi
}

# The runtime once, for the snippets that run.
objects=()
for source in "$top"/src/async/*.c "$top"/src/base/*.c; do
    object=$work/$(basename "$(dirname "$source")")_$(basename "$source" .c).o
    $compiler -std=c17 -D_GNU_SOURCE -O1 -I"$top/src" -c "$source" -o "$object" || exit 1
    objects+=("$object")
done

for snippet in "$work"/snippet*.c; do
    count=$((count + 1))
    name=$(basename "$snippet" .c)
    if grep -q '^int main' "$snippet"; then
        $compiler "${flags[@]}" "$snippet" "${objects[@]}" -levent_core -lpthread -o "$work/$name" >"$work/log" 2>&1 &&
            timeout 20 "$work/$name" >>"$work/log" 2>&1
    else
        $compiler "${flags[@]}" -c "$snippet" -o "$work/$name.o" >"$work/log" 2>&1
    fi
    report "$name" $? "$work/log"
done
[ "$count" -ge 8 ] || { echo "only $count snippets found in $doc"; exit 1; }
exit $failed
