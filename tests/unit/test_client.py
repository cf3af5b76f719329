"""The client against a real server, and its patience against one that is busy."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from bongsu.client import DEFAULT_URL, AsyncClient, Client
from bongsu.client.alerts import alerts_asked, read_alerts
from bongsu.client.wire import CHUNK, checked, pause, send_asked, waits
from bongsu.model.errors import (
    BadRequest,
    BongsuError,
    NotFound,
    NothingAcceptable,
    StorageFull,
    TooLarge,
    TooMany,
    Unavailable,
)
from bongsu.model.sample import Sample, labels_of
from bongsu.settings.model import Settings
from tests.fakes.authority import Authority
from tests.fakes.server import Stand, running


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """A running server."""
    async with running(Stand()) as stand:
        yield stand


class Pauses:
    """Notes how long a client wanted to wait, and lets something happen instead."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.waited: list[float] = []
        self._then = then

    async def __call__(self, seconds: float) -> None:
        self.waited.append(seconds)
        self._then()


@pytest.fixture
async def client(stand: Stand) -> AsyncIterator[AsyncClient]:
    """A client that must not wait."""

    async def never(seconds: float) -> None:
        raise AssertionError(f"waited {seconds} s")

    async with AsyncClient(stand.url, sleep=never) as client:
        yield client


def samples(stand: Stand, count: int) -> list[Sample]:
    """Samples of two series, second by second."""
    now = stand.clock.now()
    return [
        Sample(metric="orders_open", value=i, at=now - i * 1_000, labels=labels_of(market="ab"[i % 2]))
        for i in range(count)
    ]


@pytest.mark.parametrize("count", [1, 10, 100])
async def test_what_is_sent_can_be_read(stand: Stand, client: AsyncClient, count: int) -> None:
    """Few samples (rows) and many (columns) come back by the newest value, by range and by history."""
    sent = samples(stand, count)
    receipt = await client.send(sent)
    assert (receipt.accepted, receipt.refused) == (count, ())
    newest = await client.metrics("orders_open", labels={"market": "a"})
    assert [(one.metric, one.labels, one.value, one.unit) for one in newest] == [
        ("orders_open", {"market": "a"}, 0, "")
    ]
    (points,) = await client.query("orders_open", start="-1h", labels={"market": "a"})
    assert points.labels == (("market", "a"),)
    assert points.value.tolist() == [float(i) for i in range(count - 1 - (count - 1) % 2, -1, -2)]
    assert points.at.tolist() == [one.at for one in reversed(sent[::2])]
    assert len(await client.history("orders_open", hours=0.5, step="1s", agg="avg")) == min(2, count)
    assert await client.metrics(topic="shop") == []


async def test_the_waiting_client_says_the_same(stand: Stand) -> None:
    """`Client` offers the same calls, from a thread."""

    def work() -> list[Any]:
        with Client(stand.url) as client:
            return [
                client.send(samples(stand, 4)).accepted,
                len(client.metrics()),
                len(client.query("orders_open", step="60s", agg="max", tier="raw")),
                len(client.history("orders_open", hours=1)),
                client.ready(),
            ]

    assert await asyncio.to_thread(work) == [4, 2, 2, 2, True]


async def test_samples_without_a_time_are_stamped_by_the_server(stand: Stand, client: AsyncClient) -> None:
    """A time may be left out, in rows and in columns."""
    for count in (1, 50):
        before = stand.clock.now()
        assert (await client.send([Sample(metric="a", value=1)] * count)).accepted == count
        assert (await client.metrics("a"))[0].at >= before


async def test_very_many_samples_go_in_chunks(stand: Stand, client: AsyncClient) -> None:
    """More than one body holds is sent as several, with indices into the whole."""
    many = [Sample(metric="a", value=1)] * (CHUNK + 5)
    many[CHUNK + 2] = Sample(metric="a b", value=1)
    receipt = await client.send(many)
    assert receipt.accepted == CHUNK + 4
    assert [(one.index, one.code) for one in receipt.refused] == [(CHUNK + 2, "bad-name")]
    assert "must match" in receipt.refused[0].detail
    assert len(list(send_asked(many))) == 2


async def test_refusals_come_back_as_errors(stand: Stand, client: AsyncClient) -> None:
    """What the server refuses is raised as the error it names, with its hint."""
    with pytest.raises(NothingAcceptable) as refused:
        await client.send([Sample(metric="a b", value=1)])
    assert refused.value.refused[0].code == "bad-name"
    with pytest.raises(BadRequest, match="step is 'x'") as faulty:
        await client.query("a", step="x")
    assert "60s" in faulty.value.hint
    with pytest.raises(NotFound):
        await client.history("nope/../a b")
    stand.measurements.fail_with = StorageFull("the disk is full")
    with pytest.raises(StorageFull):
        await client.send([Sample(metric="a", value=1)])


@pytest.mark.parametrize("error", [TooMany("busy", retry_after=3), Unavailable("opening")])
async def test_a_busy_server_is_asked_again(stand: Stand, error: BongsuError) -> None:
    """After 429 and 503 the client waits as long as it is told and sends again; the samples arrive once."""
    stand.measurements.fail_with = error

    def recover() -> None:
        stand.measurements.fail_with = None

    pauses = Pauses(recover)
    async with AsyncClient(stand.url, sleep=pauses) as client:
        assert (await client.send(samples(stand, 3))).accepted == 3
    assert len(pauses.waited) == 1
    assert pauses.waited[0] >= (error.retry_after or 0.25)
    assert len(stand.measurements.rows) == 3


async def test_patience_ends(stand: Stand) -> None:
    """A server that stays busy is given up after a few growing pauses, and its last word is raised."""
    stand.measurements.fail_with = Unavailable("still opening")
    pauses = Pauses()
    async with AsyncClient(stand.url, sleep=pauses) as client:
        with pytest.raises(Unavailable, match="still opening"):
            await client.send(samples(stand, 3))
    assert len(pauses.waited) == 4
    assert pauses.waited == sorted(pauses.waited)


async def test_a_certificate_that_is_not_trusted_is_no_reason_to_wait(tmp_path: Path) -> None:
    """A stranger's certificate is one at the next attempt too: both clients tell it at once."""
    folder = Authority(tmp_path).issue("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    url, pauses = f"https://localhost:{server.sockets[0].getsockname()[1]}", Pauses()
    sample, waited = [Sample(metric="a", value=1)], list[float]()
    async with AsyncClient(url, sleep=pauses) as client:
        with pytest.raises(Unavailable, match="certificate"):
            await client.send(sample)
    with Client(url, sleep=waited.append) as other, pytest.raises(Unavailable, match="certificate"):
        await asyncio.to_thread(other.send, sample)
    assert pauses.waited == waited == []
    server.close()


async def test_the_waiting_client_is_as_patient(stand: Stand) -> None:
    """`Client` waits and sends again just so."""
    stand.measurements.fail_with = TooMany("busy", retry_after=2)
    waited: list[float] = []

    def recover(seconds: float) -> None:
        waited.append(seconds)
        stand.measurements.fail_with = None

    with Client(stand.url, sleep=recover) as client:
        assert (await asyncio.to_thread(client.send, samples(stand, 3))).accepted == 3
    assert len(waited) == 1


async def test_a_server_that_is_not_there() -> None:
    """Without a server nothing is ready, and the error says what to check."""
    async with AsyncClient("http://127.0.0.1:1", sleep=Pauses()) as client:
        assert await client.ready() is False
        with pytest.raises(Unavailable, match="can't be reached") as caught:
            await client.metrics()
    assert "bongsu up" in caught.value.hint


async def test_ready_follows_the_server(stand: Stand, client: AsyncClient) -> None:
    """Ready only while nothing is missing."""
    assert await client.ready() is True
    stand.missing.append("history")
    assert await client.ready() is False


def test_pauses_grow_and_are_bounded() -> None:
    """Pauses double, heed the server, and never exceed half a minute by much."""
    assert [wait for wait in waits() if wait] == [0.25, 0.5, 1.0, 2.0]
    assert 3 <= pause(0.25, TooMany("", retry_after=3)) <= 3.75
    assert pause(0.25, TooMany("", retry_after=86_400)) <= 37.5


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (502, b"<html>Bad gateway</html>", BongsuError),
        (413, b"", TooLarge),
        (503, b"Service Unavailable", Unavailable),
        (400, b"[]", BadRequest),
    ],
)
def test_answers_of_others_are_errors_too(status: int, body: bytes, kind: type[BongsuError]) -> None:
    """A proxy's answer without a problem document is told by its status."""
    answer = httpx.Response(status, content=body, request=httpx.Request("GET", "http://proxy.example/x"))
    with pytest.raises(kind, match=str(status)):
        checked(answer)


def test_importing_the_client_loads_no_server() -> None:
    """The client is light: no web framework, no history, and httpx only when it is used."""
    code = "import sys, bongsu.client; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"httpx", "starlette", "uvicorn", "streamlit", "pcodec", "pydantic"} & set(loaded)


@pytest.mark.guide("G032")
def test_the_usual_address_is_the_guides() -> None:
    """A client without an address asks port 8080 of this machine, where a server without settings listens."""
    assert DEFAULT_URL == f"http://127.0.0.1:{Settings().server.port}" == "http://127.0.0.1:8080"


def test_alerts_are_read_into_the_model() -> None:
    """An alert of REST becomes the model's, labels sorted, with the newest of its times as that of its change."""
    told = {
        "id": "a",
        "fingerprint": "f",
        "source": "pushed",
        "severity": "error",
        "phase": "acknowledged",
        "message": "m",
        "rule": "",
        "metric": "disk_usage",
        "labels": {"mount": "/", "host": "a"},
        "value": 91,
        "threshold": None,
        "unit": "%",
        "pending_at": 5,
        "fired_at": 6,
        "acknowledged_at": 9,
        "acknowledged_by": "me",
        "acknowledged_until": None,
        "note": "",
        "resolved_at": None,
        "seen_at": 6,
        "no_data": False,
        "flapping": False,
        "silenced_by": "",
        "inhibited_by": "",
    }
    [alert] = read_alerts(msgspec.json.encode({"at": 1, "alerts": [told]}))
    assert alert.labels == (("host", "a"), ("mount", "/"))
    assert (alert.value, alert.changed_at, alert.open) == (91.0, 9, True)
    assert alert.said("en") == "m"
    [alert] = read_alerts(msgspec.json.encode({"at": 1, "alerts": [told | {"messages": {"en": "full"}}]}))
    assert (alert.said("en"), alert.said("ko")) == ("full", "m")
    asked = alerts_asked("all", "-24h", None, "disk", 50)
    assert dict(asked.parameters) == {"state": "all", "start": "-24h", "text": "disk", "limit": "50"}
