"""Alerts and silences over REST: what is taken, what is refused, and what the answers look like."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bongsu.alerts.links import AcknowledgeLinks
from bongsu.model.alert import Notice
from tests.fakes.clock import VirtualClock
from tests.fakes.server import Stand
from tests.unit.server.test_routes import conforms, is_problem

GUIDE = {
    "level": "warning",
    "message": "CPU 사용률이 높습니다.",
    "metric": "cpu_usage",
    "value": 85.5,
    "threshold": 80.0,
}
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "*bold* _it_ `code` <!channel> <@U1> &amp;",
    "$(reboot); `id`",
    "{{7*7}} {% for x in y %}",
    "line\r\nBcc: someone@example.com",
    "\u202e\u0000\U0001f600 끝",
]


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    made = Stand(clock=VirtualClock())
    await made.alerts.open()
    made.alerts.start()
    yield made
    await made.alerts.stop()
    made.close()


@pytest.fixture
async def http(stand: Stand) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=stand.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def passes(stand: Stand, seconds: float) -> None:
    """Let time pass."""
    assert isinstance(stand.clock, VirtualClock)
    await stand.clock.advance(seconds)


@pytest.mark.guide("G033")
async def test_the_guides_body_is_taken(http: httpx.AsyncClient, stand: Stand) -> None:
    """The guide's five keys are answered 202 with id and fingerprint, and the alert is open as sent."""
    answer = await http.post("/api/v1/alerts", json=GUIDE)
    assert answer.status_code == 202
    conforms(answer, "/api/v1/alerts", "post")
    found = await http.get("/api/v1/alerts")
    conforms(found, "/api/v1/alerts")
    (alert,) = found.json()["alerts"]
    assert (alert["id"], alert["fingerprint"]) == (answer.json()["id"], answer.json()["fingerprint"])
    assert (alert["severity"], alert["phase"], alert["value"], alert["threshold"]) == ("warning", "firing", 85.5, 80.0)
    again = await http.post("/api/v1/alerts", json=GUIDE | {"value": 90})
    assert again.json() == answer.json()
    assert (await http.post("/api/v1/alerts", json=GUIDE | {"status": "resolved"})).status_code == 202
    assert (await http.get("/api/v1/alerts")).json()["alerts"] == []
    nothing = await http.post("/api/v1/alerts", json=GUIDE | {"status": "resolved"})
    assert nothing.json() == {"id": None, "fingerprint": None}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "message"),
        ({"message": " \n"}, "message"),
        ({"message": "m", "level": "fatal"}, "level"),
        ({"message": "m", "value": "85"}, "value"),
        ({"message": "m", "metric": "a b"}, "metric"),
        ({"message": "m", "labels": {"a b": "c"}}, "labels"),
        ({"message": "m", "labels": {"a": 1}}, "labels"),
        ({"message": "m", "labels": {"a": "x" * 1_025}}, "labels"),
        ({"message": "m", "labels": {f"l{n}": "x" for n in range(33)}}, "labels"),
        ({"message": "m", "lables": {}}, "lables"),
        ({"message": "m", "status": "gone"}, "status"),
        (["m"], "object"),
    ],
)
async def test_bad_alerts_are_refused(http: httpx.AsyncClient, body: object, said: str) -> None:
    """Each fault is 400 and names its field; nothing is kept."""
    document = is_problem(await http.post("/api/v1/alerts", json=body), 400, "bad-request")
    assert said in document["detail"]
    assert (await http.get("/api/v1/alerts?state=all")).json()["alerts"] == []


async def test_what_may_stand_there_is_told(http: httpx.AsyncClient) -> None:
    """A value that isn't one of the allowed, and a misspelt key, are answered with those that are."""
    fatal = await http.post("/api/v1/alerts", json={"level": "fatal", "message": "x"})
    assert is_problem(fatal, 400, "bad-request")["hint"] == "it may be critical, error, info, warning"
    misspelt = await http.post("/api/v1/alerts", json={"levle": "error", "message": "x"})
    assert is_problem(misspelt, 400, "bad-request")["hint"].startswith("there are: message, level, metric")
    nested = await http.post("/api/v1/alerts", json={"message": "x", "labels": {"a": 1}})
    assert "openapi" in is_problem(nested, 400, "bad-request")["hint"]


async def test_only_json_is_taken(http: httpx.AsyncClient) -> None:
    """A page of another site can send text unasked, but no JSON: everything else is 415."""
    sent = await http.post("/api/v1/alerts", content=b'{"message": "m"}', headers={"content-type": "text/plain"})
    is_problem(sent, 415, "unsupported-type")
    is_problem(await http.post("/api/v1/alerts", content=b'{"message": "m"}'), 415, "unsupported-type")
    kind = {"content-type": "application/json"}
    is_problem(await http.post("/api/v1/alerts", content=b"{" + b"[" * 9_000, headers=kind), 400, "bad-request")
    is_problem(await http.post("/api/v1/alerts", content=b"[" * 300_000, headers=kind), 413, "too-large")
    is_problem(await http.post("/api/v1/alerts", content=b'{"message": "\xff"}', headers=kind), 400, "bad-request")


@pytest.mark.parametrize("text", PAYLOADS)
async def test_texts_come_back_as_text(http: httpx.AsyncClient, stand: Stand, text: str) -> None:
    """Whatever somebody writes into an alert is data: JSON gives it back, and the page escapes it."""
    await http.post("/api/v1/alerts", json={"message": f"x {text}", "labels": {"who": f"y{text}"}})
    (alert,) = (await http.get("/api/v1/alerts")).json()["alerts"]
    assert alert["message"] == f"x {text}".replace("\x00", "\ufffd").strip()
    await passes(stand, 1)
    page = await http.get(path_of(stand))
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "<img" not in page.text


async def test_the_life_of_an_alert_over_rest(http: httpx.AsyncClient, stand: Stand) -> None:
    """Acknowledge with a limit, take it back, resolve; each step and each message is told; what can't be is 409."""
    alert_id = (await http.post("/api/v1/alerts", json=GUIDE)).json()["id"]
    one = f"/api/v1/alerts/{alert_id}"
    template = "/api/v1/alerts/{id}"
    await passes(stand, 1)
    answer = await http.post(f"{one}/acknowledge", json={"by": "김", "note": "보는 중", "for": "2h"})
    conforms(answer, f"{template}/acknowledge", "post")
    alert = answer.json()["alert"]
    assert (alert["phase"], alert["acknowledged_by"], alert["note"]) == ("acknowledged", "김", "보는 중")
    assert alert["acknowledged_until"] - alert["acknowledged_at"] == 7_200_000
    conforms(await http.post(f"{one}/unacknowledge", json={"by": "kim"}), f"{template}/unacknowledge", "post")
    is_problem(await http.post(f"{one}/unacknowledge"), 409, "conflict")
    conforms(await http.post(f"{one}/resolve"), f"{template}/resolve", "post")
    is_problem(await http.post(f"{one}/resolve"), 409, "conflict")
    await passes(stand, 1)
    is_problem(await http.post(f"{one}/acknowledge"), 409, "conflict")
    detail = await http.get(one)
    conforms(detail, template)
    assert [step["change"] for step in detail.json()["steps"]] == [
        "fired",
        "acknowledged",
        "unacknowledged",
        "resolved",
    ]
    assert [delivery["kind"] for delivery in detail.json()["deliveries"]] == ["resolved", "acknowledged", "fired"]
    is_problem(await http.get("/api/v1/alerts/nobody"), 404, "not-found")
    is_problem(await http.post("/api/v1/alerts/nobody/resolve"), 404, "not-found")
    is_problem(await http.post(f"{one}/acknowledge", json={"for": "soon"}), 400, "bad-request")


async def test_alerts_by_state_and_text(http: httpx.AsyncClient, stand: Stand) -> None:
    """Open ones worst first, those that are over newest first, all of them together, and by a word of theirs."""
    for level, metric in (("info", "a"), ("critical", "b"), ("warning", "c"), ("error", "d")):
        await http.post("/api/v1/alerts", json={"level": level, "message": f"M {metric}", "metric": metric})
        await passes(stand, 1)
    for metric in ("c", "d"):
        await http.post("/api/v1/alerts", json={"message": "over", "metric": metric, "status": "resolved"})

    async def metrics(query: str) -> list[str]:
        answer = await http.get(f"/api/v1/alerts{query}")
        conforms(answer, "/api/v1/alerts")
        return [alert["metric"] for alert in answer.json()["alerts"]]

    assert await metrics("") == ["b", "a"]
    assert await metrics("?state=resolved") == ["d", "c"]
    assert await metrics("?state=all&limit=3") == ["b", "a", "d"]
    await http.post("/api/v1/alerts", json={"level": "info", "message": "M e", "metric": "e"})
    assert await metrics("?state=resolved&limit=1") == ["d"]
    assert await metrics("?state=all&text=M%20B") == ["b"]
    assert await metrics("?state=resolved&end=-1h") == []
    assert await metrics("?state=pending") == []
    for query in ("?state=some", "?limit=0", "?limit=x", "?start=yesterday", "?stat=open"):
        is_problem(await http.get(f"/api/v1/alerts{query}"), 400, "bad-request")


async def test_silences_over_rest(http: httpx.AsyncClient, stand: Stand) -> None:
    """A silence for two hours and one that comes back every night are kept, listed, and ended."""
    body: dict[str, Any] = {"matchers": {"metric": "cpu*"}, "for": "2h", "reason": "교체", "by": "kim"}
    answer = await http.post("/api/v1/silences", json=body)
    assert answer.status_code == 201
    conforms(answer, "/api/v1/silences", "post")
    silence = answer.json()["silence"]
    assert silence["in_force"]
    assert silence["ends_at"] - silence["starts_at"] == 7_200_000
    now = stand.clock.now()
    nightly = {"matchers": {"host": "a"}, "starts_at": now + 3_600_000, "for": "1h", "repeats": "mon, thu"}
    assert (await http.post("/api/v1/silences", json=nightly)).json()["silence"]["repeats"] == "mon,thu"
    listed = await http.get("/api/v1/silences")
    conforms(listed, "/api/v1/silences")
    assert [one["in_force"] for one in listed.json()["silences"]] == [True, False]
    await http.post("/api/v1/alerts", json=GUIDE)
    (alert,) = (await http.get("/api/v1/alerts")).json()["alerts"]
    assert alert["silenced_by"] == silence["id"]
    ended = await http.delete(f"/api/v1/silences/{silence['id']}?by=lee")
    conforms(ended, "/api/v1/silences/{id}", "delete")
    is_problem(await http.delete(f"/api/v1/silences/{silence['id']}"), 404, "not-found")
    (alert,) = (await http.get("/api/v1/alerts")).json()["alerts"]
    assert alert["silenced_by"] == ""


async def test_the_audit_over_rest(http: httpx.AsyncClient) -> None:
    """What somebody did stands there with name and reason, newest first, and no further back than asked."""
    body = {"matchers": {"metric": "x"}, "for": "2h", "reason": "교체", "by": "kim"}
    silence = (await http.post("/api/v1/silences", json=body)).json()["silence"]
    await http.delete(f"/api/v1/silences/{silence['id']}?by=lee")
    answer = await http.get("/api/v1/audit")
    conforms(answer, "/api/v1/audit")
    assert [(one["by"], one["action"]) for one in answer.json()["entries"]] == [
        ("lee", "unsilence"),
        ("kim", "silence"),
    ]
    assert (await http.get("/api/v1/audit?limit=1")).json()["entries"] == answer.json()["entries"][:1]
    is_problem(await http.get("/api/v1/audit?limit=0"), 400, "bad-request")


NOW = 1_763_778_000_000


@pytest.mark.parametrize(
    "body",
    [
        {"for": "2h"},
        {"matchers": {}, "for": "2h"},
        {"matchers": {"": "x"}, "for": "2h"},
        {"matchers": {"metric": ""}, "for": "2h"},
        {"matchers": {"metric": "x"}},
        {"matchers": {"metric": "x"}, "for": "2h", "ends_at": NOW + 1},
        {"matchers": {"metric": "x"}, "ends_at": NOW - 1},
        {"matchers": {"metric": "x"}, "starts_at": NOW - 20, "ends_at": NOW - 10},
        {"matchers": {"metric": "x"}, "starts_at": -5, "for": "2h"},
        {"matchers": {"metric": "x"}, "ends_at": 10**18},
        {"matchers": {"metric": "x"}, "for": "300w"},
        {"matchers": {"metric": "x"}, "for": "2d", "repeats": "daily"},
        {"matchers": {"metric": "x"}, "starts_at": 300_000_000_000_000, "for": "1h", "repeats": "daily"},
        {"matchers": {"metric": "x"}, "starts_at": 253_402_290_000_000, "for": "1h", "repeats": "mon"},
        {"matchers": {"metric": "x"}, "for": "2h", "repeats": "sometimes"},
        {"matchers": {"metric": "x"}, "for": "2h", "until": NOW + 5},
        {"matchers": {"metric": "x"}, "for": "2h", "repeats": "daily", "until": 10**18},
        {"matchers": {"metric": "x"}, "for": "2h", "timezone": "Mars/Olympus"},
        {"matchers": {"metric": "x"}, "for": "2h", "timezone": "../etc/passwd"},
    ],
)
async def test_bad_silences_are_refused(http: httpx.AsyncClient, body: object) -> None:
    """What has no end, no meaning or no such day is 400."""
    is_problem(await http.post("/api/v1/silences", json=body), 400, "bad-request")
    assert (await http.get("/api/v1/silences")).json()["silences"] == []


async def test_the_latest_silence_can_be_reckoned_with(http: httpx.AsyncClient, stand: Stand) -> None:
    """A window as late as one is taken stops nothing: alerts are still taken in."""
    body = {
        "matchers": {"metric": "x"},
        "starts_at": 8_000 * 365 * 86_400_000 - 3_600_000,
        "for": "1h",
        "repeats": "daily",
    }
    answer = await http.post("/api/v1/silences", json=body | {"timezone": "Pacific/Kiritimati"})
    assert answer.status_code == 201
    assert (await http.post("/api/v1/alerts", json={"message": "still heard"})).status_code == 202


def path_of(stand: Stand, notice: Notice | None = None) -> str:
    """Where the link of a notice leads (of the newest one)."""
    notices = [delivery.notice for delivery in stand.records.deliveries.values()]
    url = stand.links.url(notice or notices[-1])
    assert url is not None
    assert url.startswith("https://ops.example.kr/ack/")
    return url.removeprefix("https://ops.example.kr")


async def test_the_link_acts_only_when_pressed(http: httpx.AsyncClient, stand: Stand) -> None:
    """Looking changes nothing, however often; pressing acknowledges and leads back to a page that says so."""
    await http.post("/api/v1/alerts", json=GUIDE)
    await passes(stand, 1)
    path = path_of(stand)
    for method in ("GET", "HEAD", "GET"):
        answer = await http.request(method, path)
        assert answer.status_code == 200
    conforms(answer, "/ack/{token}")
    assert answer.text.count("<button") == 1
    assert "확인했습니다" in answer.text
    assert (await http.get("/api/v1/alerts")).json()["alerts"][0]["phase"] == "firing"
    pressed = await http.post(path)
    assert pressed.status_code == 303
    after = await http.get(path.rpartition("/")[0] + "/" + pressed.headers["location"])
    assert "<button" not in after.text
    (alert,) = (await http.get("/api/v1/alerts")).json()["alerts"]
    assert (alert["phase"], alert["acknowledged_by"]) == ("acknowledged", "link")
    assert (await http.post(path)).status_code == 303


async def test_the_page_is_careful(http: httpx.AsyncClient, stand: Stand) -> None:
    """It is not kept, not framed, runs nothing, and speaks the browser's language."""
    await http.post("/api/v1/alerts", json=GUIDE)
    await passes(stand, 1)
    english = await http.get(path_of(stand), headers={"accept-language": "en-GB,ko;q=0.5"})
    assert "I have it in hand" in english.text
    assert english.headers["cache-control"] == "no-store"
    assert english.headers["referrer-policy"] == "no-referrer"
    policy = english.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy
    (style,) = re.findall("<style>(.*?)</style>", english.text)
    assert english.text.count("style") == 2
    assert style


async def test_forged_and_expired_links(http: httpx.AsyncClient, stand: Stand) -> None:
    """A changed, foreign or senseless token is unknown; after its time it is gone; neither changes anything."""
    await http.post("/api/v1/alerts", json=GUIDE)
    await passes(stand, 1)
    path = path_of(stand)
    notice, expires, signature = path.removeprefix("/ack/").split(".")
    later = f"{int(expires, 16) + 1:x}"
    foreign = AcknowledgeLinks(b"x" * 32, public_url="https://ops.example.kr", lasts=60_000, clock=stand.clock)
    other = foreign.url(next(iter(stand.records.deliveries.values())).notice)
    for token in (
        f"{notice}.{later}.{signature}",
        f"{notice}x.{expires}.{signature}",
        f"{notice}.{expires}.{signature[:-1]}",
        str(other).rpartition("/")[2],
        "x",
        "%00",
        "a.b.c",
    ):
        for method in ("GET", "POST"):
            answer = await http.request(method, f"/ack/{token}")
            assert answer.status_code == 404, token
    await passes(stand, 60)
    for method in ("GET", "POST"):
        assert (await http.request(method, path)).status_code == 410
    assert (await http.get("/api/v1/alerts")).json()["alerts"][0]["phase"] == "firing"
