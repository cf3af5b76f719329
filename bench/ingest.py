"""What a pushed sample costs, from its body on the wire until everything is written; beside VictoriaMetrics' text
import.

    python -m bench.ingest [--rounds 4] [--ticks 900]

Three servers run at the same time (ours for rows, ours for columns, VictoriaMetrics) and take the same samples in
turn, one connection each, bodies ready beforehand. The cost is the CPU of a server's process tree from the first byte
until it is quiet again: compressing, merging and writing later counts as well. The last figures pace small bodies
while blocks are sealed, and show how long an acknowledgement can be held up.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.cpu import cpu_seconds, settle
from bench.figures import Figure, Goal, Outcome, quantile, table
from bench.load import Format, Mix
from bench.sending import deliver, deliver_all, request_of
from bench.servers import Missing, Server, bongsu, victoria
from bench.wire import Connection

PEER = "VictoriaMetrics"


@dataclass(slots=True)
class Cost:
    """What one format cost in all its rounds."""

    samples: int = 0
    cpu: float = 0.0
    wall: float = 0.0
    rounds: list[float] = field(default_factory=list)
    """CPU µs a sample, round by round."""

    def rate(self) -> float:
        """Samples a CPU-second: what one core takes."""
        return self.samples / self.cpu

    def each(self) -> float:
        """CPU µs a sample."""
        return self.cpu / self.samples * 1e6

    def speed(self) -> float:
        """Samples a second by the clock, until the last acknowledgement."""
        return self.samples / self.wall


def measure(
    *, rounds: int = 4, ticks: int = 900, each: int = 5, series: int = 2_000, pace_seconds: int = 45
) -> Outcome:
    """Run it all; `ticks` seconds of `series` series a round and format, `each` seconds a body."""
    mix, costs = Mix(series=series), defaultdict[Format, Cost](Cost)
    start = _whole_second() - (rounds * ticks + pace_seconds * 50 + 1_800) * 1_000
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, ExitStack() as stack:
        servers = _servers(stack, Path(scratch))
        for turn in range(rounds):
            bodies = list(mix.bodies(tuple(servers), start=start + turn * ticks * 1_000, ticks=ticks, each=each))
            for kind, server in servers.items():
                _round(costs[kind], server, kind, [one[kind] for one in bodies], ticks * series)
                print(f"  round {turn + 1} {kind:8} {costs[kind].rounds[-1]:.2f} µs a sample", flush=True)
        paced_from = start + rounds * ticks * 1_000
        waits = _paced(servers["rows"], mix, start=paced_from, seconds=pace_seconds)
    method = (
        f"{rounds} rounds of {ticks * series:,} samples a format ({series:,} series, {each * series:,} a body), "
        "formats in turn, one connection; CPU of the process tree until it is quiet again. Held up: bodies of "
        f"{series:,} rows at 50 a second for {pace_seconds} s while blocks are sealed; the longest acknowledgement "
        "less the median."
    )
    return Outcome(name="ingest", method=method, figures=(*_costs(costs), *_held_up(waits)))


def _servers(stack: ExitStack, scratch: Path) -> dict[Format, Server]:
    servers: dict[Format, Server] = {
        "rows": stack.enter_context(bongsu(scratch / "rows")),
        "columns": stack.enter_context(bongsu(scratch / "columns")),
    }
    try:
        servers["text"] = stack.enter_context(victoria(scratch / "text"))
    except Missing as missing:
        print(f"  {missing}", file=sys.stderr)
    return servers


def _round(cost: Cost, server: Server, kind: Format, bodies: list[bytes], samples: int) -> None:
    before = cpu_seconds(server.pid)
    cost.wall += deliver_all(server, kind, bodies)
    settle(server.pid)
    spent = cpu_seconds(server.pid) - before
    cost.cpu += spent
    cost.samples += samples
    cost.rounds.append(spent / samples * 1e6)


def _paced(server: Server, mix: Mix, *, start: int, seconds: int) -> list[float]:
    """Milliseconds each acknowledgement took, one tick a body, 50 bodies a second."""
    bodies = [one["rows"] for one in mix.bodies(("rows",), start=start, ticks=seconds * 50, each=1)]
    requests = [request_of("rows", body) for body in bodies]
    waits = []
    with Connection(server.port) as connection:
        due = time.perf_counter()
        for request in requests:
            due += 0.02
            time.sleep(max(0.0, due - time.perf_counter()))
            sent = time.perf_counter()
            deliver(connection, request)
            waits.append((time.perf_counter() - sent) * 1e3)
    return waits


def _costs(costs: dict[Format, Cost]) -> list[Figure]:
    rate = costs["rows"].rate()
    alone = Figure(what="JSON rows, on their own", unit="samples/s", ours=rate, goal=Goal(bound=500_000, at_least=True))
    peer = costs.get("text")
    return [alone, *_against(costs["rows"], peer, "JSON rows", 0.8), *_against(costs["columns"], peer, "columnar", 1.2)]


def _against(cost: Cost, peer: Cost | None, label: str, goal: float) -> list[Figure]:
    lines = (
        ("samples a CPU-second", "samples/s", Cost.rate, Goal(bound=goal, at_least=True, ratio=True)),
        ("CPU a sample", "µs", Cost.each, None),
        ("samples a second by the clock", "samples/s", Cost.speed, None),
    )
    return [
        Figure(
            what=f"{label}: {what}",
            unit=unit,
            ours=read(cost),
            peer=read(peer) if peer else None,
            peer_name=f"{PEER}, text",
            goal=bound,
        )
        for what, unit, read, bound in lines
    ]


def _held_up(waits: list[float]) -> list[Figure]:
    middle = quantile(waits, 0.5)
    return [
        Figure(what="acknowledgement while sealing, p50", unit="ms", ours=middle),
        Figure(what="acknowledgement while sealing, p99", unit="ms", ours=quantile(waits, 0.99)),
        Figure(what="held up by sealing at most", unit="ms", ours=max(waits) - middle, goal=Goal(bound=50)),
    ]


def _whole_second() -> int:
    return int(time.time()) * 1_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--ticks", type=int, default=900)
    parser.add_argument("--each", type=int, default=5, help="seconds of all series in one body")
    chosen = parser.parse_args()
    outcome = measure(rounds=chosen.rounds, ticks=chosen.ticks, each=chosen.each)
    print(outcome.method, table(outcome.figures), sep="\n\n")


if __name__ == "__main__":
    main()
