#!/usr/bin/env bash
# Every C file, every test and every script of the benchmarks is named in Makefile.am: a file that is not is never built, never run and
# missing in the release. Usage: listed.sh [TREE]
set -euo pipefail
. "$(dirname "$0")/lib.sh"

list_files() {
    c_files src tests bench examples
    local folder
    for folder in tests bench; do
        [ ! -d "$folder" ] || find "$folder" -name '*.py' -o -name '*.sh'
    done | LC_ALL=C sort
}

list_files | while read -r file; do
    # A unit test is listed as a program, by its name without .c.
    name=${file//./\\.}
    case $file in tests/unit/*.c) name=${file%.c} ;; esac
    grep -qE "(^|[[:space:]=])$name([[:space:]]|\$)" Makefile.am ||
        echo "$file:1: not listed in Makefile.am"
done | verdict listed
