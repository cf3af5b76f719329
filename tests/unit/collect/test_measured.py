"""A metric from one function."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bongsu.collect.measured import Measured, metric
from bongsu.model.sample import Sample, labels_of
from bongsu.ports import Collector


def read(measured: object) -> list[Sample]:
    assert isinstance(measured, Collector)
    given = measured.collect()
    assert isinstance(given, list)
    return given


@pytest.mark.guide("G117")
def test_a_function_becomes_a_collector_and_stays_a_function() -> None:
    """It can be called as before, and handed to a monitor."""

    @metric("orders_open", unit="건", interval=5, ko="아직 처리되지 않은 주문 수입니다.", en="Orders not yet handled.")
    def orders_open() -> int:
        """How many."""
        return 12

    assert orders_open() == 12
    assert isinstance(orders_open, Collector)
    assert (orders_open.name, orders_open.interval, orders_open.__doc__) == ("orders_open", 5, "How many.")
    assert read(orders_open) == [Sample(metric="orders_open", value=12)]
    entry = orders_open.metrics[0]
    assert (entry.unit, entry.ko, entry.en, entry.kind) == (
        "건",
        "아직 처리되지 않은 주문 수입니다.",
        "Orders not yet handled.",
        "gauge",
    )


def test_numbers_by_label() -> None:
    """The mapping's keys are label values; fixed labels go with each; None is no reading."""

    @metric("orders_open", by="market", labels={"shop": "main"})
    def orders() -> dict[str, int | None]:
        return {"naver": 12, "coupang": None, "11st": 3}

    assert [(dict(one.labels), one.value) for one in read(orders)] == [
        ({"market": "naver", "shop": "main"}, 12),
        ({"market": "11st", "shop": "main"}, 3),
    ]
    assert orders.entry.labels == ("market", "shop")


def test_several_labels_are_tuples() -> None:
    """As many values as names, else it is said what would be right."""

    @metric("orders_open", by=("market", "state"))
    def orders() -> dict[tuple[str, ...], int]:
        return {("naver", "new"): 1}

    assert read(orders)[0].labels == labels_of(market="naver", state="new")

    @metric("orders_open", by=("market", "state"))
    def wrong() -> dict[str, int]:
        return {"naver": 1}

    with pytest.raises(
        TypeError, match=r"orders_open: 'naver' doesn't fit, the metric has 2 label values \(market, state\)"
    ):
        read(wrong)


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (3, [3.0]),
        (2.5, [2.5]),
        (True, [1.0]),
        (Decimal("1.5"), [1.5]),
        (None, []),
        ([Sample(metric="m", value=4)], [4]),
    ],
)
def test_what_may_be_given_back(given: object, values: list[float]) -> None:
    """Anything that is a number, nothing, or samples."""

    @metric("m")
    def measure() -> object:
        return given

    assert [sample.value for sample in read(measure)] == values


@pytest.mark.parametrize("given", ["twelve", b"1", ["a"], object(), {"x": "y"}])
def test_what_is_no_reading_is_told(given: object) -> None:
    """The error names the metric."""

    @metric("orders_open", by="market")
    def measure() -> object:
        return given

    with pytest.raises(TypeError, match="orders_open"):
        read(measure)


async def test_a_coroutine() -> None:
    """It is read as a task, and can still be awaited by hand."""

    @metric("answer")
    async def answer() -> int:
        return 42

    assert await answer() == 42
    assert answer.awaits
    given = answer.collect()
    assert not isinstance(given, list)
    assert list(await given) == [Sample(metric="answer", value=42)]  # type: ignore[misc]


def test_methods_measure_their_own_object() -> None:
    """On a class the decorator stands for a method: each object has its own reading."""

    class Queue:
        def __init__(self, length: int) -> None:
            self.length = length

        @metric("queue_length")
        def measure(self) -> int:
            return self.length

    first, second = Queue(1), Queue(2)
    assert first.measure() == 1
    assert [read(queue.measure)[0].value for queue in (first, second)] == [1, 2]
    assert isinstance(Queue.measure, Measured)


def test_the_name_tells_what_is_not_said() -> None:
    """A counter, its unit and topic from its name."""

    @metric("shop_sold_bytes_total")
    def sold() -> int:
        return 0

    assert (sold.entry.kind, sold.entry.unit, sold.entry.topic) == ("counter", "B", "shop")
