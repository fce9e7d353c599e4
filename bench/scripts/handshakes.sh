#!/usr/bin/env bash
# What a TLS handshake costs the server: the processor time of `openssl s_server` for each connection of
# `openssl s_time`, and of mingled, in turn; the medians, and their ratio. Starts servers of its own.
# Usage: handshakes.sh [SECONDS [ROUNDS]]      3 seconds and 5 rounds unless said
set -euo pipefail
. "$(dirname "$0")/lib.sh"

seconds=${1:-3}
rounds=${2:-5}
is_number "$seconds" 1 600 || die "'$seconds' is not a number of seconds from 1 to 600"
is_number "$rounds" 1 99 || die "'$rounds' is not a number of rounds from 1 to 99"
check_programs
choose_cores

# -rev waits for a line, as we do, and not for one from its own terminal. One ticket, as ours.
command_s_server() {
    command=(openssl s_server -accept "127.0.0.1:$port" -cert "$scratch/cert.pem" -key "$scratch/key.pem"
        -rev -quiet -num_tickets 1)
}

ticks=$(getconf CLK_TCK)
cpu_ticks() { # user and system, behind the name, which may have blanks
    sed 's/.*) //' "/proc/$server_pid/stat" | awk '{ print $12 + $13 }'
}

# measure SERVER: microseconds for each handshake.
measure() {
    local before after count
    start_server "$1" tls
    "${bench_pin[@]}" openssl s_time -connect "127.0.0.1:$server_port" -new -time 1 >/dev/null 2>&1 # warms up
    before=$(cpu_ticks)
    "${bench_pin[@]}" openssl s_time -connect "127.0.0.1:$server_port" -new -time "$seconds" >"$scratch/out" 2>&1 ||
        die "openssl s_time: $(tail -n 1 "$scratch/out")"
    after=$(cpu_ticks)
    count=$(sed -n 's/^\([0-9]*\) connections in .* real seconds.*/\1/p' "$scratch/out")
    stop_server
    awk -v ticks=$((after - before)) -v rate="$ticks" -v count="$count" \
        'BEGIN { if (count < 1) exit 1; printf "%.1f\n", ticks * 1e6 / rate / count }' ||
        die "$1 has not let anybody in"
}

median() { sort -n "$1" | awk '{ line[NR] = $1 } END { print line[int((NR + 1) / 2)] }'; }

for ((round = 1; round <= rounds; round++)); do
    for server in s_server mingled; do
        measure "$server" | tee -a "$scratch/$server.us" | sed "s/^/round $round: $server /; s/\$/ us/"
    done
done
awk -v theirs="$(median "$scratch/s_server.us")" -v ours="$(median "$scratch/mingled.us")" 'BEGIN {
    printf "medians: s_server %s us, mingled %s us of processor time for each handshake; ratio %.2f\n",
        theirs, ours, theirs / ours }'
