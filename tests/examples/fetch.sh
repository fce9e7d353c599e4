#!/usr/bin/env bash
# Runs the examples that download, against a server on 127.0.0.1, and compares what they print.
#
#   EXAMPLES_DIR  where the programs are; default: examples/ of the build folder it is run in, else
#                 build/examples of the tree
#   TOP_SRCDIR    the tree; default: the one this script lies in
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
srcdir=${TOP_SRCDIR:-$(cd "$here/../.." && pwd)}
if [ -z "${EXAMPLES_DIR:-}" ]; then
    EXAMPLES_DIR=$srcdir/build/examples
    [ ! -x examples/downloads ] || EXAMPLES_DIR=$PWD/examples
fi
export no_proxy='*' # nothing here may leave the machine

scratch=$(mktemp -d)
server=
cleanup() {
    if [ -n "$server" ]; then
        kill -KILL "$server"
        wait "$server" 2>/dev/null
    fi
    rm -rf "$scratch"
}
trap cleanup EXIT
failed=0

page() { # NAME: stdin becomes a page
    cat >"$scratch/$1"
}

start_server() {
    "${PYTHON:-python3}" "$srcdir/tests/support/http_server.py" "$scratch" >"$scratch/port" </dev/null &
    server=$!
    for _ in {1..100}; do
        [ ! -s "$scratch/port" ] || break
        sleep 0.1
    done
    base=http://127.0.0.1:$(cat "$scratch/port")
}

# Runs an example with URLs and compares with stdin. @ stands for the server. Times are masked, and what
# depends on them or on libcurl's version.
compare() { # NAME EXPECTED-STATUS [URL...]
    local name=$1 expected=$2 status=0
    shift 2
    timeout -k 5 20 "$EXAMPLES_DIR/$name" "${@/#@/$base}" >"$scratch/raw" 2>"$scratch/err" </dev/null || status=$?
    sed -E "s|$base|@|g; s|(Failed to connect)[^)]*|\1|; s|in [0-9]+\.[0-9] s\$|in # s|" "$scratch/raw" >"$scratch/out"
    diff -u --label expected --label printed - "$scratch/out" && [ "$status" = "$expected" ] && return
    echo "exit status $status instead of $expected; on stderr:"
    cat "$scratch/err"
    return 1
}

ask() { # PATH: what the server says
    "${PYTHON:-python3}" -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())' "$base$1"
}

case_of() { # NAME: runs test_NAME
    local status=0
    "test_$1" >"$scratch/why" 2>&1 || status=$?
    if [ "$status" = 0 ]; then
        printf '[       OK ] %s\n' "$1"
    else
        sed 's/^/    /' "$scratch/why"
        printf '[  FAILED  ] %s\n' "$1"
        failed=$((failed + 1))
    fi
}

# Each request is answered when four are there: with fewer at a time none would ever end.
test_downloads_are_concurrent_and_limited() {
    local urls=(@/together/4 @/together/4 @/together/4 @/together/4)
    compare downloads 0 "${urls[@]}" "${urls[@]}" <<'END' || return
@/together/4: status 200, 9 bytes
@/together/4: status 200, 9 bytes
@/together/4: status 200, 9 bytes
@/together/4: status 200, 9 bytes
@/together/4: status 200, 9 bytes
@/together/4: status 200, 9 bytes
@/together/4: status 200, 9 bytes
@/together/4: status 200, 9 bytes
8 of 8, 72 bytes in # s
END
    # This connection is one more at most: those of the example may be gone already, or not yet.
    [[ $(ask /counter/most) == [45] ]]
}

test_downloads_go_on_after_failures() {
    compare downloads 1 @/hello @/mute @/body/100000 http://127.0.0.1:1/ @/status/404 file:///etc/passwd <<'END'
@/hello: status 200, 13 bytes
@/mute: Empty reply from server
@/body/100000: status 200, 100000 bytes
http://127.0.0.1:1/: Failed to connect
@/status/404: status 404, 7 bytes
file:///etc/passwd: Protocol "file" not supported or disabled in libcurl
3 of 6, 100020 bytes in # s
END
}

test_page_titles_in_the_order_of_the_arguments() {
    page plain <<<'<!doctype html><title>A plain page</title><p>Text'
    page other <<<'<html><head><title>Another</title></head></html>'
    printf '<html><head><TITLE lang="en">\n  Spaces,\tlines\n and &amp; &lt;entities&gt; </TITLE>' | page spaces
    printf '<title>Gr\303\274\303\237e \342\234\223</title>' | page utf8
    printf '<meta charset="iso-8859-1"><title>Gr\374\337e</title>' | page latin1
    compare page_titles 0 @/slow/50 @/file/plain @/file/spaces @/file/other @/file/utf8 @/file/latin1 <<'END'
@/slow/50: (no title)
@/file/plain: A plain page
@/file/spaces: Spaces, lines and & <entities>
@/file/other: Another
@/file/utf8: Grüße ✓
@/file/latin1: Grüße
END
}

test_page_titles_are_clean() {
    local long
    long=$(printf '%500s' '' | tr ' ' x)
    printf '<title>red \033[31malert\007 \177\302\233[2J &#27;[1m &#x9b;[1m end</title>' | page control
    printf '<title>\xff\xfe\x80 broken</title>' | page broken
    printf '<title>%s</title>' "$long" | page long
    compare page_titles 0 @/file/control @/file/long <<END || return
@/file/control: red [31malert [2J [1m [1m end
@/file/long: ${long:0:116}
END
    "$EXAMPLES_DIR/page_titles" "$base/file/control" "$base/file/broken" |
        LC_ALL=C grep -q $'[\001-\011\013-\037\177]' || return 0
    echo "control bytes reach the terminal"
    return 1
}

test_page_titles_go_on_after_failures() {
    page empty </dev/null
    page bare <<<'no markup at all'
    page nested <<<"$(printf '<div>%.0s' {1..3000})<svg><title>deep</title></svg>"
    compare page_titles 0 @/file/missing @/file/empty @/file/bare @/mute @/redirect/2 @/body/1048577 @/redirect/6 \
        http://127.0.0.1:1/ nonsense: @/file/plain <<'END'
@/file/missing: (HTTP status 404)
@/file/empty: (no title)
@/file/bare: (no title)
@/mute: (Empty reply from server)
@/redirect/2: (no title)
@/body/1048577: (The body is over 1048576 bytes)
@/redirect/6: (Maximum (5) redirects followed)
http://127.0.0.1:1/: (Failed to connect)
nonsense:: (URL using bad/illegal format or missing URL)
@/file/plain: A plain page
END
    timeout -k 5 20 "$EXAMPLES_DIR/page_titles" "$base/file/nested" >/dev/null
}

test_both_ask_for_arguments() {
    local name
    for name in downloads page_titles; do
        compare "$name" 2 </dev/null && grep -q '^usage: ' "$scratch/err" || return
    done
}

start_server
case_of downloads_are_concurrent_and_limited
case_of downloads_go_on_after_failures
case_of page_titles_in_the_order_of_the_arguments
case_of page_titles_are_clean
case_of page_titles_go_on_after_failures
case_of both_ask_for_arguments
[ "$failed" = 0 ]
