"""A metric of one's own from one function: the decorator `metric`."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from bongsu.model.metric import Kind, Metric, Topic, undeclared
from bongsu.model.sample import Labels, Sample, labels_of

P = ParamSpec("P")
R = TypeVar("R")


class Measured(Generic[P, R]):
    """A function that is also a collector: call it as before, or hand it to a monitor, which reads it at intervals.

    On a class it stands for a method; each object then has its own.
    """

    def __init__(
        self,
        function: Callable[P, R],
        *,
        entry: Metric,
        by: tuple[str, ...],
        labels: Labels,
        interval: float,
        timeout: float | None,
        inline: bool,
    ) -> None:
        update_wrapper(self, function)
        self.function = function
        self.entry = entry
        self.name = entry.name
        self.interval = interval
        self.timeout = timeout
        self.inline = inline
        self.metrics = (entry,)
        """What the catalogue should know."""
        self.awaits = inspect.iscoroutinefunction(inspect.unwrap(function))
        """Whether reading it gives something to await."""
        self._by = by
        self._labels = labels

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Measured[..., R]:
        if instance is None:
            return self
        return Measured(
            self.function.__get__(instance, owner),
            entry=self.entry,
            by=self._by,
            labels=self._labels,
            interval=self.interval,
            timeout=self.timeout,
            inline=self.inline,
        )

    def collect(self) -> Iterable[Sample] | Awaitable[Iterable[Sample]]:
        """One reading, as samples.

        Raises:
            TypeError: the function gave back something that is no reading.
        """
        given: Any = self.function()  # type: ignore[call-arg]  # what is read takes no arguments
        return self._later(given) if inspect.isawaitable(given) else self.samples(given)

    async def _later(self, given: Awaitable[Any]) -> Iterable[Sample]:
        return self.samples(await given)

    def samples(self, given: object) -> list[Sample]:
        """The samples that a reading means: a number, numbers by label value, samples, or None for nothing now.

        Raises:
            TypeError: it is no reading.
        """
        if given is None:
            return []
        if isinstance(given, Mapping):
            return [
                Sample(metric=self.name, value=number(self.name, value), labels=self._of(key))
                for key, value in given.items()
                if value is not None
            ]
        if isinstance(given, Iterable) and not isinstance(given, str | bytes):
            found = list(given)
            if not all(isinstance(one, Sample) for one in found):
                raise TypeError(f"{self.name}: expected a number, numbers by label, or samples; got {found!r:.80}")
            return found
        return [Sample(metric=self.name, value=number(self.name, given), labels=self._labels)]

    def _of(self, key: object) -> Labels:
        values = key if isinstance(key, tuple) else (key,)
        if len(values) != len(self._by):
            wanted = (
                f"{len(self._by)} label values ({', '.join(self._by)})" if self._by else "no labels: name them with by="
            )
            raise TypeError(f"{self.name}: {key!r} doesn't fit, the metric has {wanted}")
        return labels_of({**dict(self._labels), **dict(zip(self._by, map(str, values), strict=True))})


def number(metric: str, value: object) -> float:
    """The value as a number.

    Raises:
        TypeError: it is none.
    """
    try:
        if not isinstance(value, str | bytes):  # "12" would pass, and "twelve" fail at night
            return float(value)  # type: ignore[arg-type]  # anything that floats: int, bool, Decimal, numpy's
    except (TypeError, ValueError):
        pass
    raise TypeError(f"{metric}: expected a number, got {value!r:.80}")


def metric(
    name: str,
    *,
    unit: str | None = None,
    by: str | Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
    interval: float = 1.0,
    timeout: float | None = None,
    inline: bool = False,
    kind: Kind | None = None,
    topic: Topic | None = None,
    ko: str = "",
    en: str = "",
    title_ko: str = "",
    title_en: str = "",
) -> Callable[[Callable[P, R]], Measured[P, R]]:
    """Make a metric of a function that takes nothing and gives a number, numbers by label value, or samples.

        @metric("orders_open", unit="건", by="market", interval=5, ko="아직 처리되지 않은 주문 수입니다.")
        def orders_open() -> dict[str, int]:
            return {"naver": 12, "coupang": 7}

    It may be a coroutine. Nothing is registered: hand it to `RealTimeMonitor(collectors=[orders_open])`, or name its
    module in the setting `collectors`. A plain function is read in a thread and may block; with `inline=True` on the
    event loop, which it must not hold up.

    Args:
        name: snake_case, with the unit as suffix where it isn't per cent; a counter ends in `_total`.
        unit: what a screen shows behind the figure; else what the name tells.
        by: the label or labels whose values are the keys of the mapping (tuples for several).
        labels: label pairs that each sample carries.
        interval: seconds between two readings.
        timeout: seconds after which a reading counts as hung; else twice the interval, at least 10.
        kind: "gauge" or "counter"; else what the name tells.
        topic: where it is shown; else what the name tells.
        ko: a sentence in Korean. `title_ko` is the few words a tile carries.
        en: a sentence in English. `title_en` is the few words a tile carries.
    """
    told = undeclared(name)
    names = (by,) if isinstance(by, str) else tuple(by)
    fixed = labels_of(labels or {})
    entry = Metric(
        name=name,
        kind=kind or told.kind,
        unit=told.unit if unit is None else unit,
        topic=topic or told.topic,
        title_ko=title_ko or title_en or name,
        title_en=title_en or name,
        ko=ko or en,
        en=en,
        labels=(*names, *(label for label, _ in fixed)),
    )

    def wrap(function: Callable[P, R]) -> Measured[P, R]:
        return Measured(
            function, entry=entry, by=names, labels=fixed, interval=interval, timeout=timeout, inline=inline
        )

    return wrap
