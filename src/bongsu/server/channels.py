"""How the channels stand, a test through one of them, what was sent, and sending by hand."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.model.alert import Delivery, DeliveryState, Severity
from bongsu.model.alert_json import delivery_json
from bongsu.model.errors import BadRequest, ChannelError, Unavailable
from bongsu.ports import Notifications
from bongsu.server.body import BodyReader
from bongsu.server.endpoint import Part
from bongsu.server.parameters import Parameters
from bongsu.server.samples import JSON

_STATES: tuple[DeliveryState | Literal["all"], ...] = ("waiting", "sent", "dead", "dropped", "all")
_MOST = 1_000
_USUAL = 200
_FRESH = {"cache-control": "no-store"}

Answer: TypeAlias = dict[str, Any]


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /api/v1/notifications`."""

    message: str
    level: Severity = "info"
    channels: list[str] | None = None


class Channels:
    """Handlers of these routes; `notifications` is None where nothing is sent by this server."""

    def __init__(self, *, notifications: Notifications | None, bodies: BodyReader) -> None:
        self._notifications = notifications
        self._bodies = bodies

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (
            ("GET", "/api/v1/channels", self.channels),
            ("POST", "/api/v1/channels/{name}/test", self.test),
            ("GET", "/api/v1/notifications", self.deliveries),
            ("POST", "/api/v1/notifications", self.send),
            ("POST", "/api/v1/notifications/{id}/resend", self.resend),
        )

    async def channels(self, request: Request) -> Response:
        """Every channel and how it stands."""
        Parameters(request.scope["query_string"], known=())
        return _json({"channels": await self._running().channels()})

    async def test(self, request: Request) -> Response:
        """Send a test message now; a failure of the channel is an answer, not an error."""
        await self._bodies.read(request.scope, request.receive)
        try:
            receipt = await self._running().test(request.path_params["name"])
        except ChannelError as error:
            return _json({"ok": False, "error": error.detail, "class": error.kind})
        return _json({"ok": True, "receipt": receipt})

    async def deliveries(self, request: Request) -> Response:
        """Notices, newest first: of one state, or of all."""
        asked = Parameters(request.scope["query_string"], known=("state", "limit"))
        state = asked.choice("state", _STATES) or "all"
        limit = _limit(asked.get("limit"))
        found = await self._running().deliveries(None if state == "all" else state, limit=limit)
        return _json({"notifications": [document_of(one) for one in found]})

    async def send(self, request: Request) -> Response:
        """Tell people something that is no alert."""
        body = await self._bodies.read(request.scope, request.receive)
        try:
            asked = msgspec.json.decode(body, type=Message)
        except msgspec.DecodeError as error:
            raise BadRequest(
                f"the body can't be read: {error}", hint='send {"message": "…", "level": "info", "channels": ["slack"]}'
            ) from None
        notices = await self._running().send(asked.message, level=asked.level, channels=asked.channels)
        return _json({"notifications": [{"id": one.id, "channel": one.channel} for one in notices]})

    async def resend(self, request: Request) -> Response:
        """Put a dead or dropped notice on its way again."""
        await self._bodies.read(request.scope, request.receive)
        return _json({"notification": document_of(await self._running().resend(request.path_params["id"]))})

    def _running(self) -> Notifications:
        if self._notifications is None:
            raise Unavailable("this server sends no notifications", hint="start it with bongsu up")
        return self._notifications


def document_of(delivery: Delivery) -> Answer:
    """A delivery as JSON: what it told of, and what became of it."""
    notice = delivery.notice
    text = notice.text or (notice.alerts[0].message if notice.alerts else "")
    return delivery_json(delivery) | {"group": notice.group, "text": text, "more": notice.more}


def _limit(text: str | None) -> int:
    if text is None:
        return _USUAL
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= _MOST):
        raise BadRequest(f"limit is {text!r}", hint=f"it must be a number from 1 to {_MOST:,}")
    return int(text)


def _json(document: Answer) -> Response:
    return Response(msgspec.json.encode(document), media_type=JSON, headers=_FRESH)
