#!/usr/bin/env bash
# A room in which some talk and all listen: how much mingled can deliver. Starts a server of its own.
# Usage: fanout.sh [OPTION of mingle-bench]...      SERVER=baseline fanout.sh measures the floor
set -euo pipefail
. "$(dirname "$0")/lib.sh"

check_programs
choose_cores
start_server "${SERVER:-mingled}"
load fanout --max-lost 0 "$@"
