#!/bin/sh
# Make a virtual environment in $1 with the first Python ≥ 3.11 that is found; PYTHON=… names another.
set -eu
venv=$1
for python in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        if "$python" -m venv "$venv" 2>/dev/null; then
            exit 0
        fi
        rm -rf "$venv"
        echo "$python can't make a virtual environment: install its venv module (Debian, Ubuntu: apt install python3-venv)." >&2
        exit 1
    fi
done
found=$(python3 --version 2>/dev/null || echo "no Python 3")
echo "Python 3.11 or newer is needed; found: $found. Install one, or name it: make PYTHON=/path/to/python3.11 …" >&2
exit 1
