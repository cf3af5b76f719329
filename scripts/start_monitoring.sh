#!/bin/sh
# Start Bongsu in the background and wait until it is ready; further arguments go to `bongsu up`.
# What is started here is noted in run/bongsu.pid; scripts/stop_monitoring.sh stops that and nothing else.
set -eu
cd "$(dirname "$0")/.."

pid_file=run/bongsu.pid
out=run/bongsu.out
mkdir -p run

. scripts/process.sh

if is_ours "$pid_file"; then
    echo "Bongsu already runs (pid $(pid_of "$pid_file")). Stop it with scripts/stop_monitoring.sh."
    exit 0
fi
rm -f "$pid_file"

python=.venv/bin/python
if [ ! -x "$python" ]; then
    python=${PYTHON:-python3}
fi
PYTHONPATH="$PWD/src${PYTHONPATH:+:$PYTHONPATH}" nohup "$python" -m bongsu.cli up "$@" >"$out" 2>&1 </dev/null &
pid=$!
note "$pid" "$pid_file"

# The addresses are printed once everything is started; a process that ends before then tells why.
tries=0
until grep -q '://' "$out" 2>/dev/null && grep -q 'Ctrl+C' "$out"; do
    if ! kill -0 "$pid" 2>/dev/null; then
        rm -f "$pid_file"
        cat "$out" >&2
        exit 1
    fi
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ]; then
        echo "Bongsu (pid $pid) isn't ready after 30 s; see $out and logs/." >&2
        exit 1
    fi
    sleep 0.1
done
grep '://' "$out" | grep -v '^[0-9]' || true
echo "pid $pid"
