"""The guide's class, and collectors found in modules."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from bongsu.collect.measured import metric
from bongsu.collect.own import (
    CollectorError,
    MetricsCollector,
    by_name,
    collectors_in,
    installed_collectors,
    load_collectors,
    samples_of,
)
from bongsu.model.sample import Sample, labels_of
from bongsu.ports import Collector


class OpenOrders(MetricsCollector):
    """As the guide has it: a method more, called in get_realtime_metrics."""

    def __init__(self) -> None:
        self.orders = {"market=naver": 12, "market=coupang": 7}

    def get_open_orders(self) -> dict[str, int]:
        return self.orders

    def get_realtime_metrics(self) -> dict[str, Any]:
        metrics = super().get_realtime_metrics()
        metrics["orders_open"] = self.get_open_orders()
        metrics["orders_late"] = 3
        return metrics


@pytest.mark.guide("G117")
def test_a_method_added_becomes_a_metric() -> None:
    """What the subclass adds comes as samples; the machine's own readings aren't sent twice."""
    collector = OpenOrders()
    assert isinstance(collector, Collector)
    assert collector.name == "open_orders"
    samples = collector.collect()
    assert not isinstance(samples, Awaitable)
    assert [(one.metric, dict(one.labels), one.value) for one in samples] == [
        ("orders_open", {"market": "naver"}, 12),
        ("orders_open", {"market": "coupang"}, 7),
        ("orders_late", {}, 3),
    ]
    collector.close()


@pytest.mark.guide("G117")
def test_the_machine_by_hand() -> None:
    """By itself the class reads the machine: at the first call already with rates."""
    collector = MetricsCollector()
    found = collector.get_realtime_metrics()
    assert 0 <= found["cpu_usage"] <= 100
    assert 0 < found["memory_usage"] < 100
    assert any(text.startswith("mount=") for text in found["disk_usage"])
    assert list(collector.collect()) == []  # type: ignore[arg-type]
    collector.close()


def test_one_that_does_not_ask_the_machine() -> None:
    """Without calling super() everything it gives is its own, and nothing of the machine is read."""

    class Bare(MetricsCollector):
        interval = 30.0

        def get_realtime_metrics(self) -> dict[str, Any]:
            return {"cpu_usage": 1, "nothing": None}

    bare = Bare()
    assert list(bare.collect()) == [Sample(metric="cpu_usage", value=1)]  # type: ignore[arg-type]
    assert bare.interval == 30
    bare.close()


async def test_a_coroutine_may_be_its_method() -> None:
    """`async def get_realtime_metrics` is awaited on the loop."""

    class Later(MetricsCollector):
        async def get_realtime_metrics(self) -> dict[str, Any]:  # type: ignore[override]
            await asyncio.sleep(0)
            return {"later": 1}

    given = Later().collect()
    assert isinstance(given, Awaitable)
    assert list(await given) == [Sample(metric="later", value=1)]


def test_a_value_that_is_no_number_is_told() -> None:
    """The error names the metric and its label."""
    with pytest.raises(TypeError, match=r"orders_open\[market=naver\]: expected a number, got 'many'"):
        list(samples_of("orders_open", {"market=naver": "many"}))


def test_samples_and_dictionaries_match() -> None:
    """What by_name writes, samples_of reads."""
    samples = [
        Sample(metric="a", value=1),
        Sample(metric="b", value=2, labels=labels_of(mount="/a,b=c")),
        Sample(metric="b", value=3, labels=labels_of(x="1", y="2")),
    ]
    found = by_name(samples)
    assert found["a"] == 1
    assert [one for name, value in found.items() for one in samples_of(name, value)][0::2] == samples[0::2]


SHOP = """
from bongsu.collect.measured import metric
from bongsu.collect.own import MetricsCollector
from bongsu.model.sample import Sample

@metric("orders_open")
def orders_open():
    return 5

@metric("orders_late")
async def orders_late():
    return 1

class Stock(MetricsCollector):
    pass

class Made:
    name = "made"
    interval = 2.0
    def collect(self):
        return [Sample(metric="made", value=1)]

made = Made()
again = made
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))

    return write


def test_everything_of_a_module_in_the_working_directory(module: Callable[[str, str], None]) -> None:
    """Decorated functions, subclasses made there, ready objects: each once; imported names are left alone."""
    module("shop_one", SHOP)
    assert [one.name for one in load_collectors("shop_one")] == ["orders_open", "orders_late", "stock", "made"]


def test_one_thing_of_a_module(module: Callable[[str, str], None]) -> None:
    """`module:name` takes a function, a class or an object."""
    module("shop_two", SHOP)
    assert [one.name for one in load_collectors("shop_two:orders_late")] == ["orders_late"]
    assert [one.name for one in load_collectors("shop_two:Stock")] == ["stock"]
    assert [one.name for one in load_collectors("shop_two:made")] == ["made"]


@pytest.mark.parametrize(
    ("dotted", "told"),
    [
        ("shop_none", "there is no module 'shop_none'"),
        ("shop_three:nothing", "module 'shop_three' has no 'nothing'"),
        ("shop_three:LIMIT", "holds no collector; decorate a function"),
        ("shop_three:Needy", "Needy can't be made without arguments"),
        ("shop_broken", "can't be imported: ZeroDivisionError"),
        ("shop_needs", "needs the module 'not_installed_anywhere': install it"),
    ],
)
def test_what_cannot_be_loaded_is_told(module: Callable[[str, str], None], dotted: str, told: str) -> None:
    """Each fault says which setting, what is wrong and what to do."""
    module(
        "shop_three",
        """
        from bongsu.collect.own import MetricsCollector
        LIMIT = 3
        class Needy(MetricsCollector):
            def __init__(self, url):
                self.url = url
        """,
    )
    module("shop_broken", "1 / 0")
    module("shop_needs", "import not_installed_anywhere")
    with pytest.raises(CollectorError, match=r"^collectors: |^collectors") as raised:
        load_collectors(dotted)
    assert told in str(raised.value)


def test_decorated_methods_of_an_object() -> None:
    """An object's methods are collectors of that object."""

    class Queues:
        @metric("queue_a")
        def first(self) -> int:
            return 1

        @metric("queue_b")
        def second(self) -> int:
            return 2

    assert sorted(one.name for one in collectors_in(Queues())) == ["queue_a", "queue_b"]
    assert sorted(one.name for one in collectors_in(Queues)) == ["queue_a", "queue_b"]


@pytest.mark.parametrize("thing", [ModuleType("empty"), 3, lambda: 3, object()])
def test_what_holds_no_collector_is_told(thing: object) -> None:
    """Somebody meant it to be measured: passing over it in silence would hide a mistake."""
    with pytest.raises(CollectorError, match="holds no collector; decorate a function"):
        collectors_in(thing)


def test_a_module_by_its_name(module: Callable[[str, str], None]) -> None:
    """Where things are taken a text is taken as well."""
    module("shop_four", SHOP)
    assert [one.name for one in collectors_in("shop_four:made")] == ["made"]


def test_installed_packages_offer_collectors(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The entry points' collectors are taken; a faulty package is told and keeps nothing from starting."""

    @metric("packaged")
    def packaged() -> int:
        return 1

    def broken() -> object:
        raise ImportError("no module named 'missing'")

    points = [SimpleNamespace(name="good", load=lambda: packaged), SimpleNamespace(name="bad", load=broken)]
    monkeypatch.setattr("bongsu.collect.own.entry_points", lambda group: points if group == "bongsu.collectors" else [])
    assert [one.name for one in installed_collectors()] == ["packaged"]
    assert caplog.messages == ["collector package bad can't be loaded: ImportError: no module named 'missing'"]
