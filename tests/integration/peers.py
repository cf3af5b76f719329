"""Ours beside VictoriaMetrics, all with the same hour: for tests of what they cost and of how fast they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.cpu import cpu_seconds, settle
from bench.load import Format, Mix
from bench.sending import WIDE, deliver_all
from bench.servers import Server, bongsu, victoria

SERIES = 220
TICKS = 3_600
EACH = 30
SAMPLES = SERIES * TICKS


@dataclass(slots=True, kw_only=True)
class Loaded:
    """Servers with the same hour, what each sample cost them, and the hour's start (UTC seconds)."""

    mix: Mix
    start: int
    servers: dict[Format, Server]
    cost: dict[Format, float]


@contextmanager
def loaded(kinds: Sequence[Format], folder: Callable[[str], Path], *, least: float = 2.0) -> Iterator[Loaded]:
    """An hour of the mix in ours as rows or as columns, in VictoriaMetrics as text; bodies in turn."""
    mix, start = Mix(series=SERIES), (int(time.time()) - TICKS - 120) // 60 * 60
    with ExitStack() as stack:
        servers = {
            kind: stack.enter_context(victoria(folder(kind)) if kind == "text" else bongsu(folder(kind), env=WIDE))
            for kind in kinds
        }
        before = {kind: cpu_seconds(server.pid) for kind, server in servers.items()}
        for bodies in mix.bodies(tuple(servers), start=start * 1_000, ticks=TICKS, each=EACH):
            for kind, server in servers.items():
                deliver_all(server, kind, [bodies[kind]])
        for server in servers.values():
            settle(server.pid, quiet=0.2, least=least, limit=10.0)
        cost = {kind: (cpu_seconds(server.pid) - before[kind]) / SAMPLES for kind, server in servers.items()}
        yield Loaded(mix=mix, start=start, servers=servers, cost=cost)
