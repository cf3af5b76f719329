"""Our own parts, watched with the machinery that watches everything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bongsu.model.sample import Sample
from bongsu.ports import Watched


class SelfCollector:
    """Gathers the figures of all parts."""

    name = "bongsu"
    inline = True

    def __init__(self, parts: Sequence[Watched], *, interval: float = 5.0) -> None:
        self.interval = interval
        self._parts = tuple(parts)

    def collect(self) -> Iterable[Sample]:
        """The present figures of every part."""
        return [sample for part in self._parts for sample in part.figures()]
