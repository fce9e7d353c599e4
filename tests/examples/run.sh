#!/usr/bin/env bash
# Runs every example program and compares what it prints. Usage: run.sh [NAME...]
#
#   EXAMPLES_DIR  where the programs are; default: examples/ of the build folder it is run in, else
#                 build/examples of the tree
#   TOP_SRCDIR    the tree; default: the one this script lies in
#
# What an example prints is in NAME.expected beside this script. Examples that only wait for timers run on
# the virtual clock, so that durations are exact and take no time. hello, event_loop, file_io,
# file_processor, echo_server and (a second time) async_practice run in real time. All but those with a
# loop of their own run in debug mode, which must have nothing to tell.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
srcdir=${TOP_SRCDIR:-$(cd "$here/../.." && pwd)}
if [ -z "${EXAMPLES_DIR:-}" ]; then
    EXAMPLES_DIR=$srcdir/build/examples
    [ ! -x examples/hello ] || EXAMPLES_DIR=$PWD/examples
fi
EXAMPLES_DIR=$(realpath -m "$EXAMPLES_DIR") # some are run in another folder

scratch=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill -KILL "$server" 2>/dev/null
    rm -rf "$scratch"
}
trap cleanup EXIT

export EXAMPLE_DEBUG=1
limit=(timeout -k 5 20)
failed=0
ran=0

# Reads what went wrong from stdin, when the status $2 is not 0.
verdict() { # NAME STATUS
    ran=$((ran + 1))
    if [ "$2" = 0 ]; then
        printf '[       OK ] %s\n' "$1"
        return
    fi
    sed 's/^/    /'
    printf '[  FAILED  ] %s\n' "$1"
    failed=$((failed + 1))
}

# Places in the source are no part of what is expected: (…/event_loop.c:65) becomes (event_loop.c:LINE).
mask_places() {
    sed -E 's#\(([^ ()]*/)?([a-z_]+\.c):[0-9]+\)#(\2:LINE)#g'
}

# Runs an example and leaves what it prints in $scratch/out and $scratch/err. Complains on stdout.
run() { # NAME EXPECTED-STATUS [ARGUMENT...]
    local name=$1 expected=$2 status=0
    shift 2
    "${limit[@]}" "$EXAMPLES_DIR/$name" "$@" >"$scratch/raw" 2>"$scratch/err" </dev/null || status=$?
    mask_places <"$scratch/raw" >"$scratch/out"
    if [ "$status" = "$expected" ]; then
        ! grep '^debug: ' "$scratch/err"
        return
    fi
    [ "$status" != 124 ] || echo "hangs: ended after 20 s"
    echo "exit status $status instead of $expected; on stderr:"
    cat "$scratch/err"
    return 1
}

run_and_compare() { # NAME [ARGUMENT...]
    local name=$1
    shift
    run "$name" 0 "$@" && diff -u --label expected --label printed "$here/$name.expected" "$scratch/out"
}

check_on_virtual_clock() { # NAME
    EXAMPLE_CLOCK=virtual run_and_compare "$1"
}

check_exceptions() {
    EXAMPLE_CLOCK=virtual run_and_compare exceptions || return
    grep -q 'exceptions\.c:[0-9]*: not a number up to 1000: Invalid argument' "$scratch/err" && return
    echo "stderr does not say where the error arose:"
    cat "$scratch/err"
    return 1
}

check_file_io() {
    mkdir "$scratch/tmp"
    TMPDIR=$scratch/tmp run_and_compare file_io || return
    [ -n "$(ls -A "$scratch/tmp")" ] || return 0
    echo "left its file behind"
    return 1
}

check_file_processor() {
    local files=() i
    mkdir -p "$scratch/files"
    for i in 1 2 3 4 5 6; do
        seq -f 'line %g of a file' "$((i * 100))" >"$scratch/files/$i"
        files+=("$i")
    done
    : >"$scratch/files/empty"
    printf 'no end' >"$scratch/files/cut"
    (cd "$scratch/files" && run_and_compare file_processor "${files[@]}" empty cut missing) || return
    # The last state of the bar, and one step per file.
    local bar
    bar=$(tr '\r' '\n' <"$scratch/err" | sed '/^$/d')
    if [ "$(wc -l <<<"$bar")" != 9 ] || [ "$(tail -n 1 <<<"$bar")" != '[####################] 9/9' ]; then
        echo "the progress bar is not as it should be:"
        echo "$bar"
        return 1
    fi
    run file_processor 2 || return # without files: usage
    grep -q '^usage: ' "$scratch/err"
}

# The C program and the Python program print the same lines; times in them may differ by a second at most.
check_async_practice() {
    EXAMPLE_CLOCK=virtual run_and_compare async_practice || return
    run async_practice 0 || return
    if ! "${limit[@]}" "${PYTHON:-python3}" "$srcdir/examples/async_practice.py" >"$scratch/python" 2>&1; then
        echo "async_practice.py fails:"
        cat "$scratch/python"
        return 1
    fi
    paste "$scratch/out" "$scratch/python" | awk -F '\t' '
        function seconds(line) { return match(line, /[0-9]+\.[0-9] s/) ? substr(line, RSTART) + 0 : -1 }
        function masked(line) { gsub(/[0-9]+\.[0-9] s/, "# s", line); return line }
        {
            c = seconds($1)
            python = seconds($2)
            late = c > python ? c - python : python - c
            if (masked($1) == masked($2) && late <= 1)
                next
            printf "line %d: in C \"%s\", in Python \"%s\"\n", NR, $1, $2
            bad = 1
        }
        END { exit bad || NR == 0 }'
}

# Waits until a line that matches is in a file: wait_for FILE PATTERN
wait_for() {
    local i
    for i in {1..100}; do
        grep -q "$2" "$1" && return
        sleep 0.1
    done
    echo "waited 10 s in vain for \"$2\""
    return 1
}

echo_dialog() { # PORT: two clients at the same time, one of them with a line that is too long
    local long
    long=$(printf '%2000s' '' | tr ' ' x)
    printf 'hello\nw\303\266rld\n\n' | "${limit[@]}" nc -N 127.0.0.1 "$1" >"$scratch/client1" &
    printf '%s\nshort\nwithout end' "$long" | "${limit[@]}" nc -N 127.0.0.1 "$1" >"$scratch/client2"
    wait "$!"
    printf 'hello\nw\303\266rld\n\n' | diff -u --label expected --label received - "$scratch/client1" &&
        printf 'line too long\nshort\nwithout end\n' |
        diff -u --label expected --label received - "$scratch/client2"
}

check_echo_server() {
    local port status=0 ended=0 idle
    # In the foreground, so that a signal to timeout reaches the server once and its status comes back.
    timeout --foreground -k 5 20 "$EXAMPLES_DIR/echo_server" 127.0.0.1:0 \
        >"$scratch/server" 2>"$scratch/err" </dev/null &
    server=$!
    wait_for "$scratch/server" '^listening on 127\.0\.0\.1:[1-9]' || status=1
    if [ "$status" = 0 ]; then
        port=$(sed -n 's/^listening on .*://p' "$scratch/server")
        echo_dialog "$port" || status=1
        # A client that only stays connected must not keep the server from ending.
        exec {idle}<>"/dev/tcp/127.0.0.1/$port" || status=1
    fi
    kill -TERM "$server"
    if [ "$status" = 0 ]; then
        cat <&"$idle" >"$scratch/idle" # until the server closes
        exec {idle}>&-
    fi
    wait "$server" || ended=$?
    server=
    if [ "$ended" != 0 ] || [ "$(tail -n 1 "$scratch/server")" != stopped ]; then
        echo "exit status $ended; the server printed:"
        cat "$scratch/server" "$scratch/err"
        status=1
    fi
    return "$status"
}

names=("$@")
if [ ${#names[@]} = 0 ]; then
    for source in "$srcdir"/examples/*.c; do
        # Those that need libcurl are optional and have a test of their own (fetch.sh).
        grep -q '"fetch/' "$source" || names+=("$(basename "$source" .c)")
    done
fi

for name in "${names[@]}"; do
    status=0
    if [ ! -x "$EXAMPLES_DIR/$name" ]; then
        echo "$EXAMPLES_DIR/$name was not built" >"$scratch/why"
        status=1
    elif declare -F "check_$name" >/dev/null; then
        "check_$name" >"$scratch/why" 2>&1 || status=$?
    else
        check_on_virtual_clock "$name" >"$scratch/why" 2>&1 || status=$?
    fi
    verdict "$name" "$status" <"$scratch/why"
done
printf '%d examples, %d failed\n' "$ran" "$failed"
[ "$ran" -gt 0 ] && [ "$failed" = 0 ]
