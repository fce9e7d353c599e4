#!/usr/bin/env bash
# Many clients in rooms who say nothing: memory for each, and the server's processor time over 20 seconds. Starts a
# server of its own.
# Usage: idle.sh [CLIENTS [OPTION of mingle-bench]...]      10,000 unless said; SERVER=baseline: the floor
#        idle.sh 8000 --tls                                 over TLS
#
# Every client is an open file, here and in the server: `ulimit -Hn` has to be above their number.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

clients=${1:-10000}
shift || true
is_number "$clients" 100 1000000 || die "'$clients' is not a number of clients from 100 to 1000000"
limit=$(ulimit -Hn)
if [ "$limit" != unlimited ] && ((limit < clients + 100)); then
    die "$clients clients need as many open files, and the limit is $limit; raise it with: ulimit -Hn $((clients + 100))"
fi
ulimit -n "$limit"
check_programs
choose_cores
tls=
[[ " $* " != *" --tls "* ]] || tls=tls
start_server "${SERVER:-mingled}" "$tls"
load idle --rooms $((clients / 50)) --members 50 --sources $((clients / 10000 + 1)) --duration 20 --max-lost 0 "$@"
