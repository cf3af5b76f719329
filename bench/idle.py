"""What watching costs when nothing happens: CPU and memory of our process tree beside Netdata's, in the same minutes.

    python -m bench.idle [--minutes 10]

Both watch this machine at 1 s with what they collect by default. The console is not counted (it runs only where it is
wanted).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench.cpu import Usage, usage
from bench.figures import Figure, Goal, Outcome, table
from bench.servers import Missing, Server, bongsu, netdata
from bench.wire import Connection, get

PEER = "Netdata"
MIB = 1 << 20


def measure(*, minutes: float = 10.0, warm_up: float = 30.0) -> Outcome:
    """Let both run; `warm_up` seconds after the start don't count."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, ExitStack() as stack:
        servers = {"ours": stack.enter_context(bongsu(Path(scratch)))}
        try:
            servers["peer"] = stack.enter_context(netdata(Path(scratch)))
        except Missing as missing:
            print(f"  {missing}", file=sys.stderr)
        time.sleep(warm_up)
        before, since = {name: usage(server.pid) for name, server in servers.items()}, time.perf_counter()
        time.sleep(minutes * 60)
        after, seconds = {name: usage(server.pid) for name, server in servers.items()}, time.perf_counter() - since
        counts = {name: _series(server) for name, server in servers.items()}
    peers = ", ".join(f"{servers[name].name} {count:,} series" for name, count in counts.items())
    method = f"{minutes:g} minutes after {warm_up:g} s of warming up, both at 1 s in the same minutes: {peers}."
    return Outcome(name="idle", method=method, figures=_figures(before, after, seconds))


def _figures(before: dict[str, Usage], after: dict[str, Usage], seconds: float) -> tuple[Figure, ...]:
    cpu = {name: (after[name].cpu_seconds - before[name].cpu_seconds) / seconds * 100 for name in after}
    rss = {name: after[name].rss_bytes / MIB for name in after}
    pss = {name: after[name].pss_bytes / MIB for name in after}
    lines = (
        ("idle CPU", "% of a core", cpu, Goal(bound=1.0, ratio=True)),
        ("resident memory", "MiB", rss, Goal(bound=100)),
        ("proportional memory", "MiB", pss, None),
    )
    return tuple(
        Figure(what=what, unit=unit, ours=read["ours"], peer=read.get("peer"), peer_name=PEER, goal=goal)
        for what, unit, read, goal in lines
    )


def _series(server: Server) -> int:
    """How many series it watches at the moment."""
    with Connection(server.port) as connection:
        if server.name == PEER:
            charts = json.loads(connection.ask(get("/api/v1/charts")).body)["charts"]
            return sum(len(chart["dimensions"]) for chart in charts.values())
        return len(json.loads(connection.ask(get("/api/v1/metrics")).body)["metrics"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    chosen = parser.parse_args()
    outcome = measure(minutes=chosen.minutes)
    print(outcome.method, table(outcome.figures), sep="\n\n")


if __name__ == "__main__":
    main()
