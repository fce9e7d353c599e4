#!/usr/bin/env bash
# What members who never read cost the others: the same room without and with them. Starts a server of its
# own. Usage: slow.sh [OPTION of mingle-bench]...     SERVER=baseline slow.sh measures the floor
set -euo pipefail
. "$(dirname "$0")/lib.sh"

check_programs
choose_cores
start_server "${SERVER:-mingled}"
load slow --slow 10 --max-lost 0 "$@"
