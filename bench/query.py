"""How long a day takes to come back, over HTTP to the last byte; beside VictoriaMetrics.

    python -m bench.query [--series 100] [--rounds 60]

Both hold the same day at 1 s. Random series are asked for, average and maximum by minute, one series and ten at a
time, ours and theirs in turn on a kept-open connection; and a series that doesn't exist, which tells what of it HTTP
costs on both sides and being woken. Neither may answer from a store of answers: theirs gets
`nocache=1`, ours has none. The same questions must have the same answers; that is checked first.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlencode

from bench.figures import Figure, Goal, Outcome, quantile, table
from bench.load import GROUP, Format, Mix, Series
from bench.priority import preferred
from bench.sending import bytes_in, load, merge, pair
from bench.servers import Server
from bench.wire import Connection, get

DAY = 86_400
PEER = "VictoriaMetrics"
GOALS = {"raw": 0.3, "auto": 0.15}
NAMES = {"raw": "raw", "auto": "roll-ups"}


class Differs(Exception):
    """Ours and theirs gave different answers to one question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A day of one series (or of the ten of its group) by minute."""

    series: Series
    ten: bool
    agg: str
    start: int
    """UTC seconds, a whole minute."""

    def ours(self, tier: str) -> bytes:
        """The request to us."""
        fields = {"metric": self.series.metric, "label.group": self.series.group}
        if not self.ten:
            fields["label.host"] = self.series.host
        fields |= {
            "start": str(self.start * 1_000),
            "end": str((self.start + DAY) * 1_000),
            "step": "60s",
            "agg": self.agg,
        }
        if tier != "auto":
            fields["tier"] = tier
        return get("/api/v1/query?" + urlencode(fields))

    def theirs(self) -> bytes:
        """The request to VictoriaMetrics; its window ends at a point's time and holds it, hence the millisecond."""
        host = "" if self.ten else f',host="{self.series.host}"'
        selector = f'{self.series.metric}{{group="{self.series.group}"{host}}}'
        fields = {
            "query": f"{self.agg}_over_time({selector}[1m])",
            "start": f"{self.start + 59.999:.3f}",
            "end": f"{self.start + DAY - 0.001:.3f}",
            "step": "60s",
            "nocache": "1",
        }
        return get("/api/v1/query_range?" + urlencode(fields))


Ways: TypeAlias = dict[str, tuple[Server, Callable[[Question], bytes]]]
"""Who is asked, and how a question is put."""


def measure(*, series: int = 100, rounds: int = 60) -> Outcome:
    """Load a day and ask."""
    mix = Mix(series=series)
    start = (int(time.time()) - DAY - 120) // 60 * 60
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        with ExitStack() as stack:
            servers = pair(stack, Path(scratch))
            figures, priority = _asked(servers, mix, start, rounds)
        figures.append(_size(servers, series * DAY))
    method = (
        f"{series} series × 24 h at 1 s ({series * DAY:,} samples); {rounds} random questions a line, average and "
        "maximum by minute in turn, kept-open connection, first to last byte; nothing answered from a response cache. "
        f"{priority} The last line is what that day takes on disk once both are stopped, theirs merged."
    )
    return Outcome(name="query", method=method, figures=tuple(figures))


def _asked(servers: dict[Format, Server], mix: Mix, start: int, rounds: int) -> tuple[list[Figure], str]:
    """Load the day, check that both tell the same, ask."""
    load(servers, mix, start=start * 1_000, ticks=DAY, each=60)
    ours, theirs = servers["columns"], servers.get("text")
    if theirs:
        merge(theirs)
        _same(ours, theirs, mix, start)
    with preferred(*(server.pid for server in servers.values())) as priority:
        figures = [
            figure for ten in (False, True) for figure in _figures(ours, theirs, mix, start, ten=ten, rounds=rounds)
        ]
        figures.append(_nothing(ours, theirs, mix, start, rounds))
    return figures, priority


def _nothing(ours: Server, theirs: Server | None, mix: Mix, start: int, rounds: int) -> Figure:
    """What a question costs that finds nothing, with the others between as above."""
    real = Question(series=mix.series[0], ten=False, agg="avg", start=start)
    void = replace(real, series=replace(real.series, metric="bench_nothing"))
    ways: Ways = {
        "between": (ours, lambda question: question.ours("auto")),
        "ours": (ours, lambda _: void.ours("auto")),
    }
    if theirs:
        ways |= {
            "between theirs": (theirs, Question.theirs),
            "theirs": (theirs, lambda _: void.theirs()),
        }
    waits = _ask_in_turn(ways, [real] * rounds)
    return Figure(
        what="a series that doesn't exist, p50",
        unit="ms",
        ours=quantile(waits["ours"], 0.5),
        peer=quantile(waits["theirs"], 0.5) if theirs else None,
        peer_name=PEER,
    )


def _size(servers: dict[Format, Server], samples: int) -> Figure:
    sizes = {kind: bytes_in(server.folder) / samples for kind, server in servers.items()}
    return Figure(
        what="bytes a sample of this day, all files",
        unit="B",
        ours=sizes["columns"],
        peer=sizes.get("text"),
        peer_name=PEER,
    )


def _figures(ours: Server, theirs: Server | None, mix: Mix, start: int, *, ten: bool, rounds: int) -> list[Figure]:
    draw = random.Random(11)
    questions = [
        Question(series=draw.choice(mix.series), ten=ten, agg=("avg", "max")[i % 2], start=start) for i in range(rounds)
    ]
    ways: Ways = {
        "raw": (ours, lambda question: question.ours("raw")),
        "auto": (ours, lambda question: question.ours("auto")),
    }
    if theirs:
        ways["theirs"] = (theirs, Question.theirs)
    waits = _ask_in_turn(ways, questions)
    figures = []
    label = f"{GROUP} series" if ten else "one series"
    for way in ("raw", "auto"):
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            peer = quantile(waits["theirs"], share) if theirs else None
            figures.append(
                Figure(
                    what=f"24 h by minute, {label}, from {NAMES[way]}, {name}",
                    unit="ms",
                    ours=quantile(waits[way], share),
                    peer=peer,
                    peer_name=PEER,
                    goal=Goal(bound=GOALS[way], ratio=True) if name == "p50" else None,
                )
            )
    return figures


def _ask_in_turn(ways: Ways, questions: list[Question]) -> dict[str, list[float]]:
    """Milliseconds of each question by each way, A B C A B C …; the first three rounds only warm up."""
    waits: dict[str, list[float]] = {way: [] for way in ways}
    with ExitStack() as stack:
        lines = {way: stack.enter_context(Connection(server.port)) for way, (server, _) in ways.items()}
        for turn, question in enumerate(questions[:3] + questions):
            for way, (_, asked) in ways.items():
                request = asked(question)
                sent = time.perf_counter()
                answer = lines[way].ask(request)
                took = time.perf_counter() - sent
                if answer.status != 200:
                    raise Differs(f"{way} answered {answer.status}: {answer.body[:300]!r}")
                if turn >= 3:
                    waits[way].append(took * 1e3)
    return waits


def _same(ours: Server, theirs: Server, mix: Mix, start: int) -> None:
    """Ask both the same things and compare point by point.

    Raises:
        Differs: a series, a time or a value isn't the same.
    """
    with Connection(ours.port) as left, Connection(theirs.port) as right:
        for one in (mix.series[3], mix.series[-4]):
            for agg in ("avg", "max", "min", "sum", "count", "last"):
                question = Question(series=one, ten=True, agg=agg, start=start)
                expected = _theirs(right.ask(question.theirs()).body)
                for tier in ("raw", "auto"):
                    _compare(_ours(left.ask(question.ours(tier)).body), expected, f"{agg} of {one.selector} ({tier})")


def _compare(got: dict[str, dict[int, float]], expected: dict[str, dict[int, float]], what: str) -> None:
    if got.keys() != expected.keys():
        raise Differs(f"{what}: series {sorted(got)} here, {sorted(expected)} there")
    for host, points in expected.items():
        if points.keys() != got[host].keys():
            raise Differs(f"{what}: {host} has {len(got[host])} points here, {len(points)} there")
        wrong = [at for at, value in points.items() if not math.isclose(value, got[host][at], rel_tol=1e-9)]
        if wrong:
            raise Differs(f"{what}: {host} at {wrong[0]}: {got[host][wrong[0]]} here, {points[wrong[0]]} there")


def _ours(body: bytes) -> dict[str, dict[int, float]]:
    return {
        one["labels"]["host"]: {at // 1_000: value for at, value in one["points"]} for one in json.loads(body)["series"]
    }


def _theirs(body: bytes) -> dict[str, dict[int, float]]:
    result = json.loads(body)["data"]["result"]
    return {one["metric"]["host"]: {round(at - 59.999): float(value) for at, value in one["values"]} for one in result}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--series", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=60)
    chosen = parser.parse_args()
    outcome = measure(series=chosen.series, rounds=chosen.rounds)
    print(outcome.method, table(outcome.figures), sep="\n\n")


if __name__ == "__main__":
    main()
