#!/usr/bin/env bash
# The style checks themselves: each has to find what is wrong in a small tree, at the right line, and
# nothing else. A check that cannot fail is worth nothing.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

# put FILE: stdin becomes a file of the sample tree.
put() {
    mkdir -p "$tree/$(dirname "$1")"
    cat >"$tree/$1"
}

# expect CHECK [FILE:LINE...]: CHECK reports exactly these places, and fails if there are any.
expect() {
    local check=$1 status=0 found wanted
    shift
    wanted=$(printf '%s\n' "$@" | LC_ALL=C sort)
    found=$("$here/$check" "$tree" 2>/dev/null) || status=1
    found=$(cut -d: -f1,2 <<<"$found" | LC_ALL=C sort)
    if [ "$found" = "$wanted" ] && [ "$status" = $(($# > 0)) ]; then
        echo "[       OK ] ${check%.sh}_reports_$#"
    else
        echo "[  FAILED  ] ${check%.sh}_reports_$#"
        printf 'wanted (exit %d):\n%s\nfound (exit %d):\n%s\n' $(($# > 0)) "$wanted" "$status" "$found"
        failed=1
    fi
}

new_tree() {
    rm -rf "${tree:?}"/*
}

# What is allowed passes.
put src/chat/room.c <<'END'
#include "chat/room.h"
#include <string.h>
#include "base/list.h"
END
put src/net/conn.c <<'END'
#include <event2/bufferevent.h>
#include <openssl/ssl.h>
#include "async/co.h"
#include "async/poison.h"
ASYNC(x)
END
put src/daemon/main.c <<'END'
#include "session/session.h"
#include "store/store_mem.h"
END
put tests/unit/test_room.c <<'END'
#include "net/conn.h"
END
expect layers.sh

# Each kind of wrong include is found.
put src/base/bad.c <<'END'
#include "base/bytes.h"
#include "chat/room.h"
END
put src/proto/bad.h <<'END'

  #  include "async/co.h"
#include <event2/event.h>
END
put src/session/bad.c <<'END'
#include <openssl/ssl.h>
#include "room.h"
#include "../chat/room.h"
#include "store/store_mem.h"
#include <event.h>
#include <systemd/sd-daemon.h>
END
put src/async/bad.c <<'END'
#include "net/conn.h"
ASYNC(x)
END
put src/misc/bad.c <<'END'
int x;
END
expect layers.sh src/base/bad.c:2 src/proto/bad.h:2 src/proto/bad.h:3 src/session/bad.c:1 \
    src/session/bad.c:2 src/session/bad.c:3 src/session/bad.c:4 src/session/bad.c:5 src/session/bad.c:6 \
    src/async/bad.c:1 src/async/bad.c:2 src/misc/bad.c:1

# Names in comments, strings and longer words are no calls.
new_tree
put src/base/good.c <<'END'
/* strcpy(a, b) is
   what sprintf(x) was, too */
// atoi(x)
const char *a = "strcpy(a, \"b\")"; char c = '"'; int strtok = 1;
int n = snprintf(a, 3, "x") + my_strcpy(a) + fgets(a) + strcpy_like(1);
int m = 1 /* gets( */ + 2;
END
expect banned.sh

put src/base/bad.c <<'END'
int f(void) { return atoi("1"); }
/* x */ int n = strtol (a, 0, 10); /* y */
char c = '\''; char *s = strcpy(a, "b");
#define COPY(a, b) strcat(a, b)
/* a comment that ends here */ int x;
char *p = alloca(n);
END
put tests/unit/test_bad.c <<'END'
int n = sscanf("1", "%d", &n);
END
expect banned.sh src/base/bad.c:1 src/base/bad.c:2 src/base/bad.c:3 src/base/bad.c:4 src/base/bad.c:6 \
    tests/unit/test_bad.c:1

# Files and tests that the Makefile does not know are found.
new_tree
put src/base/a.c </dev/null
put src/base/a.h </dev/null
put tests/unit/test_a.c </dev/null
put tests/daemon/join.py </dev/null
put Makefile.am <<'END'
base_sources = src/base/a.c \
	src/base/a.h
base_tests = tests/unit/test_a
TESTS = tests/daemon/join.py
END
expect listed.sh

put src/base/ba.c </dev/null
put src/base/axc </dev/null
put tests/unit/test_b.c </dev/null
put tests/daemon/oin.py </dev/null
put tests/x.sh </dev/null
put bench/b.c </dev/null
put bench/y.sh </dev/null
put bench/z.py </dev/null
expect listed.sh src/base/ba.c:1 tests/unit/test_b.c:1 tests/daemon/oin.py:1 tests/x.sh:1 bench/b.c:1 \
    bench/y.sh:1 bench/z.py:1

exit $failed
