"""The catalogue: every metric we make, with its kind, unit and sentence in Korean and English.

REST, exposition, documents and screens read it; a test fails when a metric is emitted that isn't here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bongsu.model import metrics_host, metrics_own
from bongsu.model.metric import Metric, undeclared


class Catalogue:
    """Metrics by name: the built-in ones and those that users declare. Bounded only by what is declared."""

    def __init__(self, metrics: Iterable[Metric] = ()) -> None:
        self._metrics = {metric.name: metric for metric in metrics}

    def declare(self, metric: Metric) -> None:
        """Add a metric, or replace its entry."""
        self._metrics[metric.name] = metric

    def get(self, name: str) -> Metric:
        """The metric's entry; for one that nobody declared, what its name tells."""
        return self._metrics.get(name) or undeclared(name)

    def __contains__(self, name: str) -> bool:
        return name in self._metrics

    def __iter__(self) -> Iterator[Metric]:
        return iter(self._metrics.values())


def builtin() -> Catalogue:
    """A catalogue holding every metric that Bongsu itself makes."""
    return Catalogue(METRICS)


METRICS: tuple[Metric, ...] = (*metrics_host.METRICS, *metrics_own.METRICS)
"""What the machine and our own processes give; the other rooms keep the figures of their own in theirs."""
