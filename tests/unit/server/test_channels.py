"""Channels and notifications over REST, with a real notifier behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import jsonschema
import pytest

from bongsu.clock import SystemClock
from bongsu.model.errors import ChannelError
from bongsu.notify.memory import MemoryOutbox
from bongsu.notify.notifier import Notifier
from bongsu.redaction import Redactor
from bongsu.server.openapi import document
from bongsu.settings.model import Settings
from tests.fakes.notify import FakeChannel, notice, tools
from tests.fakes.server import Stand, running

DOCUMENT = document()


class Place:
    """The stand, its client and the channel behind it; its lanes aren't running, so that what waits waits."""

    def __init__(self, http: httpx.AsyncClient, slack: FakeChannel, outbox: MemoryOutbox) -> None:
        self.http = http
        self.slack = slack
        self.outbox = outbox


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """One channel, `slack`."""
    slack, outbox, clock = FakeChannel(), MemoryOutbox(), SystemClock()
    made = Notifier([slack], settings=Settings(), outbox=outbox, tools=tools(clock), redactor=Redactor())
    async with running(Stand(notifications=made)) as stand, httpx.AsyncClient(base_url=stand.url) as http:
        yield Place(http, slack, outbox)


def conforms(answer: httpx.Response, path: str, method: str) -> None:
    """The answer has the schema of the description."""
    told = DOCUMENT["paths"][path][method]["responses"][str(answer.status_code)]
    if "$ref" in told:
        told = DOCUMENT["components"]["responses"]["Problem"]
    (content,) = told["content"].values()
    jsonschema.validate(answer.json(), {**content["schema"], "components": DOCUMENT["components"]})
    if "example" in content:
        jsonschema.validate(content["example"], {**content["schema"], "components": DOCUMENT["components"]})


async def test_how_channels_stand(place: Place) -> None:
    """Unused at first, ok after a message, failing after a failure with its reason."""
    states = []
    for trouble in (None, "ok", "fails"):
        if trouble == "fails":
            place.slack.fail()
        if trouble is not None:
            await place.http.post("/api/v1/channels/slack/test")
        answer = await place.http.get("/api/v1/channels")
        conforms(answer, "/api/v1/channels", "get")
        states.append(answer.json()["channels"][0]["state"])
    assert states == ["unused", "ok", "failing"]
    assert answer.json()["channels"][0]["last_error"] == "it is away"


@pytest.mark.guide("G050")
async def test_send_a_test(place: Place) -> None:
    """A test goes out now; delivered or not is the answer, with receipt or reason; an unknown channel is 404."""
    good = await place.http.post("/api/v1/channels/slack/test")
    conforms(good, "/api/v1/channels/{name}/test", "post")
    assert good.json()["ok"] is True
    assert [one.kind for one in place.slack.got] == ["test"]
    place.slack.trouble = lambda _: ChannelError("Slack answered 404: no_team", kind="auth")
    bad = await place.http.post("/api/v1/channels/slack/test")
    conforms(bad, "/api/v1/channels/{name}/test", "post")
    assert bad.json() == {"ok": False, "error": "Slack answered 404: no_team", "class": "auth"}
    unknown = await place.http.post("/api/v1/channels/nobody/test")
    conforms(unknown, "/api/v1/channels/{name}/test", "post")
    assert (unknown.status_code, unknown.json()["hint"]) == (404, "there are: slack")


async def test_messages(place: Place) -> None:
    """A message is put on its way and listed; faulty ones are 400 and say what would be right."""
    path = "/api/v1/notifications"
    sent = await place.http.post(path, json={"message": "배치 완료", "level": "warning"})
    conforms(sent, path, "post")
    (one,) = sent.json()["notifications"]
    listed = await place.http.get(path, params={"state": "waiting", "limit": 5})
    conforms(listed, path, "get")
    (row,) = listed.json()["notifications"]
    assert (row["id"], row["channel"], row["severity"], row["text"]) == (one["id"], "slack", "warning", "배치 완료")
    for body in (
        {"message": ""},
        {"message": "x" * 30_000},
        {"message": "x", "level": "loud"},
        {"message": "x", "channels": ["nobody"]},
        {"message": "x", "channels": []},
        {"text": "x"},
        [1],
    ):
        refused = await place.http.post(path, json=body)
        conforms(refused, path, "post")
        assert refused.status_code == 400
    assert (await place.http.get(path, params={"limit": "0"})).status_code == 400
    assert (await place.http.get(path, params={"state": "lost"})).status_code == 400


async def test_send_again(place: Place) -> None:
    """A dead message can be put on its way again; one that waits can't, an unknown one is 404."""
    path = "/api/v1/notifications/{id}/resend"
    await place.outbox.put([notice("n")])
    early = await place.http.post("/api/v1/notifications/n/resend")
    assert early.status_code == 400
    (waiting,) = await place.outbox.waiting()
    await place.outbox.mark([type(waiting)(notice=waiting.notice, state="dead", error="no", attempts=3)])
    again = await place.http.post("/api/v1/notifications/n/resend")
    conforms(again, path, "post")
    assert (again.json()["notification"]["state"], again.json()["notification"]["attempts"]) == ("waiting", 0)
    assert (await place.http.post("/api/v1/notifications/other/resend")).status_code == 404


async def test_other_sites_can_not_send(place: Place) -> None:
    """A page of another site can't make us send: its browser says where it comes from."""
    for site, status in (("cross-site", 403), ("same-origin", 200), ("none", 200)):
        answer = await place.http.post("/api/v1/channels/slack/test", headers={"sec-fetch-site": site})
        assert answer.status_code == status
    assert len(place.slack.got) == 2


async def test_without_notification() -> None:
    """A server that sends nothing says so."""
    async with running(Stand()) as stand, httpx.AsyncClient(base_url=stand.url) as http:
        answer = await http.get("/api/v1/channels")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:bongsu:problem:unavailable")
