#!/bin/sh
# Stop what scripts/start_monitoring.sh started, and nothing else; wait until it is gone.
set -eu
cd "$(dirname "$0")/.."

pid_file=run/bongsu.pid
. scripts/process.sh

if ! is_ours "$pid_file"; then
    rm -f "$pid_file"
    echo "Nothing to stop: scripts/start_monitoring.sh started nothing that still runs."
    exit 0
fi
pid=$(pid_of "$pid_file")
kill -TERM "$pid"
tries=0
while kill -0 "$pid" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ]; then
        echo "pid $pid doesn't stop within 30 s; see logs/monitoring_dashboard.log." >&2
        exit 1
    fi
    sleep 0.1
done
rm -f "$pid_file"
echo "Stopped (pid $pid)."
