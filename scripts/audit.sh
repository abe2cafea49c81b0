#!/usr/bin/env bash
# Ask whether a known weakness stands against a version we name: pip-audit over constraints.txt, npm audit over the lock file.
# Needs a network; whatever index pip and npm are set to is used. Exit 0: all were judged and none is weak; 1: one is;
# 2: some could not be judged, which is no good news.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build
tool=build/audit-venv
[ -x "$tool/bin/pip-audit" ] || { python3 -m venv "$tool" && "$tool/bin/pip" install --quiet pip-audit; }
python=build/audit-python.json web=build/audit-web.json
rm -f "$python" "$web"
# their own exit codes do not tell "weak" from "not judged", so their answers are read
"$tool/bin/pip-audit" --requirement constraints.txt --disable-pip --no-deps --progress-spinner off --format json --output "$python" >/dev/null || true
npm --prefix console/web audit --package-lock-only --json >"$web" || true
exec python3 scripts/audit_verdict.py "$python" "$web"
