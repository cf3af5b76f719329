#!/bin/sh
# Install Redis and start it on this machine: Debian and Ubuntu, Fedora and its kin, macOS. Nothing is done where it answers already.
set -eu

answers() {
    command -v redis-cli >/dev/null 2>&1 && [ "$(redis-cli -h 127.0.0.1 ping 2>/dev/null || true)" = PONG ]
}

say() { printf '%s\n' "$*"; }

done_well() {
    say "Redis answers on 127.0.0.1:6379. Set redis.url to redis://127.0.0.1:6379/0 (or BONGSU_REDIS__URL)."
    exit 0
}

if answers; then
    done_well
fi

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        say "This needs root: $*" >&2
        exit 1
    fi
}

started_by_system() { # name of the service
    command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ] && as_root systemctl enable --now "$1"
}

server=redis-server
if command -v brew >/dev/null 2>&1 && [ "$(uname -s)" = Darwin ]; then
    command -v redis-server >/dev/null 2>&1 || brew install redis
    brew services start redis
elif command -v apt-get >/dev/null 2>&1; then
    command -v redis-server >/dev/null 2>&1 || {
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server
    }
    started_by_system redis-server || true
elif command -v dnf >/dev/null 2>&1; then
    # Fedora ships Valkey, which speaks the same protocol, where Redis is no longer packaged.
    command -v redis-server >/dev/null 2>&1 || command -v valkey-server >/dev/null 2>&1 ||
        as_root dnf install -y redis || as_root dnf install -y valkey valkey-compat-redis
    command -v redis-server >/dev/null 2>&1 || server=valkey-server
    started_by_system redis || started_by_system valkey || true
else
    say "Neither apt-get, dnf nor brew is here. Install Redis as your system does it: https://redis.io/docs/latest/operate/oss_and_stack/install/" >&2
    exit 1
fi

# Without a service manager (containers): started by hand, on this machine alone.
if ! answers; then
    say "No service manager started it; starting $server on 127.0.0.1."
    "$server" --bind 127.0.0.1 --port 6379 --daemonize yes >/dev/null
fi

tries=0
until answers; do
    tries=$((tries + 1))
    if [ "$tries" -ge 50 ]; then
        say "Redis was installed but doesn't answer on 127.0.0.1:6379; see its log." >&2
        exit 1
    fi
    sleep 0.2
done
done_well
