# For the scripts beside this one: servers with a throw-away configuration on loopback, ended by their pid,
# and mingle-bench on a core of its own. To be sourced after `set -euo pipefail`.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BUILD:-$here/../../build}
scratch=$(mktemp -d)
server_pid=
server_port=
server_dialect=
start_patience=20 # seconds

die() {
    echo "${0##*/}: $*" >&2
    exit 2
}

cleanup() {
    stop_server
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# is_number TEXT MIN MAX
is_number() { [[ $1 =~ ^[0-9]{1,9}$ ]] && ((10#$1 >= $2 && 10#$1 <= $3)); }

check_programs() {
    local program
    for program in mingle-bench mingled bench/baseline; do
        [ -x "$build/$program" ] || die "no program $build/$program; build it first (./dev build), or set BUILD"
    done
}

# The server and the generator each have a core, when we may use two.
server_pin=()
bench_pin=()
choose_cores() {
    local cores
    command -v taskset >/dev/null || return 0
    cores=$(python3 -c 'import os; print(*sorted(os.sched_getaffinity(0))[-2:])')
    if [[ $cores == *' '* ]]; then
        server_pin=(taskset -c "${cores#* }")
        bench_pin=(taskset -c "${cores% *}")
    else
        echo "${0##*/}: only one core: server and generator share it" >&2
    fi
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# make_certificate: once, for all servers of this script.
make_certificate() {
    [ ! -e "$scratch/key.pem" ] || return 0
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -keyout "$scratch/key.pem" -out "$scratch/cert.pem" 2>/dev/null || die "openssl made no certificate"
}

# has_server NAME: whether it can be started here.
has_server() {
    case $1 in
    mingled | mingled-irc | baseline | each) return 0 ;;
    asyncio) command -v python3 >/dev/null ;;
    redis | nats) command -v "$1-server" >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

# --- each server: sets `command` and `server_dialect`; gets port, folder and tls of start_server ------------

command_mingled() {
    server_dialect=plain
    command=("$build/mingled" --config "$folder/empty.conf" --set "listen.address=127.0.0.1:$port"
        --set limits.flood=off --set limits.per_address=0 --set limits.unnamed_per_address=0
        --set tls.handshakes_per_address=off
        --set log.level=warning)
    : >"$folder/empty.conf"
    # Thousands of clients on one core may be late with their first bytes; greeted, they could not use TLS any more.
    [ -z "$tls" ] || command+=(--set "tls.certificate=$scratch/cert.pem" --set "tls.key=$scratch/key.pem"
        --set greeting.delay=10s)
}

command_mingled-irc() {
    command_mingled
    server_dialect=irc
}

command_baseline() {
    server_dialect=raw
    command=("$build/bench/baseline")
    [ -z "$tls" ] || command+=(--tls "$scratch/cert.pem" "$scratch/key.pem")
    command+=("$port")
}

command_each() {
    server_dialect=raw
    command=("$build/bench/baseline" --each "$port")
}

command_asyncio() {
    server_dialect=raw
    command=(python3 "$here/asyncio_chat.py" "$port")
}

# Slow subscribers are not closed; nothing goes to a disk.
command_redis() {
    server_dialect=redis
    command=(redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --maxclients 100000
        --client-output-buffer-limit 'pubsub 0 0 0' --dir "$folder")
}

command_nats() {
    server_dialect=nats
    printf 'max_connections: 100000\nmax_pending: 1GB\nwrite_deadline: "1h"\n' >"$folder/nats.conf"
    command=(nats-server --addr 127.0.0.1 --port "$port" --config "$folder/nats.conf")
}

command_mosquitto() {
    server_dialect=mqtt
    printf '%s\n' "listener $port 127.0.0.1" 'allow_anonymous true' 'persistence false' 'log_type none' \
        'max_queued_messages 0' 'set_tcp_nodelay true' "user $(id -un)" >"$folder/mosquitto.conf"
    command=(mosquitto -c "$folder/mosquitto.conf")
}

# A penalty of 0 s: floods are not throttled.
command_ngircd() {
    server_dialect=irc
    cat >"$folder/ngircd.conf" <<CONF
[Global]
    Name = bench.localhost
    Info = bench
    Listen = 127.0.0.1
    Ports = $port
    ServerUID = $(id -un)
    ServerGID = $(id -gn)
    MotdPhrase = bench
[Limits]
    MaxConnections = 0
    MaxConnectionsIP = 0
    MaxJoins = 0
    MaxNickLength = 30
    MaxPenaltyTime = 0
    PingTimeout = 3600
[Options]
    DNS = no
    Ident = no
    PAM = no
    SyslogFacility = local0
CONF
    command=(ngircd -n -f "$folder/ngircd.conf")
}

# No fake lag, and queues and command rates that nobody reaches.
command_inspircd() {
    server_dialect=irc
    cat >"$folder/inspircd.conf" <<CONF
<server name="bench.localhost" description="bench" id="001" network="bench">
<admin name="bench" nick="bench" email="bench@localhost">
<bind address="127.0.0.1" port="$port" type="clients">
<pid file="$folder/inspircd.pid">
<connect allow="*" timeout="60" pingfreq="3600" hardsendq="1073741824" softsendq="1073741824"
    recvq="16777216" threshold="1000000" commandrate="1000000000" fakelag="no" localmax="100000"
    globalmax="100000" maxconnwarn="no" limit="100000" resolvehostnames="no" useident="no" modes="">
<class name="x" commands=""><power diepass="x" restartpass="x">
<performance softlimit="100000" clonesonconnect="no" somaxconn="4096" quietbursts="yes">
<log method="file" type="*" level="default" target="$folder/inspircd.log">
CONF
    command=(inspircd --nofork --nopid --config="$folder/inspircd.conf")
    [ "$(id -u)" != 0 ] || command+=(--runasroot)
}

# start_server NAME [tls]: afterwards it listens on $server_port. Fails, with a message, when it does not.
start_server() {
    local name=$1 tls=${2:-} port folder=$scratch/$1 command=() until=$((SECONDS + start_patience))
    port=$(free_port)
    mkdir -p "$folder"
    [ -z "$tls" ] || make_certificate
    "command_$name"
    "${server_pin[@]}" "${command[@]}" >"$folder/log" 2>&1 </dev/null &
    server_pid=$!
    server_port=$port
    while ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        if ! kill -0 "$server_pid" 2>/dev/null || ((SECONDS >= until)); then
            tail -n 5 "$folder/log" >&2
            echo "${0##*/}: $name did not start" >&2
            stop_server
            return 1
        fi
        sleep 0.05
    done
}

# What does not stop by itself is ended; nobody is connected any more.
stop_server() {
    local i
    [ -n "$server_pid" ] || return 0
    kill -TERM "$server_pid" 2>/dev/null || true
    for ((i = 0; i < 100; i++)); do
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.05
    done
    kill -KILL "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
    server_pid=
}

# load SCENARIO OPTION...: mingle-bench against the server that runs.
load() {
    "${bench_pin[@]}" "$build/mingle-bench" "$@" --dialect "$server_dialect" --server-pid "$server_pid" \
        "127.0.0.1:$server_port"
}
