"""What a pushed sample costs, from its body on the wire until everything is written; beside VictoriaMetrics' text
import.

    python -m bench.ingest [--rounds 4] [--ticks 900]

Three servers run at the same time (ours for rows, ours for columns, VictoriaMetrics) and take the same samples in
turn, twenty bodies each, one connection. The cost is the CPU of a server's process tree from the first byte
until it is quiet again: compressing, merging and writing later counts as well. The last figures pace small bodies,
to ours and to theirs in turn, while blocks are sealed, and show how long an acknowledgement can be held up.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bench.cpu import cpu_seconds, settle
from bench.figures import Figure, Goal, Outcome, quantile, table
from bench.load import Format, Mix
from bench.priority import preferred
from bench.sending import deliver, deliver_all, request_of
from bench.servers import Missing, Server, bongsu, victoria
from bench.wire import Connection, get

PEER = "VictoriaMetrics"
_IN_A_ROW = 20
"""Bodies sent to one server before the next one gets the same."""
_PACE = 50
"""Bodies a second while acknowledgements are watched."""
_TOLD_EVERY = 6.0
"""Seconds after which our own figures are certainly new."""


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
            bodies = mix.bodies(tuple(servers), start=start + turn * ticks * 1_000, ticks=ticks, each=each)
            _round(costs, servers, bodies, ticks * series)
            told = ", ".join(f"{kind} {cost.rounds[-1]:.2f}" for kind, cost in costs.items())
            print(f"  round {turn + 1}: {told} µs a sample", flush=True)
        paced_from = start + rounds * ticks * 1_000
        before = _sealed(servers["rows"])
        chosen: dict[Format, Server] = {kind: servers[kind] for kind in ("rows", "text") if kind in servers}
        with preferred(*(server.pid for server in chosen.values())) as priority:
            waits = _paced(chosen, mix, start=paced_from, seconds=pace_seconds)
        sealed = _sealed(servers["rows"]) - before
    method = (
        f"{rounds} rounds of {ticks * series:,} samples a format ({series:,} series, {each * series:,} a body), "
        "to each in turn, one connection; CPU of the process tree until it is quiet again. Held up: bodies of "
        f"{series:,} rows at 50 a second for {pace_seconds} s, in which {sealed:,} blocks were sealed; the longest "
        f"acknowledgement less the median. {priority}"
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


def _round(
    costs: dict[Format, Cost], servers: dict[Format, Server], bodies: Iterator[dict[Format, bytes]], samples: int
) -> None:
    """Some bodies to each server in turn, so that all have the same neighbours; then wait until all are quiet."""
    before = {kind: cpu_seconds(server.pid) for kind, server in servers.items()}
    while some := list(islice(bodies, _IN_A_ROW)):
        for kind, server in servers.items():
            costs[kind].wall += deliver_all(server, kind, [one[kind] for one in some])
    for kind, server in servers.items():
        settle(server.pid)
        spent = cpu_seconds(server.pid) - before[kind]
        costs[kind].cpu += spent
        costs[kind].samples += samples
        costs[kind].rounds.append(spent / samples * 1e6)


def _paced(servers: dict[Format, Server], mix: Mix, *, start: int, seconds: int) -> dict[Format, list[float]]:
    """Milliseconds each acknowledgement took, one tick a body, 50 bodies a second to each server in turn."""
    bodies = mix.bodies(tuple(servers), start=start, ticks=seconds * _PACE, each=1)
    requests = [{kind: request_of(kind, body) for kind, body in one.items()} for one in bodies]
    waits: dict[Format, list[float]] = {kind: [] for kind in servers}
    with ExitStack() as stack:
        lines = {kind: stack.enter_context(Connection(server.port)) for kind, server in servers.items()}
        due = time.perf_counter()
        for one in requests:
            due = max(due + 1 / _PACE, time.perf_counter() - 1)
            time.sleep(max(0.0, due - time.perf_counter()))
            for kind, request in one.items():
                sent = time.perf_counter()
                deliver(lines[kind], request)
                waits[kind].append((time.perf_counter() - sent) * 1e3)
    return waits


def _sealed(server: Server) -> int:
    """Blocks sealed so far; told every few seconds."""
    time.sleep(_TOLD_EVERY)
    with Connection(server.port) as connection:
        lines = connection.ask(get("/metrics")).body.decode().splitlines()
    return round(sum(float(line.split()[1]) for line in lines if line.startswith("bongsu_history_sealed_total")))


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


def _held_up(waits: dict[Format, list[float]]) -> list[Figure]:
    lines: tuple[tuple[str, Callable[[list[float]], float], Goal | None], ...] = (
        ("acknowledgement while sealing, p50", lambda read: quantile(read, 0.5), None),
        ("acknowledgement while sealing, p99", lambda read: quantile(read, 0.99), None),
        ("held up by sealing at most", lambda read: max(read) - quantile(read, 0.5), Goal(bound=50)),
    )
    return [
        Figure(
            what=what,
            unit="ms",
            ours=read(waits["rows"]),
            peer=read(waits["text"]) if "text" in waits else None,
            peer_name=f"{PEER}, text",
            goal=goal,
        )
        for what, read, goal in lines
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
