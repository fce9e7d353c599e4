#!/usr/bin/env bash
# The mistakes that the coroutine macros turn into compile errors. Each file in must_not_compile/ holds one:
#
#   - with -DRIGHT it compiles, so that it fails for no other reason;
#   - without, it does not, and the compiler says what the file's lines `expect gcc:` or `expect clang:`
#     (extended regular expressions, all of them) demand.
#
# Both compilers are asked; one that is not installed is skipped. Usage: run.sh, or TOP_SRCDIR=... run.sh
set -uo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=${TOP_SRCDIR:-$here/../..}
flags=(-std=c17 -D_GNU_SOURCE "-I$top/src" -Wall -Wextra -Werror -O1 -c -o /dev/null)
declare -A extra=([gcc]=-Wjump-misses-init [clang]=-Wconditional-uninitialized)
passed=0
failed=0
skipped=0

# report COMPILER FILE [PROBLEM]: one line in the form of cmocka's; what the compiler said follows a problem.
report() {
    local name
    name=$(basename "$2" .c)_$1
    if [ -z "${3:-}" ]; then
        echo "[       OK ] $name"
        passed=$((passed + 1))
    else
        echo "[  FAILED  ] $name"
        printf '%s: %s\n%s\n' "$2" "$3" "$said"
        failed=$((failed + 1))
    fi
}

# compile COMPILER FLAG... FILE: what the compiler says is in $said afterwards.
compile() {
    local compiler=$1
    shift
    said=$("$compiler" "${flags[@]}" "${extra[$compiler]}" "$@" 2>&1)
}

# missing COMPILER FILE: the first expectation that $said does not meet.
missing() {
    local pattern
    sed -n "s|.*expect $1: \(.*[^ ]\) *\*/.*|\1|p" "$2" | while IFS= read -r pattern; do
        grep -qE -e "$pattern" <<<"$said" || { echo "$pattern"; break; }
    done
}

check() {
    local compiler=$1 file=$2 pattern
    if ! grep -q "expect $compiler: " "$file"; then
        said=
        report "$compiler" "$file" "says nothing about what to expect of $compiler"
    elif ! compile "$compiler" -DRIGHT "$file"; then
        report "$compiler" "$file" "does not compile even with -DRIGHT"
    elif compile "$compiler" "$file"; then
        report "$compiler" "$file" "compiles, but must not"
    else
        pattern=$(missing "$compiler" "$file")
        report "$compiler" "$file" "${pattern:+fails, but not with \"$pattern\"}"
    fi
}

for compiler in gcc clang; do
    if ! command -v "$compiler" >/dev/null; then
        echo "$compiler is not installed: skipped"
        skipped=$((skipped + 1))
        continue
    fi
    for file in "$here"/must_not_compile/*.c; do
        check "$compiler" "$file"
    done
    problem=
    compile "$compiler" "$here/must_compile.c" || problem="does not compile"
    report "$compiler" must_compile.c "$problem"
done

echo "must not compile: $passed passed, $failed failed, $skipped compiler(s) skipped"
[ "$failed" = 0 ]
