#!/usr/bin/env bash
# Run a command whose clock a drill may set (fault `clock-jump`): libfaketime under all of its processes, the servers too.
# The monotonic clock is left alone, as it is when somebody sets a machine's time.
set -euo pipefail
library=$(find /usr/lib /usr/local/lib "$HOME/.local/lib" -name 'libfaketimeMT.so.1' -print -quit 2>/dev/null || true)
[ -n "$library" ] || { echo "set_clock.sh: libfaketime is missing: apt-get install libfaketime" >&2; exit 1; }
file=$(mktemp /tmp/shequ-clock-XXXXXX)
trap 'rm -f "$file"' EXIT
echo +0 > "$file"
chmod 644 "$file" # as root the servers run as somebody else
export LD_PRELOAD=$library FAKETIME_TIMESTAMP_FILE=$file FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 \
    FAKETIME_DONT_RESET=1 FAKETIME_DISABLE_SHM=1
"$@"
