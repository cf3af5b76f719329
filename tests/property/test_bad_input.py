"""Bad input against the whole server: it gets the promised answer, never a 5xx, and harms nobody else's data."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from bench.cpu import cpu_seconds, usage
from bench.wire import Answer, get
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.whole_server import WholeServer

PATH = "/api/v1/samples"
JSON = "application/json"
MIB = 1 << 20
GOOD = '{"metric":"good_reading","value":1}'
NAMED = {200, 400, 413, 415, 422, 429}
"""What a sender can hear, whatever was sent."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeServer]:
    """A server with room for few series."""
    folder = tmp_path_factory.mktemp("server")
    with WholeServer(folder, settings={"BONGSU_LIMITS__SERIES": "3000"}) as running:
        yield running
        assert not [line for line in _log(running) if '"error"' in line or "Traceback" in line]


@pytest.fixture(autouse=True)
def neighbour(server: WholeServer) -> Iterator[None]:
    """Another sender, whose samples from before and after are all there, unchanged."""
    start = int(time.time() * 1_000)
    _neighbour_sends(server, start, range(50))
    yield
    _neighbour_sends(server, start, range(50, 100))
    (found,) = server.query("neighbour", start=start, end=start + 100)
    assert found["points"] == [[start + i, i] for i in range(100)]
    assert server.ask(get("/healthz")).status == 200


def _neighbour_sends(server: WholeServer, start: int, numbers: range) -> None:
    answer = server.send([{"metric": "neighbour", "value": i, "at": start + i} for i in numbers])
    assert answer.status == 200, answer.body


def _log(server: WholeServer) -> list[str]:
    return [line for path in (server.folder / "logs").iterdir() for line in path.read_text().splitlines()]


def sent(server: WholeServer, body: bytes, kind: str = JSON, **headers: str) -> Answer:
    """POST these bytes."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n{more}"
    return server.ask(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


UNREADABLE = {
    "nothing": b"",
    "no json": b"nonsense",
    "a number": b"17",
    "cut off": b'[{"metric":"x","value":1',
    "binary": bytes(range(256)),
    "columns of other length": b'{"series":[{"metric":"x"}],"index":[0,0],"value":[1]}',
    "columns without series": b'{"index":[0],"value":[1]}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_is_400(server: WholeServer, body: bytes) -> None:
    """A body that is no samples at all is 400, with a problem document."""
    answer = sent(server, body)
    assert answer.status == 400, answer.body
    assert json.loads(answer.body)["status"] == 400


FAULTY = {
    "value a word": '{"metric":"x","value":"12"}',
    "value a list": '{"metric":"x","value":[1]}',
    "value missing": '{"metric":"x"}',
    "value null": '{"metric":"x","value":null}',
    "value true": '{"metric":"x","value":true}',
    "not finite": '{"metric":"x","value":1e999}',
    "huge": '{"metric":"x","value":1' + "0" * 400 + "}",
    "metric a number": '{"metric":7,"value":1}',
    "metric empty": '{"metric":"","value":1}',
    "metric with spaces": '{"metric":"a b","value":1}',
    "metric endless": '{"metric":"' + "m" * 100_000 + '","value":1}',
    "labels a list": '{"metric":"x","labels":[1],"value":1}',
    "label a number": '{"metric":"x","labels":{"a":1},"value":1}',
    "label endless": '{"metric":"x","labels":{"a":"' + "v" * 100_000 + '"},"value":1}',
    "unknown field": '{"metric":"x","value":1,"colour":"red"}',
    "in 1970": '{"metric":"x","value":1,"at":0}',
    "in 2100": '{"metric":"x","value":1,"at":4102444800000}',
    "not utf-8": '{"metric":"\xff\xfe","value":1}',
    "at a word": '{"metric":"x","value":1,"at":"today"}',
    "at beyond all": '{"metric":"x","value":1,"at":1' + "0" * 30 + "}",
    "a list": "[1,2]",
    "a million labels": '{"metric":"x","value":1,"labels":{' + ",".join(f'"l{i}":""' for i in range(1_000_000)) + "}}",
}


@pytest.mark.parametrize("row", FAULTY.values(), ids=FAULTY.keys())
def test_a_faulty_sample_is_refused_alone(server: WholeServer, row: str) -> None:
    """Among good ones a faulty sample is refused by its index and a reason; alone it is 422 with the same list."""
    among = sent(server, f"[{GOOD},{row},{GOOD}]".encode("latin-1"))
    assert among.status == 200, among.body[:500]
    receipt = json.loads(among.body)
    assert receipt["accepted"] == 2
    assert [one["index"] for one in receipt["refused"]] == [1]
    alone = sent(server, f"[{row}]".encode("latin-1"))
    assert alone.status == 422, alone.body[:500]
    (refused,) = json.loads(alone.body)["refused"]
    assert refused["index"] == 0
    assert refused["reason"]
    assert len(alone.body) < 5_000


def test_the_wrong_type_or_encoding_is_415(server: WholeServer) -> None:
    """What isn't JSON, or is packed in a way we don't know, is 415; what isn't packed as it says is 400."""
    assert sent(server, f"[{GOOD}]".encode(), "text/plain").status == 415
    assert sent(server, f"[{GOOD}]".encode(), "").status == 415
    assert sent(server, f"[{GOOD}]".encode(), Content_Encoding="compress").status == 415
    assert sent(server, f"[{GOOD}]".encode(), Content_Encoding="gzip").status == 400
    assert sent(server, gzip.compress(f"[{GOOD}]".encode())[:-9], Content_Encoding="gzip").status == 400


def test_a_million_labels_hold_up_nobody(server: WholeServer) -> None:
    """Labels beyond all bounds are refused unread: it takes milliseconds, not seconds."""
    body = f"[{FAULTY['a million labels']}]".encode()
    before = cpu_seconds(server.process.pid)
    assert sent(server, body).status == 422
    assert cpu_seconds(server.process.pid) - before < 1.0


def test_a_body_of_100_mb_is_413(server: WholeServer) -> None:
    """Announced or found out on the way: too long is 413, and little of it is read into memory."""
    before = usage(server.process.pid).rss_bytes
    head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {JSON}\r\n"
    announced = _poured(server, f"{head}Content-Length: {100 * MIB}\r\n\r\n".encode(), b" " * MIB, 100)
    chunk = b"%x\r\n%b\r\n" % (MIB, b" " * MIB)
    found_out = _poured(server, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), chunk, 100)
    assert {announced, found_out} == {413}
    assert usage(server.process.pid).rss_bytes - before < 64 * MIB


def _poured(server: WholeServer, head: bytes, piece: bytes, times: int) -> int:
    """Send on and on until all is out or the server has had enough; returns the status it answered."""
    with socket.create_connection(("127.0.0.1", server.port), 30.0) as line:
        with contextlib.suppress(ConnectionError):
            line.sendall(head)
            for _ in range(times):
                line.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    if line.recv(12, socket.MSG_PEEK):
                        break
                line.settimeout(30.0)
                line.sendall(piece)
        line.settimeout(30.0)
        return int(line.recv(12)[9:12])


def test_a_bomb_is_413(server: WholeServer) -> None:
    """A gigabyte packed into a megabyte is refused once it has grown too long, not when it fills the memory."""
    before = usage(server.process.pid).rss_bytes
    bomb = gzip.compress(b" " * (64 * MIB + 1), 9) * 16
    answer = sent(server, bomb, Content_Encoding="gzip")
    assert answer.status == 413, answer.body
    assert usage(server.process.pid).rss_bytes - before < 160 * MIB


def test_half_a_body_changes_nothing(server: WholeServer) -> None:
    """Who goes away in the middle leaves nothing behind, and who dawdles holds up nobody."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {JSON}\r\nContent-Length: 1000\r\n\r\n".encode()
    half = head + b'[{"metric":"half","value":1},'
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port), 10.0) as line:
            line.sendall(half)
    with socket.create_connection(("127.0.0.1", server.port), 10.0) as dawdling:
        dawdling.sendall(half)
        assert server.send([{"metric": "good_reading", "value": 1}]).status == 200
    assert not server.query("half")


def test_more_series_than_there_is_room_for(server: WholeServer) -> None:
    """Past the limit new series are refused; those that are known go on."""
    rows = [{"metric": "flood", "labels": {"n": str(i)}, "value": i} for i in range(20_000)]
    receipt = json.loads(server.send(rows).body)
    assert 0 < receipt["accepted"] < 3_000
    assert receipt["accepted"] + len(receipt["refused"]) + receipt.get("unlisted", 0) == 20_000
    assert "series" in receipt["refused"][0]["reason"]
    assert server.send([{"metric": "one_too_many", "value": 1}]).status == 422
    assert server.send(rows[: receipt["accepted"]]).status == 200


HUGE = st.sampled_from([1e308, -1e308, 2**63, 10**25])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | HUGE
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = {"metric": TREES | st.just("neighbour"), "labels": TREES, "value": TREES, "at": TREES, "other": TREES}
ROWS = st.lists(st.fixed_dictionaries({}, optional=FIELDS), max_size=5)
COLUMNS = st.fixed_dictionaries(
    {}, optional={name: st.lists(TREES, max_size=5) | TREES for name in ("series", "index", "at", "value", "more")}
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.builds(json.dumps, ROWS | COLUMNS | TREES).map(str.encode),
    st.builds(lambda rows: "\n".join(map(json.dumps, rows)).encode(), ROWS),
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=BODIES,
    kind=st.sampled_from([JSON, JSON, JSON, "application/x-ndjson", "application/json; charset=utf-8", "text/html"]),
    packed=st.sampled_from(["", "", "gzip", "zstd", "gzip, gzip", "identity", "br"]),
)
def test_whatever_is_sent_gets_a_named_answer(server: WholeServer, body: bytes, kind: str, packed: str) -> None:
    """Random bodies get a 200 that accounts for every sample, or one of the promised refusals."""
    headers = {"Content_Encoding": packed} if packed else {}
    answer = sent(server, gzip.compress(body) if packed == "gzip" else body, kind, **headers)
    assert answer.status in NAMED, answer.body
    told: dict[str, Any] = json.loads(answer.body)
    if answer.status == 200:
        assert told["accepted"] >= 1 or body.strip() in {b"", b"[]"} or b'"series"' in body
    else:
        assert told["status"] == answer.status
        assert told["title"]


PARAMETERS = st.sampled_from(["metric", "start", "end", "step", "agg", "tier", "label.x", "no"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.dictionaries(PARAMETERS, st.text()))
def test_whatever_is_asked_gets_a_named_answer(server: WholeServer, asked: dict[str, str]) -> None:
    """Random questions are answered, or refused with 400."""
    answer = server.ask(get(f"/api/v1/query?{urlencode(asked, errors='replace')}"))
    assert answer.status in {200, 400}, answer.body


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(min_size=1, max_size=300))
def test_noise_instead_of_http_ends_that_connection_only(server: WholeServer, noise: bytes) -> None:
    """Bytes that are no HTTP get an answer in the 400s or a closed connection."""
    with socket.create_connection(("127.0.0.1", server.port), 30.0) as line, contextlib.suppress(ConnectionError):
        line.sendall(noise + b"\r\n\r\n")
        line.shutdown(socket.SHUT_WR)
        answer = line.recv(64)
        assert not answer or answer.startswith(b"HTTP/1.1 4"), answer
