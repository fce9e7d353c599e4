#!/usr/bin/env bash
# Measures mingled, the floor (bench/baseline.c) and what other servers are installed, in one run and in
# turn, and prints one table: medians, and how they compare with the floor. In turn, because the speed of a
# machine drifts: only ratios of the same run mean something. Each measurement has a fresh server.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

usage() {
    cat <<'HELP'
usage: compare.sh [OPTION]...

  --rounds N        rounds; the table has the medians (5)
  --duration N      seconds of each measurement (3)
  --servers LIST    only these, of: baseline each mingled mingled-irc redis nats mosquitto inspircd ngircd asyncio;
                    mingled-irc is mingled with clients of IRC
  --workloads LIST  only these, of: fanout-100 fanout-1000 fanout-100x10 paced tls connect idle growth
  --install         installs the peers' Debian packages first (their services are not started)
  --save FILE       keeps the figures of every measurement, one JSON object a line
  --update FILE     replaces the table in FILE, between the lines <!-- table --> and <!-- end of table -->
  --help

The programs are those of $BUILD, by default build/. About 30 minutes with all peers.
HELP
}

servers="baseline each mingled mingled-irc redis nats mosquitto inspircd ngircd asyncio"
workloads="fanout-100 fanout-1000 fanout-100x10 paced tls connect idle growth"
rounds=5
duration=3
results=
document=
peers="redis-server nats-server mosquitto inspircd ngircd"

while [ $# -gt 0 ]; do
    option=$1
    case $option in
    --help) usage && exit ;;
    --install) is_install=1 ;;
    --rounds | --duration | --servers | --workloads | --save | --update)
        [ $# -ge 2 ] || die "$option wants a value; see --help"
        case $option in
        --rounds) rounds=$2 ;;
        --duration) duration=$2 ;;
        --servers) servers=$2 ;;
        --workloads) workloads=$2 ;;
        --save) results=$2 ;;
        --update) document=$2 ;;
        esac
        shift
        ;;
    *) die "'$option' is no option; see --help" ;;
    esac
    shift
done
is_number "$rounds" 1 99 || die "--rounds: '$rounds' is not a number from 1 to 99"
is_number "$duration" 1 3600 || die "--duration: '$duration' is not a number from 1 to 3600"
[ -z "$document" ] || [ -w "$document" ] || die "cannot write to $document"
results=${results:-$scratch/results}
for name in $servers; do
    declare -F "command_$name" >/dev/null || die "no server '$name'; see --help"
done

# RUNLEVEL: Debian would start each at once otherwise.
install_peers() {
    local sudo=()
    [ "$(id -u)" = 0 ] || sudo=(sudo)
    "${sudo[@]}" env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends $peers
}

# measure WORKLOAD SERVER TLS OPTION...: adds a line to the results. What fails is told and left out.
measure() {
    local workload=$1 name=$2 tls=$3 line
    shift 3
    [ ! -t 2 ] || printf '\r\033[Kround %d of %d: %s, %s' "$round" "$rounds" "$workload" "$name" >&2
    start_server "$name" "$tls" || return 0
    if line=$(load "$@" --duration "$duration" ${tls:+--tls} --json 2>"$scratch/errors"); then
        printf '{"workload":"%s","server":"%s","round":%d,"options":"%s","result":%s}\n' \
            "$workload" "$name" "$round" "$*" "$line" >>"$results"
    else
        echo "compare.sh: $workload, $name: $(tail -n 1 "$scratch/errors")" >&2
    fi
    stop_server
}

# options_of WORKLOAD
options_of() {
    case $1 in
    fanout-100) echo fanout --members 100 --senders 10 --payload 64 --window 16 ;;
    fanout-1000) echo fanout --members 1000 --senders 10 --payload 64 --window 16 ;;
    fanout-100x10) echo fanout --rooms 100 --members 10 --senders 1 --payload 64 --window 16 ;;
    paced) echo fanout --members 100 --senders 10 --payload 64 --rate 1000 ;;
    tls) echo fanout --members 100 --senders 10 --payload 64 --window 16 ;;
    connect) echo connect --rooms 40 --members 50 ;;
    idle) echo idle --rooms 40 --members 50 ;;
    *) die "no workload '$1'; see --help" ;;
    esac
}

# Which servers can do it. What 1,000 members are told while they enter is more than ngircd keeps for one, and it
# closes some.
can_do() {
    case $1,$2 in
    tls,mingled | tls,baseline) ;;
    tls,*) return 1 ;;
    fanout-1000,ngircd) return 1 ;;
    esac
}

measure_growth() {
    local name=$1 count
    for count in 10 30 100 300 1000; do
        measure "members $count" "$name" '' fanout --members "$count" --senders 10 --window 16
    done
    for count in 1 10 100 1000; do
        measure "rooms $count" "$name" '' fanout --rooms "$count" --members 10 --senders 1 --window 16
    done
    for count in 32 128 512 2048; do
        measure "bytes $count" "$name" '' fanout --members 100 --senders 10 --window 16 --payload "$count"
    done
}

[ -z "${is_install:-}" ] || install_peers
check_programs
choose_cores
: >"$results"
for ((round = 1; round <= rounds; round++)); do
    for workload in $workloads; do
        for name in $servers; do
            has_server "$name" || continue
            if [ "$workload" != growth ]; then
                # An assignment, so that a wrong name ends the script.
                words=$(options_of "$workload")
                tls=
                [ "$workload" != tls ] || tls=tls
                ! can_do "$workload" "$name" || measure "$workload" "$name" "$tls" $words
            elif [ "$name" = mingled ] || [ "$name" = baseline ]; then
                measure_growth "$name"
            fi
        done
    done
done
[ ! -t 2 ] || printf '\r\033[K' >&2
python3 "$here/table.py" "$results" ${document:+--update "$document"}
