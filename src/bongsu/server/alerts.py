"""`/api/v1/alerts`: alerts pushed in, what is open, the past, and what people do to one."""

from __future__ import annotations

import math
import re
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.alert_ports import Alerts
from bongsu.model.alert import Alert, Push, Severity
from bongsu.model.alert_json import alert_json, delivery_json, step_json
from bongsu.model.errors import BadRequest
from bongsu.model.sample import Labels, labels_of
from bongsu.ports import Clock
from bongsu.server.endpoint import Part
from bongsu.server.identity import spoken_by
from bongsu.server.json_body import JsonBodies
from bongsu.server.parameters import UNITS_MS, Parameters, duration_of
from bongsu.server.samples import JSON

STATES = ("open", "pending", "resolved", "all")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,199}")
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]{0,99}")
_MOST_LABELS = 32
_LONGEST_LABEL = 1_024
_LONGEST_MESSAGE = 4_000
LONGEST_NOTE = 2_000
LONGEST_NAME = 100
_MOST = 1_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class PushedAlert(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The body of `POST /api/v1/alerts`, as the guide has it; labels, unit and status are ours."""

    message: str
    level: Severity = "warning"
    metric: str = ""
    value: float | None = None
    threshold: float | None = None
    labels: dict[str, str] = {}
    unit: str = ""
    status: Literal["firing", "resolved"] = "firing"


class Word(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Who does something to an alert, and why."""

    by: str = ""
    note: str = ""


class Acknowledgement(Word, forbid_unknown_fields=True, kw_only=True):
    """Who has it in hand, and for how long (`2h`; empty: until it is over)."""

    lasts: str = msgspec.field(default="", name="for")


_PUSHED = msgspec.json.Decoder(PushedAlert)
_WORD = msgspec.json.Decoder(Word)
_ACKNOWLEDGEMENT = msgspec.json.Decoder(Acknowledgement)


class AlertRoutes:
    """Handlers of these routes."""

    def __init__(self, *, alerts: Alerts, clock: Clock, bodies: JsonBodies) -> None:
        self._alerts = alerts
        self._clock = clock
        self._bodies = bodies

    def table(self) -> Part:
        """Method, path and handler of each."""
        one = "/api/v1/alerts/{id}"
        return (
            ("POST", "/api/v1/alerts", self.push),
            ("GET", "/api/v1/alerts", self.list),
            ("GET", one, self.get),
            ("POST", f"{one}/acknowledge", self.acknowledge),
            ("POST", f"{one}/unacknowledge", self.unacknowledge),
            ("POST", f"{one}/resolve", self.resolve),
        )

    async def push(self, request: Request) -> Response:
        """Take an alert; answers once it is kept."""
        body = await self._bodies.read(request, _PUSHED)
        push = pushed(body, at=self._clock.now())
        alert = await self._alerts.push(push)
        answer = {"id": alert.id if alert else None, "fingerprint": alert.fingerprint if alert else None}
        return _answer(answer, status=202)

    async def list(self, request: Request) -> Response:
        """Alerts by state."""
        asked = Parameters(request.scope["query_string"], known=("state", "start", "end", "text", "limit"))
        now = self._clock.now()
        state = asked.choice("state", STATES) or "open"
        end = asked.time("end", now)
        end = now + 1 if end is None else end
        start = asked.time("start", now)
        start = end - 7 * UNITS_MS["d"] if start is None else start
        text = (asked.get("text") or "").lower()
        limit = asked.number("limit", 200, most=_MOST)
        found: list[Alert] = []
        still_open = self._alerts.open_alerts()
        if state in ("open", "all"):
            found += [alert for alert in still_open if _mentions(alert, text)]
        if state in ("pending", "all"):
            found += [alert for alert in self._alerts.pending_alerts() if _mentions(alert, text)]
        if state in ("resolved", "all"):
            # The past holds what is still open too, which must not take the place of what is over.
            past = await self._alerts.past(start=start, end=end, text=text, limit=limit + len(still_open))
            found += [alert for alert in past if alert.phase == "resolved"]
        return _answer({"at": now, "alerts": [alert_json(alert) for alert in found[:limit]]})

    async def get(self, request: Request) -> Response:
        """One alert, its steps and the messages that told of it."""
        Parameters(request.scope["query_string"], known=())
        alert = await self._alerts.alert(request.path_params["id"])
        steps = await self._alerts.steps(alert.id)
        deliveries = await self._alerts.deliveries(alert.id)
        return _answer(
            {
                "alert": alert_json(alert),
                "steps": [step_json(step) for step in steps],
                "deliveries": [delivery_json(delivery) for delivery in deliveries],
            }
        )

    async def acknowledge(self, request: Request) -> Response:
        """Somebody has it in hand."""
        body = await self._bodies.read(request, _ACKNOWLEDGEMENT)
        lasts = duration_of("for", body.lasts) if body.lasts else None
        by, note = spoken(spoken_by(request, body.by), body.note)
        alert = await self._alerts.acknowledge(request.path_params["id"], by=by, note=note, lasts=lasts)
        return _answer({"alert": alert_json(alert)})

    async def unacknowledge(self, request: Request) -> Response:
        """Nobody has it in hand any more."""
        body = await self._bodies.read(request, _WORD)
        by, note = spoken(spoken_by(request, body.by), body.note)
        alert = await self._alerts.unacknowledge(request.path_params["id"], by=by, note=note)
        return _answer({"alert": alert_json(alert)})

    async def resolve(self, request: Request) -> Response:
        """Somebody says it is over."""
        body = await self._bodies.read(request, _WORD)
        by, note = spoken(spoken_by(request, body.by), body.note)
        alert = await self._alerts.resolve(request.path_params["id"], by=by, note=note)
        return _answer({"alert": alert_json(alert)})


def pushed(body: PushedAlert, *, at: int) -> Push:
    """The checked alert.

    Raises:
        BadRequest: a part of it can't be taken.
    """
    message = cleaned(body.message).strip()
    if not message:
        raise BadRequest("message is empty", hint="say what is wrong")
    if body.metric and not _METRIC.fullmatch(body.metric):
        raise BadRequest("metric is no metric's name", hint="letters, digits, _ and :, 200 at most")
    for name, value in (("value", body.value), ("threshold", body.threshold)):
        if value is not None and not math.isfinite(value):
            raise BadRequest(f"{name} is no finite number")
    return Push(
        at=at,
        severity=body.level,
        message=message[:_LONGEST_MESSAGE],
        metric=body.metric,
        labels=_labels(body.labels),
        value=body.value,
        threshold=body.threshold,
        unit=cleaned(body.unit)[:20],
        resolved=body.status == "resolved",
    )


def spoken(by: str, note: str) -> tuple[str, str]:
    """A name and a note of bounded length, without control characters."""
    return cleaned(by).strip()[:LONGEST_NAME], cleaned(note).strip()[:LONGEST_NOTE]


def cleaned(text: str) -> str:
    """Without control characters but for line breaks and tabs."""
    return _CONTROL.sub("\ufffd", text)


def _labels(labels: dict[str, str]) -> Labels:
    if len(labels) > _MOST_LABELS:
        raise BadRequest(f"there are more than {_MOST_LABELS} labels")
    for name, value in labels.items():
        if not _LABEL.fullmatch(name):
            raise BadRequest(f"labels: {name[:40]!r} is no label's name", hint="letters, digits and _, not __ in front")
        if len(value.encode("utf-8", "surrogatepass")) > _LONGEST_LABEL:
            raise BadRequest(f"labels.{name} is longer than {_LONGEST_LABEL} bytes")
    return labels_of({name: cleaned(value) for name, value in labels.items() if value})


def _mentions(alert: Alert, text: str) -> bool:
    said = [alert.message, *(told for _, told in alert.messages)]
    parts = [*said, alert.metric, *(f"{name}={value}" for name, value in alert.labels)]
    return not text or any(text in part.lower() for part in parts)


def _answer(body: dict[str, Any], *, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(body), status_code=status, media_type=JSON, headers={"cache-control": "no-store"}
    )
