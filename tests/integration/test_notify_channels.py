"""Every channel against a real server of its kind: what arrives, what failures mean, what never leaks."""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import hashlib
import hmac
import json
import logging
import threading
from collections.abc import AsyncIterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from bongsu.clock import SystemClock
from bongsu.model.alert import Notice
from bongsu.model.errors import ChannelError, NotFound
from bongsu.notify.http import Http
from bongsu.notify.registry import channels_of
from bongsu.notify.tools import Listening, PacedChannel, Tools
from bongsu.ports import Acknowledger
from bongsu.redaction import Redactor
from tests.fakes.notify import alert, notice, settings_with, tools
from tests.integration.receivers import Authority, Receiver, Reply, Request, mail_server, receiving

SECRET = "s3cr3t-T0ken"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Trusted by nobody unless set so."""
    return Authority(tmp_path)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A plain HTTP receiver."""
    async with receiving() as made:
        yield made


class Sending:
    """One channel of the settings."""

    def __init__(self, channel: PacedChannel, tools: Tools) -> None:
        self.channel = channel
        self.tools = tools

    async def send(self, one: Notice | None = None) -> str:
        return await self.channel.send(one or notice())

    async def fails(self, one: Notice | None = None) -> ChannelError:
        """The failure, which holds no secret."""
        with pytest.raises(ChannelError) as told:
            await self.send(one)
        assert SECRET not in told.value.detail
        return told.value

    async def close(self) -> None:
        await self.tools.http.close()


def sending(
    *, ca_file: Path | None = None, acknowledger: Acknowledger | None = None, proxy: str | None = None, **settings: Any
) -> Sending:
    """The first channel that these settings make."""
    redactor = Redactor([SECRET])
    http = Http(time_out=0.3, ca_file=str(ca_file) if ca_file else None, proxy=proxy, redactor=redactor)
    made = tools(SystemClock(), http=http, secrets=[SECRET], acknowledger=acknowledger)
    return Sending(channels_of(settings_with(**settings).notifications, made)[0], made)


# -- webhooks of all kinds ---------------------------------------------------------------------------------------

SERVICES: Mapping[str, Any] = {
    "slack": {"slack": {"webhook_url": "URL"}},
    "telegram": {"telegram": {"bot_token": SECRET, "chat_id": "-100", "api_url": "URL"}},
    "jandi": {"jandi": {"webhook_url": "URL"}},
    "dooray": {"dooray": {"webhook_url": "URL"}},
    "discord": {"discord": {"webhook_url": "URL"}},
    "webhook": {"webhooks": [{"name": "ops", "url": "URL", "secret": "at least sixteen"}]},
}


def at(url: str, service: str) -> dict[str, Any]:
    """The settings of a service at this address; where the address is secret, the secret stands in it."""
    address = url if service == "telegram" else f"{url}/{SECRET}"
    found: dict[str, Any] = json.loads(json.dumps(SERVICES[service]).replace("URL", address))
    return found


GOLDEN: Mapping[str, Any] = {
    "slack": {
        "text": "🚨 WARNING: CPU 사용률이 높습니다.",
        "attachments": [
            {
                "color": "warning",
                "fields": [
                    {"title": "메트릭", "value": "cpu_usage", "short": True},
                    {"title": "값", "value": "85.5%", "short": True},
                    {"title": "임계값", "value": "80.0%", "short": True},
                ],
            }
        ],
    },
    "telegram": {
        "chat_id": "-100",
        "text": "🚨 WARNING\n메시지: CPU 사용률이 높습니다.\n메트릭: cpu_usage\n값: 85.5%\n임계값: 80.0%\n"
        "시간: 2025-01-27 15:30:45",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    },
    "jandi": {
        "body": "🚨 WARNING: CPU 사용률이 높습니다.",
        "connectColor": "#d29922",
        "connectInfo": [
            {
                "title": "WARNING CPU 사용률이 높습니다.",
                "description": "메트릭: cpu_usage\n값: 85.5%\n임계값: 80.0%",
            }
        ],
    },
    "dooray": {
        "botName": "봉수",
        "text": "🚨 WARNING: CPU 사용률이 높습니다.",
        "attachments": [
            {
                "title": "WARNING CPU 사용률이 높습니다.",
                "text": "메트릭: cpu_usage\n값: 85.5%\n임계값: 80.0%",
                "color": "#d29922",
            }
        ],
    },
    "discord": {
        "content": "🚨 WARNING\n메시지: CPU 사용률이 높습니다.\n메트릭: cpu\\_usage\n값: 85.5%\n임계값: 80.0%\n"
        "시간: 2025-01-27 15:30:45",
        "allowed_mentions": {"parse": []},
        "flags": 4,
    },
}
PATHS = {"telegram": f"/bot{SECRET}/sendMessage", "discord": f"/{SECRET}?wait=true"}


@pytest.mark.guide("G013")
@pytest.mark.parametrize("service", GOLDEN)
async def test_what_arrives(service: str, receiver: Receiver) -> None:
    """Each service gets exactly the document it understands, as JSON, at its address."""
    made = sending(**at(receiver.url, service))
    await made.send()
    await made.close()
    (request,) = receiver.got
    assert request.json == GOLDEN[service]
    assert request.path == PATHS.get(service, f"/{SECRET}")
    assert request.headers["content-type"] == "application/json"
    wanted = "application/vnd.tosslab.jandi-v2+json" if service == "jandi" else "application/json"
    assert request.headers["accept"] == wanted


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("reply", "kind", "pause"),
    [
        (Reply(429, headers={"retry-after": "7"}), "rate_limited", 7.0),
        (Reply(503), "temporary", None),
        (Reply(403, SECRET.encode()), "auth", None),
        (Reply(400, b"invalid_payload"), "permanent", None),
        (Reply(302, headers={"location": "http://169.254.169.254/"}), "auth", None),
        (None, "temporary", None),
    ],
    ids=["429", "503", "403", "400", "redirect", "hangs"],
)
async def test_failures(service: str, reply: Reply | None, kind: str, pause: float | None, receiver: Receiver) -> None:
    """Each failure has its class and pause, is asked once, and its text holds no secret though the address does."""
    receiver.answer = lambda _: reply
    made = sending(**at(receiver.url, service))
    error = await made.fails()
    await made.close()
    assert (error.kind, error.retry_after) == (kind, pause)
    assert len(receiver.got) == 1


@pytest.mark.parametrize("service", SERVICES)
async def test_nobody_there(service: str, caplog: pytest.LogCaptureFixture) -> None:
    """A refused connection is temporary and says so without the address's secret, in the log too."""
    caplog.set_level(logging.DEBUG)
    async with receiving() as gone:
        url = gone.url
    made = sending(**at(url, service))
    error = await made.fails()
    await made.close()
    assert (error.kind, "127.0.0.1" in error.detail) == ("temporary", True)
    assert SECRET not in caplog.text


async def test_secrets_stay_out_of_logs(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """Not even at the level DEBUG do the loggers of our libraries write an address."""
    caplog.set_level(logging.DEBUG)
    for service in SERVICES:
        made = sending(**at(receiver.url, service))
        await made.send()
        await made.close()
    assert len(receiver.got) == len(SERVICES)
    assert SECRET not in caplog.text


async def test_certificates_are_verified(authority: Authority) -> None:
    """A server whose authority isn't trusted gets nothing; one whose authority is named does."""
    async with receiving(authority.server()) as receiver:
        stranger = sending(**at(receiver.url, "slack"))
        error = await stranger.fails()
        trusted = sending(ca_file=authority.file, **at(receiver.url, "slack"))
        await trusted.send()
        await stranger.close()
        await trusted.close()
    assert (error.kind, "isn't trusted" in error.detail) == ("temporary", True)
    assert len(receiver.got) == 1


async def test_a_missing_authority_is_told(tmp_path: Path, receiver: Receiver) -> None:
    """A ca_file that isn't there is named, and nothing is sent without it."""
    made = sending(ca_file=tmp_path / "none.pem", **at(receiver.url, "slack"))
    error = await made.fails()
    assert error.detail == "notifications.ca_file can't be read: No such file or directory"
    assert receiver.got == []


async def test_a_user_in_the_address(receiver: Receiver) -> None:
    """Name and password in a webhook's address are sent as such, and the host is told without them."""
    made = sending(slack={"webhook_url": receiver.url.replace("//", "//ops:p%24w@") + "/x"})
    await made.send()
    await made.close()
    (request,) = receiver.got
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"ops:p$w").decode()
    assert "@" not in request.headers["host"]


async def test_by_a_proxy(receiver: Receiver) -> None:
    """Where a proxy is set, it is asked instead, with its own name and password."""
    made = sending(proxy=receiver.url.replace("//", "//u:p@"), slack={"webhook_url": "http://slack.invalid/x"})
    await made.send()
    await made.close()
    (request,) = receiver.got
    assert request.path == "http://slack.invalid/x"
    assert request.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"u:p").decode()


async def test_an_endless_answer_is_not_read(receiver: Receiver) -> None:
    """Of an answer without end the beginning is enough."""
    receiver.answer = lambda _: Reply(200, b"x" * 3_000_000)
    made = sending(**at(receiver.url, "slack"))
    await made.send()
    await made.close()


async def test_the_signature(receiver: Receiver) -> None:
    """The receiver's recipe in docs/alerts.md accepts what is sent, and nothing that was changed or is old."""
    document = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
    recipe = document.partition("To check it:\n\n```python\n")[2].partition("```")[0]
    known: dict[str, Any] = {}
    exec(recipe, known)
    settings = at(receiver.url, "webhook")
    settings["webhooks"][0]["headers"] = {"X-Team": "ops"}
    made = sending(**settings)
    await made.send(notice("id-1"))
    await made.close()
    (request,) = receiver.got
    header, body = request.headers["bongsu-signature"], request.body
    assert known["genuine"](header, body, "at least sixteen")
    assert not known["genuine"](header, body + b" ", "at least sixteen")
    assert not known["genuine"](header, body, "at least sixteem")
    old = int(header.split(",")[0][2:]) - 301
    mac = hmac.new(b"at least sixteen", f"{old}.".encode() + body, hashlib.sha256).hexdigest()
    assert not known["genuine"](f"t={old},v1={mac}", body, "at least sixteen")
    assert (request.headers["idempotency-key"], request.headers["x-team"]) == ("id-1", "ops")
    assert request.json["alerts"][0]["labels"] == {}


# -- Telegram's buttons ------------------------------------------------------------------------------------------


class Answers:
    """An acknowledger that notes who pressed; the alert `gone` is over."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    async def acknowledge(self, alert_id: str, *, by: str, note: str = "") -> None:
        if alert_id == "gone":
            raise NotFound("it is over")
        self.heard.append((alert_id, by))


def press(number: int, alert_id: str, *, chat: int = -100) -> dict[str, Any]:
    """An update of Telegram: somebody pressed a button."""
    return {
        "update_id": number,
        "callback_query": {
            "id": f"q{number}",
            "from": {"first_name": "길동\n", "last_name": "홍", "username": "hong"},
            "message": {"message_id": 5, "chat": {"id": chat}},
            "data": f"ack:{alert_id}",
        },
    }


async def test_buttons_are_heard(receiver: Receiver) -> None:
    """Pressed buttons acknowledge in the presser's name; other chats may not, faulty updates are passed over; each
    update is asked for once."""
    updates: list[Any] = [press(1, "a"), press(2, "b", chat=-999), press(3, "gone"), {"update_id": 4}, "nonsense"]
    updates += [{"update_id": 5, "callback_query": {"id": "q5", "data": "ack:c"}}, press(6, "d")]
    answered: list[tuple[str, Any]] = []
    offsets: list[int] = []

    def answer(request: Request) -> Reply | None:
        method = request.path.rpartition("/")[2]
        if method != "getUpdates":
            answered.append((method, request.json))
            return Reply(body=b'{"ok":true,"result":true}')
        offsets.append(request.json["offset"])
        if len(offsets) == 1:
            return Reply(502)
        return Reply(body=json.dumps({"ok": True, "result": updates}).encode()) if len(offsets) == 2 else None

    receiver.answer = answer
    acknowledger = Answers()
    made = sending(acknowledger=acknowledger, **at(receiver.url, "telegram"))
    assert isinstance(made.channel, Listening)
    task = asyncio.ensure_future(made.channel.listen())
    async with asyncio.timeout(10):
        await receiver.wait_for(3 + 7)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await made.close()
    assert acknowledger.heard == [("a", "길동 홍 (@hong)"), ("d", "길동 홍 (@hong)")]
    assert offsets == [0, 0, 7]
    texts = [body["text"] for method, body in answered if method == "answerCallbackQuery"]
    assert texts == [
        "확인 처리했습니다. 담당자로 기록됩니다.",
        "이 채팅에서는 알림을 확인할 수 없습니다.",
        "확인 처리하지 못했습니다: it is over",
        "이 채팅에서는 알림을 확인할 수 없습니다.",
        "확인 처리했습니다. 담당자로 기록됩니다.",
    ]
    assert [method for method, _ in answered].count("editMessageReplyMarkup") == 2


async def test_faulty_tags_are_sent_as_they_are(receiver: Receiver) -> None:
    """Where Telegram can't read the markup of an own template, the text goes out without markup."""

    def answer(request: Request) -> Reply:
        if "parse_mode" in request.json:
            return Reply(400, b'{"ok":false,"description":"Bad Request: can\'t parse entities"}')
        return Reply(body=b'{"ok":true,"result":{"message_id":77}}')

    receiver.answer = answer
    made = sending(**at(receiver.url, "telegram"))
    assert await made.send() == "77"
    await made.close()


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b'{"ok":false,"description":"Bad Request: chat not found"}', "auth", "telegram.chat_id"),
        (b'{"ok":false,"description":"x","parameters":{"migrate_to_chat_id":-1005}}', "auth", "-1005"),
        (b'{"ok":false,"description":"Bad Request: message is too long"}', "permanent", "too long"),
    ],
)
async def test_telegrams_refusals(body: bytes, kind: str, says: str, receiver: Receiver) -> None:
    """A wrong chat is a matter of the set-up, and the error says what to set."""
    receiver.answer = lambda _: Reply(400, body)
    made = sending(**at(receiver.url, "telegram"))
    error = await made.fails()
    await made.close()
    assert error.kind == kind
    assert says in error.detail


# -- e-mail ------------------------------------------------------------------------------------------------------


def mail(port: int, **more: Any) -> dict[str, Any]:
    """The settings of e-mail; the password holds a `$`."""
    settings = {"smtp_server": "127.0.0.1", "smtp_port": port, "username": "bongsu@example.kr", "password": "p$w"}
    return {"email": settings | {"to": ["ops@example.kr", "cto@example.kr"]} | more}


@pytest.mark.guide("G013")
async def test_a_mail_arrives(authority: Authority) -> None:
    """Encrypted, signed in, with an HTML and a text part, to all receivers, its id the notice's."""
    async with mail_server(authority.server()) as box:
        made = sending(ca_file=authority.file, **mail(box.port))
        receipt = await made.send(notice("n-1", alert(message="<b>디스크</b>\r\nBcc: x@evil.example")))
    (envelope,) = box.got
    assert (envelope.mail_from, envelope.rcpt_tos) == ("bongsu@example.kr", ["ops@example.kr", "cto@example.kr"])
    assert "4711" in receipt
    assert isinstance(envelope.content, bytes)
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert message["Subject"] == "🚨 WARNING: <b>디스크</b> Bcc: x@evil.example"
    assert message["Message-ID"] == "<n-1@example.kr>"
    assert message["Bcc"] is None
    parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
    assert "메시지: <b>디스크</b>" in parts["text/plain"]
    assert "&lt;b&gt;디스크&lt;/b&gt;" in parts["text/html"]
    assert "<b>" not in parts["text/html"]


@pytest.mark.guide("G058")
async def test_mail_never_goes_unencrypted(authority: Authority) -> None:
    """Without STARTTLS, with a stranger's certificate, or with one for another name nothing is sent at all."""
    async with mail_server(None) as plain:
        error = await sending(ca_file=authority.file, **mail(plain.port)).fails()
    assert (plain.got, error.kind, "STARTTLS" in error.detail) == ([], "auth", True)
    async with mail_server(authority.server()) as box:
        error = await sending(**mail(box.port)).fails()
    assert (box.got, error.kind) == ([], "temporary")
    async with mail_server(authority.server("mail.example.kr")) as box:
        error = await sending(ca_file=authority.file, **mail(box.port)).fails()
    assert (box.got, error.kind) == ([], "temporary")


@pytest.mark.parametrize(
    ("refuse", "kind"),
    [
        ({"password": "wrong p$w"}, "auth"),
        ({"recipient": "550 5.1.1 no such user"}, "permanent"),
        ({"recipient": "450 4.2.1 later"}, "temporary"),
        ({"data": "552 5.3.4 too big"}, "permanent"),
        ({"data": "451 4.3.0 try again"}, "temporary"),
    ],
    ids=str,
)
async def test_refusals_of_mail(refuse: dict[str, str], kind: str, authority: Authority) -> None:
    """A wrong login, unknown receivers, a full box: each has its class."""
    async with mail_server(authority.server()) as box:
        box.refuse_recipient = refuse.get("recipient", "")
        box.refuse_data = refuse.get("data", "")
        settings = mail(box.port, **({"password": refuse["password"]} if "password" in refuse else {}))
        error = await sending(ca_file=authority.file, **settings).fails()
    assert error.kind == kind
    assert "p$w" not in error.detail


# -- Apprise -----------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")  # Apprise's own
async def test_an_apprise_address() -> None:
    """Any address of Apprise is a channel: here its JSON one, in a thread that blocks nobody."""
    got: list[dict[str, Any]] = []
    status = [200]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status[0])
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = sending(apprise=[f"json://127.0.0.1:{server.server_port}/{SECRET}"])
    try:
        await made.send()
        status[0] = 500
        error = await made.fails()
    finally:
        server.shutdown()
        server.server_close()
    assert (got[0]["title"], got[0]["type"]) == ("🚨 WARNING: CPU 사용률이 높습니다.", "warning")
    assert "메트릭: cpu_usage" in got[0]["message"]
    assert error.kind == "temporary"
    assert (
        await sending(apprise=["nosuch://x"]).fails()
    ).detail == "Apprise doesn't understand the address of apprise:1"
