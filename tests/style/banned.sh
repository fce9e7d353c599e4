#!/usr/bin/env bash
# Finds calls that this project does not use, with what to use instead. Usage: banned.sh [TREE]
#
# Comments, strings and character constants do not count. Variable length arrays are refused by the
# compiler (-Wvla).
set -euo pipefail
. "$(dirname "$0")/lib.sh"

c_files src tests bench examples | xargs -r awk '
function ban(names, instead,    list, i, n)
{
    n = split(names, list, " ")
    for (i = 1; i <= n; i++)
        banned[list[i]] = instead
}

BEGIN {
    ban("sprintf vsprintf strcpy stpcpy strcat strncpy stpncpy strncat", "struct buf (base/buf.h) or snprintf")
    ban("strtok strtok_r strsep", "bytes_split and its kin (base/bytes.h)")
    ban("strtol strtoul strtoll strtoull strtoimax strtoumax atoi atol atoll atof", \
        "the number parsers of base/bytes.h")
    ban("scanf sscanf fscanf vsscanf", "the parsers of base/bytes.h")
    ban("gets", "a bounded read")
    ban("alloca strdupa strndupa", "malloc with a limit, or struct buf")
    ban("evbuffer_add_reference", "evbuffer_add (use-after-free in old libevent)")
}

# The line with comments, strings and character constants replaced by blanks. in_comment lives on to
# the next line.
function code_of(line,    out, i, c, two, quote)
{
    out = ""
    quote = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (in_comment) {
            if (two == "*/") {
                in_comment = 0
                i++
            }
        } else if (quote != "") {
            if (c == "\\")
                i++
            else if (c == quote)
                quote = ""
        } else if (two == "/*") {
            in_comment = 1
            i++
            out = out " "
        } else if (two == "//") {
            return out
        } else if (c == "\"" || c == "\047") {
            quote = c
            out = out " "
        } else {
            out = out c
        }
    }
    return out
}

FNR == 1 { in_comment = 0 }

{
    rest = code_of($0)
    while (match(rest, /[A-Za-z_][A-Za-z_0-9]*/)) {
        word = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        if (word in banned && rest ~ /^[ \t]*\(/)
            printf "%s:%d: %s is banned; use %s\n", FILENAME, FNR, word, banned[word]
    }
}' | verdict banned
