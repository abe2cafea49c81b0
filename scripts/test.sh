#!/usr/bin/env bash
# Everything that must hold before a change lands. `make test` calls it after `make setup`.
set -euo pipefail
cd "$(dirname "$0")/.."
step() { printf '\n== %s ==\n' "$*"; }
command -v npm >/dev/null || export PATH="$PWD/.venv/bin:$PATH"

step "lint, types, import contracts; beside them the web page's types and unit tests, and the short drill"
scripts/check.sh &
checks=$!
mkdir -p build
.venv/bin/shequ drill --seed 7 --estates 2 --duration 20 --faults all \
    --chaos ingest,database,broker-restart,net-cut=1,poison=2000 --report build/drill.json >build/drill.txt 2>&1 &
drill=$!
(cd console/web && npm run --silent typecheck && npm run --silent test)
wait "$checks"
wait "$drill" || { cat build/drill.txt; exit 1; }
step "short drill, all faults; ingest and the database killed, the broker restarted, lines cut, poison on the way"
cat build/drill.txt
step "unit, contract, integration and browser tests"
.venv/bin/pytest -q -n 3 --dist loadfile --durations=30
