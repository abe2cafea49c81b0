#!/usr/bin/env bash
# Lint, form, types and import contracts.
set -euo pipefail
cd "$(dirname "$0")/.."
if git grep -nE '^(<<<<<<< |>>>>>>> )'; then echo "marks of a merge are left" >&2; exit 1; fi
.venv/bin/ruff check .
.venv/bin/ruff format --check --quiet .
.venv/bin/mypy
.venv/bin/lint-imports
