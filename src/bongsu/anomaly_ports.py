"""The sockets of anomaly detection, as Protocols: a detector, and what screens may ask of the stage."""

from __future__ import annotations

from typing import Protocol

from bongsu.model.anomaly import Anomaly, Band, Verdict
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Float64s, Int64s, Labels


class Detector(Protocol):
    """Scores readings of many series at once, each by what came before it. A series is a row: a small integer."""

    @property
    def method(self) -> str:
        """Its name in the settings."""
        ...

    @property
    def threshold(self) -> float:
        """The score above which a reading is out of the ordinary."""
        ...

    @property
    def row_bytes(self) -> int:
        """Memory one series takes, however long it runs."""
        ...

    def score(self, rows: Int64s, at: Int64s, value: Float64s, /) -> Verdict:
        """Judge one reading of each row by the readings before it, then learn it.

        A row stands at most once; `at` (UTC ms) rises from call to call. NaN where too little is known yet.
        """
        ...

    def band(self, rows: Int64s, at: Int64s, /) -> tuple[Float64s, Float64s]:
        """Between what the next reading of each row is expected; NaN where unknown. Learns nothing."""
        ...

    def forget(self, rows: Int64s) -> None:
        """Make these rows as new: they will belong to other series."""
        ...


class Anomalies(Protocol):
    """What was out of the ordinary, and what is expected."""

    @property
    def enabled(self) -> bool:
        """Whether anything is watched; it can be switched off and on while all runs."""
        ...

    async def recent(
        self, *, metric: str | None = None, labels: Labels = (), start: int, end: int, limit: int = 1_000
    ) -> list[Anomaly]:
        """Anomalies with start ≤ at < end that were told, newest first, of the selected series."""
        ...

    async def bands(self, query: RangeQuery) -> list[Band]:
        """What was expected of each selected series, worked out again from history, reading by reading."""
        ...
