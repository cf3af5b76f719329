"""Beside VictoriaMetrics, with a wide margin: no query slips by a multiple unseen; `make bench` measures in earnest.

(What taking samples in and keeping them cost is in tests/integration: other programs at work don't change it.)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from bench.figures import quantile
from bench.load import Format
from bench.query import Question
from bench.wire import Connection

from tests.integration.peers import loaded

pytestmark = pytest.mark.slow

ROUNDS = 30


def test_a_query_takes_no_multiple(tmp_path: Path, program: Callable[..., str]) -> None:
    """An hour by minute takes at most three times as long as theirs, in the middle of thirty asked in turn."""
    program("victoria-metrics", "victoria-metrics-prod")
    waits: dict[Format, list[float]] = {"columns": [], "text": []}
    with loaded(tuple(waits), lambda kind: tmp_path / kind, least=1.0) as peers, ExitStack() as stack:
        lines = {kind: stack.enter_context(Connection(peers.servers[kind].port)) for kind in waits}
        for i in range(ROUNDS):
            question = Question(series=peers.mix.series[7 * i], ten=False, agg="avg", start=peers.start)
            requests: dict[Format, bytes] = {"columns": question.ours("auto"), "text": question.theirs()}
            for kind, request in requests.items():
                sent = time.perf_counter()
                answer = lines[kind].ask(request)
                waits[kind].append(time.perf_counter() - sent)
                assert answer.status == 200
    middle = {kind: quantile(found, 0.5) for kind, found in waits.items()}
    assert middle["columns"] < 3 * middle["text"], middle
