"""The book of services: counts right, quantiles within the sketch's error, a window that forgets, bounds that hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.model.errors import NothingAcceptable
from bongsu.model.request import Requests, bucket_of, middle_of, quantiles
from bongsu.model.sample import Sample
from bongsu.services.book import MOST_ROUTES, MOST_SERVICES, NOTED, OTHERS, ServiceBook
from bongsu.services.metrics import METRICS
from tests.fakes.clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def book(clock: VirtualClock) -> ServiceBook:
    return ServiceBook(clock=clock)


def value(samples: list[Sample], metric: str, **labels: str) -> float:
    """The one sample of that metric with these labels."""
    found = [one.value for one in samples if one.metric == metric and labels.items() <= dict(one.labels).items()]
    assert len(found) == 1, (metric, labels, found)
    return found[0]


def read(book: ServiceBook) -> list[Sample]:
    """One reading."""
    return list(book.collect())


@pytest.mark.guide("G009", "G010", "G115")
def test_a_minute_of_requests(book: ServiceBook) -> None:
    """Sixty requests, three of them failed, six turned down: rate, error rate and counters say just that."""
    for number in range(60):
        status = 500 if number < 3 else 404 if number < 9 else 200
        book.take([Requests(service="checkout", route="POST /orders", ms=40.0, status=status)])
    samples = read(book)
    assert value(samples, "service_requests_total", service="checkout") == 60
    assert value(samples, "service_errors_total", service="checkout") == 3
    assert value(samples, "service_warnings_total", service="checkout") == 6
    assert value(samples, "service_error_rate", service="checkout") == pytest.approx(5.0)
    assert value(samples, "service_requests_per_second", service="checkout") == pytest.approx(1.0)
    assert value(samples, "service_latency_ms", service="checkout", quantile="0.95") == pytest.approx(40.0, rel=0.02)


async def test_what_is_over_a_minute_old_is_forgotten(book: ServiceBook, clock: VirtualClock) -> None:
    """After a minute without requests nothing is said of error rate and latency; counters stay; the rate is 0."""
    book.take([Requests(service="a", ms=1.0, status=500)])
    await clock.advance(59)
    assert value(read(book), "service_error_rate", service="a") == 100
    await clock.advance(2)
    samples = read(book)
    assert {"service_error_rate", "service_latency_ms"}.isdisjoint(one.metric for one in samples)
    assert value(samples, "service_requests_total", service="a") == 1
    assert value(samples, "service_requests_per_second", service="a") == 0
    await clock.advance(3_600)
    assert read(book) == []


def test_sums_count_like_single_requests(clock: VirtualClock) -> None:
    """A program that sends sums gives the same figures as one that sends each request."""
    single, summed = ServiceBook(clock=clock), ServiceBook(clock=clock)
    times = [1.0, 5.0, 5.0, 250.0]
    single.take([Requests(service="a", route="r", ms=ms, status=500 if ms > 100 else 200) for ms in times])
    latency: dict[str, int] = {}
    for ms in times:
        latency[str(bucket_of(ms))] = latency.get(str(bucket_of(ms)), 0) + 1
    summed.take([Requests(service="a", route="r", total=4, errors=1, latency=latency)])
    assert read(single) == read(summed)
    assert single.views() == summed.views()


@pytest.mark.parametrize(
    "item",
    [
        Requests(service="", ms=1.0),
        Requests(service="a\n", ms=1.0),
        Requests(service="a", route="x" * 201, ms=1.0),
        Requests(service="a"),
        Requests(service="a", ms=-1.0),
        Requests(service="a", ms=math.nan),
        Requests(service="a", total=0),
        Requests(service="a", total=1, errors=2),
        Requests(service="a", total=1, latency={"x": 1}),
        Requests(service="a", total=1, latency={"9999": 1}),
        Requests(service="a", total=2, latency={"1": 1}),
        Requests(service="a", total=1, latency={"1": -1}),
    ],
)
def test_faulty_items_are_refused_one_by_one(book: ServiceBook, item: Requests) -> None:
    """The good ones beside it are counted; alone it is refused aloud; nothing of it is counted."""
    receipt = book.take([Requests(service="good", ms=1.0), item])
    assert (receipt.accepted, [one.index for one in receipt.refused]) == (1, [1])
    with pytest.raises(NothingAcceptable):
        book.take([item])
    assert [view.service for view in book.views()] == ["good"]


def test_bounds_hold(book: ServiceBook) -> None:
    """A service too many is refused; routes too many are counted together."""
    book.take([Requests(service="s0", route=f"r{number}", ms=1.0) for number in range(MOST_ROUTES + 50)])
    samples = read(book)
    routes = [dict(one.labels)["route"] for one in samples if one.metric == "service_route_requests_total"]
    assert len(routes) == MOST_ROUTES + 1
    assert value(samples, "service_route_requests_total", route=OTHERS) == 50
    book.take([Requests(service=f"s{number}", ms=1.0) for number in range(1, MOST_SERVICES)])
    with pytest.raises(NothingAcceptable):
        book.take([Requests(service="one more", ms=1.0)])


def test_the_worst_come_first(book: ServiceBook) -> None:
    """A failing service stands before a slow one, and within it the failing route before the slow one."""
    book.take(
        [
            Requests(service="slow", route="r", ms=900.0),
            Requests(service="failing", route="fine", ms=500.0),
            Requests(service="failing", route="broken", ms=1.0, error=True),
        ]
    )
    views = book.views()
    assert [view.service for view in views] == ["failing", "slow"]
    assert [route.route for route in views[0].routes] == ["broken", "fine"]


def test_every_figure_is_in_the_catalogue(book: ServiceBook) -> None:
    """What is told has its unit and sentence, with just these labels."""
    known = {metric.name: set(metric.labels) for metric in METRICS}
    book.take([Requests(service="a", route="r", ms=1.0)])
    for sample in [*read(book), *book.figures()]:
        assert known[sample.metric] == set(dict(sample.labels))


@given(st.lists(st.floats(min_value=0.002, max_value=1e8), min_size=1, max_size=300))
def test_quantiles_are_right_within_two_per_cent(times: list[float]) -> None:
    """Each quantile is within 2 % of the value at its rank, as the sketch promises."""
    buckets: dict[int, int] = {}
    for ms in times:
        buckets[bucket_of(ms)] = buckets.get(bucket_of(ms), 0) + 1
    ordered = np.sort(times)
    for share, found in zip((0.5, 0.95, 0.99), quantiles(buckets, (0.5, 0.95, 0.99)), strict=True):
        exact = ordered[max(1, math.ceil(share * len(times))) - 1]
        assert found == pytest.approx(exact, rel=0.0201)


def test_buckets_meet() -> None:
    """A bucket's middle lies in it."""
    for bucket in range(-170, 470):
        assert bucket_of(middle_of(bucket)) == bucket


@pytest.mark.guide("G115")
async def test_our_parts_are_routes_beside_the_figures(book: ServiceBook, clock: VirtualClock) -> None:
    """Commits, frames and readings stand among the routes with latency and errors; the service's own don't change."""
    book.note("bongsu", "GET /api/v1/metrics", 2.0, error=False, warning=False)
    book.part("bongsu", "store commit", 900.0, errors=1)
    book.part("bongsu", "live frames", 3.0, total=250)
    samples = read(book)
    assert value(samples, "service_requests_total", service="bongsu") == 1
    assert value(samples, "service_latency_ms", service="bongsu", quantile="0.99") == pytest.approx(2.0, rel=0.02)
    assert value(samples, "service_route_error_rate", route="store commit") == 100.0
    assert value(samples, "service_route_requests_total", route="live frames") == 250
    (view,) = book.views()
    assert view.routes[0].route == "store commit"
    for _ in range(3):
        await clock.advance(3_000)
        book.part("bongsu", "live frames", 3.0)
    assert value(read(book), "service_requests_total", service="bongsu") == 1, "forgotten though it lives"


async def test_what_is_noted_counts_in_its_second(book: ServiceBook, clock: VirtualClock) -> None:
    """It is added up when somebody looks, in the second in which it was done, beside what is told at once."""
    note = book.noting("bongsu", "store query")
    count = 2 * NOTED + 2_500  # more than are held: none may be lost while nobody looks
    for _ in range(count):
        note((clock.monotonic() - 0.004, clock.monotonic()))
    await clock.advance(45.0)
    book.part("bongsu", "store query", 4.0)
    samples = read(book)
    assert value(samples, "service_route_requests_total", route="store query") == count + 1
    assert value(samples, "service_route_latency_ms", route="store query", quantile="0.95") == pytest.approx(
        4.0, rel=0.03
    )
    await clock.advance(30.0)
    note((clock.monotonic(), clock.monotonic()))
    await clock.advance(70.0)
    (view,) = book.views()
    assert not view.routes, "what was done 70 s ago is told as of now"
