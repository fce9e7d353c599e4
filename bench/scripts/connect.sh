#!/usr/bin/env bash
# Clients connect and enter as fast as mingled lets them: what one costs. Starts a server of its own.
# Usage: connect.sh [OPTION of mingle-bench]...     SERVER=baseline connect.sh measures the floor
set -euo pipefail
. "$(dirname "$0")/lib.sh"

check_programs
choose_cores
start_server "${SERVER:-mingled}"
load connect --rooms 40 --members 50 --max-lost 0 "$@"
