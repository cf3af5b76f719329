#!/bin/sh
# Install the programs that tests use, only what is missing; with BENCH=1 also those that `make bench` measures beside us.
set -eu

missing=""
want() { # command, package
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

want chromium chromium
want promtool prometheus
want strace strace
# The native library is built where there is a C compiler; tests look at it.
if ! command -v cc >/dev/null 2>&1; then missing="$missing gcc libc6-dev"; fi
want openssl openssl
# Debian keeps nginx out of a user's PATH.
[ -x /usr/sbin/nginx ] || want nginx nginx
want redis-server redis-server
# Debian keeps mariadbd out of a user's PATH.
[ -x /usr/sbin/mariadbd ] || want mariadbd mariadb-server
# RabbitMQ's program in PATH wants to be another user; tests start the one behind it.
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || want /usr/lib/rabbitmq/bin/rabbitmq-server rabbitmq-server
# Debian keeps PostgreSQL's own programs out of PATH; tests start private clusters with them.
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || want initdb postgresql
if command -v fc-list >/dev/null 2>&1; then
    fc-list :lang=ko | grep -q . || missing="$missing fonts-noto-cjk"
else
    missing="$missing fontconfig fonts-noto-cjk"
fi
node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' 2>/dev/null || missing="$missing nodejs"
if [ -n "${BENCH:-}" ]; then
    want victoria-metrics victoria-metrics
    want netdata netdata
fi
# The same browser without windows takes a fifth less; where the archive has no such package, tests take chromium.
want_shell() {
    case "$missing" in *chromium-headless-shell*) return ;; esac
    if apt-cache show chromium-headless-shell >/dev/null 2>&1; then
        want chromium-headless-shell chromium-headless-shell
    fi
}
want_shell
[ -n "$missing" ] || exit 0

echo "Installing for the tests:$missing"
if ! command -v apt-get >/dev/null 2>&1; then
    echo "There is no apt-get here: install these yourself; without them some tests are skipped (with CI=true they fail)." >&2
    exit 0
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "Not root, and sudo asks for a password: run 'sudo sh scripts/test_deps.sh' once; till then some tests are skipped." >&2
        exit 0
    fi
    as_root="sudo"
fi
# What is installed must not start servers of its own: tests start private ones.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod +x "$policy"
    trap '$as_root rm -f "$policy"' EXIT
fi
$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
want_shell
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
