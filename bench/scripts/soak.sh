#!/usr/bin/env bash
# For hours: a chat day and people who come and go, in turn, on one server of its own. Fails when a message is
# lost, when the server ends, or when its memory is more than half again what it was after the first round.
# Usage: soak.sh [MINUTES [OPTION of mingle-bench]...]      60 unless said
set -euo pipefail
. "$(dirname "$0")/lib.sh"

minutes=${1:-60}
shift || true
is_number "$minutes" 1 100000 || die "'$minutes' is not a number of minutes from 1 to 100000"
check_programs
choose_cores
start_server "${SERVER:-mingled}"

rss_kb() { awk '/^VmRSS:/ { print $2 }' "/proc/$server_pid/status"; }

first_kb=
until=$((SECONDS + minutes * 60))
for ((round = 1; SECONDS < until; round++)); do
    for words in "mixed --rooms 5 --members 40 --senders 10" "churn --rooms 5 --members 40 --senders 10" \
        "slow --members 50 --senders 5"; do
        # shellcheck disable=SC2086 # words of an option list
        load $words --duration 15 --max-lost 0 "$@" >"$scratch/out" || { cat "$scratch/out" && die "round $round: $words"; }
    done
    now_kb=$(rss_kb)
    first_kb=${first_kb:-$now_kb}
    echo "round $round: $(sed -n 's/^messages *//p' "$scratch/out" | tail -n 1); server $now_kb kB, at first $first_kb kB"
    ((now_kb <= first_kb * 3 / 2)) || die "the server's memory grows: from $first_kb to $now_kb kB"
done
