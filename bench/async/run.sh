#!/usr/bin/env bash
# Runs the runtime's benchmark, its floor (raw) and the same in asyncio in turn on one core, and prints
# one table. In turn, because the speed of a machine drifts: only ratios of the same run mean something.
# Nothing is built here.
#
# Usage: run.sh [--json] [--rounds N] [FOLDER]    FOLDER holds async_bench and raw (default build/bench/async)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=$here/../../build/bench/async
rounds=5
json=()

while [ $# -gt 0 ]; do
    case $1 in
    --json) json=(--json) ;;
    --rounds)
        rounds=${2:-}
        shift
        ;;
    -*) rounds= ;;
    *) folder=$1 ;;
    esac
    shift || true
done
if ! [[ $rounds =~ ^[1-9][0-9]?$ ]]; then
    echo "usage: run.sh [--json] [--rounds 1..99] [FOLDER]" >&2
    exit 2
fi
for program in async_bench raw; do
    [ -x "$folder/$program" ] || { echo "run.sh: no program $folder/$program; build it first" >&2 && exit 2; }
done

# The last core that we may use: the first ones get most of the interrupts.
pin=()
if command -v taskset >/dev/null; then
    pin=(taskset -c "$(taskset -cp $$ | sed 's/.*[^0-9]//')")
fi

results=$(mktemp)
trap 'rm -f "$results"' EXIT

# run NAME COMMAND...
run() {
    local name=$1
    shift
    "${pin[@]}" "$@" | sed "s/^/$name /" >>"$results"
}

for ((round = 1; round <= rounds; round++)); do
    [ ! -t 2 ] || printf '\rround %d of %d' "$round" "$rounds" >&2
    run ours "$folder/async_bench"
    run raw "$folder/raw"
    run asyncio python3 "$here/async_bench.py"
done
[ ! -t 2 ] || printf '\r\033[K' >&2
python3 "$here/table.py" "${json[@]}" <"$results"
