#!/usr/bin/env bash
# Holds the layers of src/: which folder may include which. Usage: layers.sh [TREE]
#
# Every include of the project names its folder ("chat/room.h"), so that this script and a reader see
# the layer in the line itself. Tests may include anything.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

c_files src | xargs -r awk '
BEGIN {
    # folder -> the other folders it may include
    allowed["base"] = ""
    allowed["async"] = "base"
    allowed["net"] = "async base"
    allowed["chat"] = "base"
    allowed["proto"] = "chat base"
    allowed["session"] = "net proto chat async base"
    allowed["store"] = "chat async base net"
    allowed["fetch"] = "async base"
    allowed["ctl"] = "base"
    allowed["daemon"] = "session store net proto chat async base"

    # system header folder -> the folders that may include it
    users["curl"] = "fetch"
    users["event2"] = "async net fetch daemon"
    users["openssl"] = "net daemon"
    users["systemd"] = "net daemon"
}

function is_among(word, words)
{
    return index(" " words " ", " " word " ") > 0
}

function report(text)
{
    printf "%s:%d: %s\n", FILENAME, FNR, text
}

FNR == 1 {
    is_poisoned = 0
    split(FILENAME, path, "/")
    folder = path[2]
    if (!(folder in allowed))
        report("the layer rule does not know the folder src/" folder)
}

!(folder in allowed) { next }

# Where coroutines are written, calls that would block the loop must not compile.
/^#include "async\/poison.h"/ { is_poisoned = 1 }
/^ASYNC\(/ && !is_poisoned { report("a coroutine without \"async/poison.h\" before it") }

match($0, /^[ \t]*#[ \t]*include[ \t]*[<"][^>"]+[>"]/) {
    header = substr($0, 1, RLENGTH)
    is_system = header ~ />$/
    gsub(/^[^<"]*[<"]|[>"]$/, "", header)
    target = header
    if (!sub(/\/.*/, "", target))
        target = ""

    if (is_system) {
        if (header ~ /^ev[a-z]*\.h$/)
            report("<" header "> is an old name; include <event2/...>")
        else if (target in users && !is_among(folder, users[target]))
            report(folder " includes <" header ">; only these may: " users[target])
    } else if (!(target in allowed)) {
        report("\"" header "\" does not start with a folder of src/")
    } else if (target != folder && !is_among(target, allowed[folder])) {
        report(folder " includes \"" header "\"; it may include: " (allowed[folder] == "" ? "nothing above itself" : allowed[folder]))
    }
}' | verdict layers
