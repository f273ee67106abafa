#!/bin/sh
# Make .venv in the current folder (the clone) and install Chargesheet into it. Usage: setup.sh [EXTRA]
#
# Environment: PYTHON       the interpreter to use; else the first suitable one on the PATH
#              TORCH_INDEX  a package index for torch alone, such as one with CPU builds
#
# Does nothing when the environment is already what pyproject.toml and constraints.txt ask for. The stamp is written
# last and names what was installed and where, so an interrupted set-up, a moved clone, a removed interpreter and
# changed requirements are all seen. Whatever goes wrong is told in one line.
set -eu

EXTRA=${1-}
VENV=.venv
STAMP=$VENV/.installed${EXTRA:+-$EXTRA}
LOG=.venv-setup.log
LOCK=.venv-setup.pid
GIGABYTES=4
BASE='import sys; print(sys.base_prefix)'

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "Set-up stopped: $*"
    exit 1
}

suitable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
# All packages come ready built for these; for a newer Python some may have to be compiled.
ready_built() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1; }

find_python() {
    if [ -n "${PYTHON-}" ]; then
        suitable "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11 or newer."
        printf '%s\n' "$PYTHON"
        return
    fi
    for good in ready_built suitable; do
        for name in python3 python3.13 python3.12 python3.11 python; do
            if "$good" "$name"; then
                printf '%s\n' "$name"
                return
            fi
        done
    done
    fail "no Python 3.11 or newer was found. Install one (Debian 12, Ubuntu 24.04: 'sudo apt-get install python3 python3-venv'; macOS: 'brew install python@3.12'; anywhere: conda) or name it: make PYTHON=/path/to/python3.12"
}

# What an environment was made for: this place and these requirements.
key() {
    pwd
    cat pyproject.toml constraints.txt | cksum
}

# Does .venv work, here, and with the interpreter that was asked for (if one was)?
in_place() {
    [ "$(sed -n 1p "$1" 2>/dev/null)" = "$(pwd)" ] && suitable "$VENV/bin/python" || return 1
    [ -z "${PYTHON-}" ] || [ "$("$PYTHON" -c "$BASE" 2>&1)" = "$("$VENV/bin/python" -c "$BASE")" ]
}

up_to_date() { [ "$(key)" = "$(cat "$STAMP" 2>/dev/null)" ] && in_place "$STAMP"; }

# One set-up at a time; a lock left behind by a killed one does not count.
take_lock() {
    if [ -f "$LOCK" ] && kill -0 "$(cat "$LOCK")" 2>/dev/null; then
        fail "another set-up (process $(cat "$LOCK")) is at work in this folder. Wait until it is done."
    fi
    printf '%s\n' $$ >"$LOCK" 2>/dev/null || fail "cannot write to $(pwd). Clone the repository to a folder that is yours."
    trap 'rm -f "$LOCK"' EXIT
    trap 'say "Set-up interrupted; the next make begins it again."; exit 130' INT TERM HUP
}

free_kilobytes() { df -Pk . | awk 'NR == 2 { print $4 }'; }

make_venv() {
    python=$(find_python) || exit 1
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "this Python has no venv module. Install it (Debian, Ubuntu: 'sudo apt-get install python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv') and call make again."
    [ "$(free_kilobytes)" -ge $((GIGABYTES * 1024 * 1024)) ] ||
        fail "$(pwd) has $(($(free_kilobytes) / 1024 / 1024)) GB of free disk space; $GIGABYTES GB are needed (10 GB with torch for NVIDIA GPUs). Free some, or clone to another disk."
    say "Making .venv with $("$python" -c 'import platform, sys; print("Python", platform.python_version(), "at", sys.executable)')"
    "$python" -m venv --clear "$VENV" >>"$LOG" 2>&1 || explain
}

# On a terminal one line that moves on; elsewhere nothing, the log has it all.
progress() {
    if [ -t 2 ]; then
        awk '/^ *Collecting/ { printf "\r  packages looked up: %d ", ++n }
             /^Installing/   { printf "\r  %d packages found; installing them takes a minute or two ... ", n }
             { fflush() } END { print "" }' >&2
    else
        cat >/dev/null
    fi
}

pip_install() {
    rm -f "$VENV/.done"
    { "$VENV/bin/python" -m pip install --no-input --disable-pip-version-check --progress-bar off \
        --constraint constraints.txt "$@" 2>&1 && : >"$VENV/.done"; } | tee -a "$LOG" | progress
    [ -f "$VENV/.done" ] || explain
}

# Turn what pip left in the log into one line.
explain() {
    has() { grep -qiE "$1" "$LOG"; }
    if has 'No space left on device|Errno 28|Disk quota exceeded'; then
        fail "the disk is full (here, or in the folder for temporary files: TMPDIR=${TMPDIR:-/tmp}). Free 10 GB, or set TMPDIR to a folder on a larger disk, and call make again."
    elif has 'CERTIFICATE_VERIFY_FAILED|SSLError'; then
        fail "the package index's certificate is not trusted here. Name your organisation's certificates with PIP_CERT=/path/to/ca.pem and call make again."
    elif has 'connection broken|NewConnectionError|ProxyError|ReadTimeout|ConnectTimeout|Max retries exceeded|name resolution|Name or service not known|ConnectionResetError'; then
        fail "the package index cannot be reached. Check the network (a proxy: HTTPS_PROXY; a mirror: PIP_INDEX_URL) and call make again."
    elif has 'no matching distribution found for torch'; then
        fail "there is no torch for this Python ($("$VENV/bin/python" -c 'import platform; print(platform.python_version(), platform.system(), platform.machine())')) where pip looks. Use Python 3.11 to 3.13 (make PYTHON=python3.12), or name an index that has it (make TORCH_INDEX=URL)."
    elif has "command '.*(gcc|cc|clang).*' failed|No such file or directory: '(gcc|cc|clang)"; then
        fail "a package has to be compiled for this Python and no C compiler works here. Use Python 3.11 to 3.13 (make PYTHON=python3.12), or install a compiler (Debian, Ubuntu: 'sudo apt-get install build-essential python3-dev')."
    elif has 'Permission denied'; then
        fail "no right to write: $(grep -iE 'Permission denied' "$LOG" | tail -n 1 | cut -c1-200)."
    else
        fail "$({ grep -v '^ *$' "$LOG"; grep -E 'ERROR:|Error:' "$LOG"; } | tail -n 1 | cut -c1-300) (all of it: $(pwd)/$LOG)"
    fi
}

if up_to_date; then exit 0; fi
take_lock
: >"$LOG"
unset PYTHONPATH PYTHONHOME
export PIP_USER=0

# An environment without a stamp is half made: begin again. One with a stamp of other requirements is brought up to
# date; its stamps go first, so that an interruption leaves none.
whole=
for old in "$VENV"/.installed*; do
    if in_place "$old"; then whole=yes; fi
    if [ -f "$old" ] && [ "$(key)" != "$(cat "$old")" ]; then rm -f "$old"; fi
done
[ -n "$whole" ] || make_venv

say "Installing Chargesheet${EXTRA:+ and what its tests need}; the first time this takes a few minutes."
if [ -n "${TORCH_INDEX-}" ]; then
    pip_install --no-deps --index-url "$TORCH_INDEX" "$(sed -n 's/^ *"\(torch==[0-9.]*\)".*/\1/p' pyproject.toml)"
fi
pip_install setuptools
pip_install --no-build-isolation --editable ".${EXTRA:+[$EXTRA]}"

for stamp in "$VENV/.installed" "$STAMP"; do # with an extra, all the rest is there, too
    key >"$VENV/stamp.part"
    mv "$VENV/stamp.part" "$stamp"
done
rm -f "$LOG"
