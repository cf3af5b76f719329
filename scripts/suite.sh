#!/bin/sh
# The suite: suite.sh [paths]. First everything that can share the machine, two at once, in the order of tests/conftest.py (what takes
# long begins first). Meanwhile, in what that leaves of the cores (these tests wait for a third of their time), what only computes
# (`aside`), and with TYPES=1 mypy and what takes a minute and waits for nobody (`beside`). At last what measures time (`alone`), one
# after the other and nothing beside it.
set -u
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- tests
python=.venv/bin/python

# pytest ends with 5 where it finds no test: each part may, all of them may not.
found=0
judge() { # what pytest ended with
    if [ "$1" -eq 0 ]; then found=1; else [ "$1" -eq 5 ] || exit "$1"; fi
}

aside() { # it tells at once what is wrong
    status=0
    nice -n 10 "$python" -m pytest -q -m aside "$@" >"$told.aside" 2>&1 || status=$?
    echo && cat "$told.aside"
    exit "$status"
}

beside() {
    status=0
    if [ -n "${TYPES:-}" ]; then nice -n 19 "$python" -m mypy >"$told" 2>&1 || status=$?; fi
    if [ "$status" -eq 0 ]; then nice -n 19 "$python" -m pytest -q -m beside "$@" >>"$told" 2>&1 || status=$?; fi
    echo && cat "$told"
    exit "$status"
}

told=$(mktemp)
(aside "$@") &
computing=$!
(beside "$@") &
quiet=$!
trap 'pkill -TERM -P "$computing,$quiet" 2>/dev/null; rm -f "$told" "$told.aside"' EXIT
trap 'exit 130' INT TERM

status=0
"$python" -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not (alone or beside or aside)" "$@" || status=$?
judge "$status"
status=0
wait "$computing" || status=$?
judge "$status"
status=0
wait "$quiet" || status=$?
judge "$status"
status=0
"$python" -m pytest -q -m alone "$@" || status=$?
judge "$status"
[ "$found" -eq 1 ] || exit 5
