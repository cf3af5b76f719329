#!/bin/sh
# Test the board's modules with Node's own runner. Node is for tests alone: Bongsu runs without.
set -eu
cd "$(dirname "$0")/.."
tests=$(find tests/js -name '*.test.js' -o -name '*.test.mjs' 2>/dev/null | sort)
[ -n "$tests" ] || exit 0
if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' 2>/dev/null; then
    echo "Node 18 or newer is needed for the board's tests: make test-deps" >&2
    [ -z "${CI:-}" ] && exit 0
    exit 1
fi
told=$(mktemp)
trap 'rm -f "$told"' EXIT
# shellcheck disable=SC2086
if ! node --test $tests >"$told" 2>&1; then
    cat "$told"
    exit 1
fi
grep -E '^(# |ℹ )(pass|fail) ' "$told"
