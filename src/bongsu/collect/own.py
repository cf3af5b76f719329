"""What users measure: the class that the guide extends, and finding collectors in modules of theirs."""

from __future__ import annotations

import importlib
import inspect
import logging
import re
import sys
import threading
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, TypeGuard

from bongsu.clock import SystemClock
from bongsu.collect.host import reading_collectors
from bongsu.collect.measured import Measured, number
from bongsu.model.label_text import label_text, labels_from_text
from bongsu.model.metric import Metric
from bongsu.model.sample import Sample
from bongsu.ports import Clock, Collector

ENTRY_POINTS = "bongsu.collectors"
"""The group under which installed packages offer collectors."""

_SLIVER = 0.1
"""Seconds between two readings below which a rate tells nothing."""

_log = logging.getLogger(__name__)


class MetricsCollector:
    """Metrics of one's own by a class: add a method, call it in `get_realtime_metrics()`.

        class Shop(MetricsCollector):
            def get_open_orders(self):
                return {"market=naver": 12, "market=coupang": 7}

            def get_realtime_metrics(self):
                metrics = super().get_realtime_metrics()
                metrics["orders_open"] = self.get_open_orders()
                return metrics

    By itself `get_realtime_metrics()` gives this machine's readings of now. Handed to a monitor or named in the setting
    `collectors`, what a subclass adds is stored, pushed, drawn and exported; the machine's own metrics are not
    sent a second time. `get_realtime_metrics` may block (it runs in a thread) or be a coroutine.
    """

    interval: float = 1.0
    """Seconds between two readings."""

    metrics: ClassVar[tuple[Metric, ...]] = ()
    """Catalogue entries (unit, sentences) for what is added; without, the name tells what it can."""

    _machine: _Machine | None = None

    @property
    def name(self) -> str:
        """The class's name in snake_case, which names it among the collectors."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()

    def get_realtime_metrics(self) -> dict[str, Any]:
        """This machine now: `{name: value}`, or `{name: {"core=0": value}}` where there are labels.

        Rates are over the time since the call before, but no less than a tenth of a second: sooner, it waits.
        """
        if self._machine is None:  # not in __init__: subclasses have their own, and forget to call ours
            self._machine = _Machine(SystemClock())
        return self._machine.read()

    def collect(self) -> Iterable[Sample] | Awaitable[Iterable[Sample]]:
        """What a subclass adds to the machine's readings, as samples.

        Raises:
            TypeError: a value is no number.
        """
        given: Any = self.get_realtime_metrics()
        return self._later(given) if inspect.isawaitable(given) else self._added(given)

    def close(self) -> None:
        """Let go of what is held open."""
        if self._machine is not None:
            self._machine.close()

    async def _later(self, given: Awaitable[Mapping[str, Any]]) -> Iterable[Sample]:
        return self._added(await given)

    def _added(self, given: Mapping[str, Any]) -> list[Sample]:
        known = self._machine.names if self._machine is not None else frozenset()
        return [sample for name, value in given.items() if name not in known for sample in samples_of(name, value)]


class _Machine:
    """This machine, read on demand; two readings are never closer than a sliver, so that rates mean something."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._collectors = reading_collectors(clock=clock)
        self._lock = threading.Lock()
        self.names: frozenset[str] = frozenset()
        self._samples()

    def _samples(self) -> list[Sample]:
        samples = [sample for collector in self._collectors for sample in collector.collect()]
        self._moment = self._clock.monotonic()
        return samples

    def read(self) -> dict[str, Any]:
        with self._lock:
            missing = self._moment + _SLIVER - self._clock.monotonic()
            if missing > 0:
                threading.Event().wait(missing)
            found = by_name(self._samples())
            self.names |= found.keys()
        return found

    def close(self) -> None:
        for collector in self._collectors:
            collector.close()


def by_name(samples: Iterable[Sample]) -> dict[str, Any]:
    """`{name: value}`, or `{name: {label text: value}}` where there are labels."""
    found: dict[str, Any] = {}
    for sample in samples:
        if sample.labels:
            found.setdefault(sample.metric, {})[label_text(sample.labels)] = sample.value
        else:
            found[sample.metric] = sample.value
    return found


def samples_of(name: str, value: Any) -> Iterator[Sample]:
    """The samples that one entry of such a dictionary means; None means no reading now.

    Raises:
        TypeError: a value is no number.
    """
    if isinstance(value, Mapping):
        for text, one in value.items():
            if one is not None:
                yield Sample(metric=name, value=number(f"{name}[{text}]", one), labels=labels_from_text(str(text)))
    elif value is not None:
        yield Sample(metric=name, value=number(name, value))


class CollectorError(Exception):
    """A collector that was asked for can't be had; the text says which, why and what to do."""


def load_collectors(dotted: str) -> list[Collector]:
    """The collectors of a module (`my_shop`), or one thing of it (`my_shop:orders_open`).

    The module is looked for where Python looks, and in the working directory.

    Raises:
        CollectorError: there is no such thing, it can't be imported, or it holds no collector.
    """
    path, _, attribute = dotted.partition(":")
    module = _import(path, dotted)
    if attribute and not hasattr(module, attribute):
        raise CollectorError(f"collectors: {dotted!r}: module {path!r} has no {attribute!r}")
    return collectors_in(getattr(module, attribute) if attribute else module, called=dotted)


def collectors_in(thing: object, *, called: str = "") -> list[Collector]:
    """The collectors that a thing is or holds; `called` is what an error calls it.

    A collector itself; a class, made without arguments; an object with decorated methods; a module's decorated
    functions, subclasses of MetricsCollector made there and objects that are collectors; a text is loaded.

    Raises:
        CollectorError: it holds none, or a class can't be made without arguments.
    """
    if isinstance(thing, str):
        return load_collectors(thing)
    if isinstance(thing, ModuleType):
        found = _of_module(thing)
    else:
        one = _made(thing) if isinstance(thing, type) else thing
        found = [one] if isinstance(one, Measured) else [*([one] if _collects(one) else []), *_methods(one)]
    if not found:
        raise CollectorError(
            f"collectors: {called or repr(thing)!r:.80} holds no collector; decorate a function with @metric(…), "
            "subclass MetricsCollector, or give an object with name, interval and collect()"
        )
    return found


def _of_module(module: ModuleType) -> list[Collector]:
    found: dict[int, Collector] = {}  # by identity: a module may have two names for one thing
    for value in vars(module).values():
        if isinstance(value, type):
            if issubclass(value, MetricsCollector) and value.__module__ == module.__name__:
                found[id(value)] = _made(value)
        elif _collects(value):
            found[id(value)] = value
    return list(found.values())


def _collects(thing: object) -> TypeGuard[Collector]:
    return isinstance(thing, Collector) and not isinstance(thing, type | ModuleType)


def installed_collectors() -> list[Collector]:
    """What installed packages offer under the entry-point group `bongsu.collectors`; faulty ones are logged."""
    found: list[Collector] = []
    for point in entry_points(group=ENTRY_POINTS):
        try:
            found += collectors_in(point.load())
        except Exception as error:  # noqa: BLE001 - somebody else's package must not keep monitoring from starting
            _log.warning("collector package %s can't be loaded: %s: %s", point.name, type(error).__name__, error)
    return found


def _import(path: str, dotted: str) -> ModuleType:
    here = str(Path.cwd())
    added = here not in sys.path and "" not in sys.path
    if added:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name is None or not (path == error.name or path.startswith(f"{error.name}.")):
            raise CollectorError(f"collectors: {dotted!r} needs the module {error.name!r}: install it") from error
        raise CollectorError(
            f"collectors: there is no module {path!r}, neither on Python's path nor in {here}; check the spelling"
        ) from error
    except Exception as error:
        raise CollectorError(f"collectors: {dotted!r} can't be imported: {type(error).__name__}: {error}") from error
    finally:
        if added:
            sys.path.remove(here)


def _made(kind: type) -> Any:
    try:
        return kind()
    except TypeError as error:
        raise CollectorError(f"collectors: {kind.__name__} can't be made without arguments: {error}") from error


def _methods(thing: object) -> list[Collector]:
    names = [name for name, value in inspect.getmembers_static(type(thing)) if isinstance(value, Measured)]
    return [getattr(thing, name) for name in names]
