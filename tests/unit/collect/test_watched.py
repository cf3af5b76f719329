"""Our own parts, gathered."""

from __future__ import annotations

from collections.abc import Iterable

from bongsu.collect.watched import SelfCollector
from bongsu.model.sample import Sample


class Part:
    def __init__(self, name: str) -> None:
        self.name = name

    def figures(self) -> Iterable[Sample]:
        yield Sample(metric=f"bongsu_{self.name}", value=1)


def test_the_figures_of_all_parts() -> None:
    """Each part's figures in order."""
    collector = SelfCollector([Part("a"), Part("b")], interval=2)
    assert [sample.metric for sample in collector.collect()] == ["bongsu_a", "bongsu_b"]
    assert (collector.name, collector.interval) == ("bongsu", 2)
