#!/usr/bin/env bash
# What a crowd that arrives over TLS costs those who talk: the age of messages in a room of 100, first in quiet,
# then while clients connect over TLS, 1,000 unless said. Starts a server of its own.
# Usage: arrivals.sh [CLIENTS [OPTION of mingle-bench]...]     --max-p99 20 lets it fail when 99 % are not within 20 ms
set -euo pipefail
. "$(dirname "$0")/lib.sh"

clients=${1:-1000}
shift || true
is_number "$clients" 100 15000 || die "'$clients' is not a number of clients from 100 to 15000"
check_programs
choose_cores
start_server mingled tls

shown='^deliveries\|^latency\|^wrong\|^server'
talk() { load fanout --members 100 --senders 10 --rate 500 --max-lost 0 "$@"; }

# They come until the room has been measured, and give way to what measures: it may have one core with them.
arrive() {
    local round=0
    while [ ! -e "$scratch/measured" ]; do
        nice -n 19 "$build/mingle-bench" connect --tls --first 1000000 --rooms $((clients / 50)) --members 50 \
            "127.0.0.1:$server_port" >"$scratch/arrived" 2>"$scratch/errors" || { cat "$scratch/errors" >&2 && return 1; }
        round=$((round + 1))
        echo "$round" >"$scratch/rounds"
    done
}

echo "--- in quiet"
talk "$@" | grep "$shown"
echo "--- while $clients clients connect over TLS, again and again"
arrive &
arrive_pid=$!
status=0
talk "$@" | grep "$shown" || status=1
touch "$scratch/measured"
wait "$arrive_pid" || status=1
sed -n '1,2s/^/arrivals: /p' "$scratch/arrived"
echo "in all       $(cat "$scratch/rounds") times $clients clients"
exit "$status"
