"""Beside VictoriaMetrics, with wide margins: nothing slips by a multiple unseen; `make bench` measures in earnest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from bench.cpu import cpu_seconds, settle
from bench.figures import quantile
from bench.load import Format, Mix
from bench.query import Question
from bench.sending import WIDE, deliver_all, merge
from bench.servers import Server, bongsu, victoria
from bench.wire import Connection

pytestmark = pytest.mark.slow

SERIES = 220
TICKS = 3_600
EACH = 30
SAMPLES = SERIES * TICKS
ROUNDS = 30


@dataclass(slots=True, kw_only=True)
class Loaded:
    """Three servers with the same hour, what each sample cost them, and the hour's start (UTC seconds)."""

    mix: Mix
    start: int
    servers: dict[Format, Server]
    cost: dict[Format, float]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, program: Callable[..., str]) -> Iterator[Loaded]:
    """An hour of the mix in ours as rows, in ours as columns, and in VictoriaMetrics as text; bodies in turn."""
    program("victoria-metrics", "victoria-metrics-prod")
    mix, start = Mix(series=SERIES), (int(time.time()) - TICKS - 120) // 60 * 60
    with ExitStack() as stack:
        servers: dict[Format, Server] = {
            "rows": stack.enter_context(bongsu(tmp_path_factory.mktemp("rows"), env=WIDE)),
            "columns": stack.enter_context(bongsu(tmp_path_factory.mktemp("columns"), env=WIDE)),
            "text": stack.enter_context(victoria(tmp_path_factory.mktemp("text"))),
        }
        before = {kind: cpu_seconds(server.pid) for kind, server in servers.items()}
        for bodies in mix.bodies(tuple(servers), start=start * 1_000, ticks=TICKS, each=EACH):
            for kind, server in servers.items():
                deliver_all(server, kind, [bodies[kind]])
        for server in servers.values():
            settle(server.pid, quiet=0.2, least=2.0, limit=10.0)
        cost = {kind: (cpu_seconds(server.pid) - before[kind]) / SAMPLES for kind, server in servers.items()}
        yield Loaded(mix=mix, start=start, servers=servers, cost=cost)


def test_taking_samples_in_costs_no_multiple(loaded: Loaded) -> None:
    """A sample as columns costs at most twice, as a row at most four times the CPU of a sample of text import."""
    assert loaded.cost["columns"] < 2 * loaded.cost["text"], loaded.cost
    assert loaded.cost["rows"] < 4 * loaded.cost["text"], loaded.cost


def test_a_query_takes_no_multiple(loaded: Loaded) -> None:
    """An hour by minute takes at most three times as long as theirs, in the middle of thirty asked in turn."""
    waits: dict[Format, list[float]] = {"columns": [], "text": []}
    with ExitStack() as stack:
        lines = {kind: stack.enter_context(Connection(loaded.servers[kind].port)) for kind in waits}
        for i in range(ROUNDS):
            question = Question(series=loaded.mix.series[7 * i], ten=False, agg="avg", start=loaded.start)
            requests: dict[Format, bytes] = {"columns": question.ours("auto"), "text": question.theirs()}
            for kind, request in requests.items():
                sent = time.perf_counter()
                answer = lines[kind].ask(request)
                waits[kind].append(time.perf_counter() - sent)
                assert answer.status == 200
    middle = {kind: quantile(found, 0.5) for kind, found in waits.items()}
    assert middle["columns"] < 3 * middle["text"], middle


def test_a_sample_takes_no_multiple_on_disk(loaded: Loaded) -> None:
    """At rest, all files counted, a sample takes at most 1.3 times the bytes of theirs."""
    merge(loaded.servers["text"])
    loaded.servers["columns"].stop()
    loaded.servers["text"].stop()
    ours, theirs = (_bytes(loaded.servers[kind].folder) / SAMPLES for kind in ("columns", "text"))
    assert ours < 1.3 * theirs, (ours, theirs)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
