"""`/api/v1/silences`: what keeps quiet, and until when."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.alert_ports import Alerts
from bongsu.model.alert import Silence
from bongsu.model.alert_json import silence_json
from bongsu.model.errors import BadRequest
from bongsu.ports import Clock
from bongsu.server.alerts import LONGEST_NOTE, cleaned, spoken
from bongsu.server.endpoint import Part
from bongsu.server.identity import spoken_by
from bongsu.server.json_body import JsonBodies
from bongsu.server.parameters import UNITS_MS, Parameters, duration_of
from bongsu.server.samples import JSON

_MOST_MATCHERS = 20
_LONGEST_VALUE = 1_024
_DAY = UNITS_MS["d"]
_LONGEST = 5 * 366 * _DAY
_LATEST = 8_000 * 365 * _DAY
"""Milliseconds: in the year 9964. Days after 9999 can't be reckoned with, and one such window would stop all alerts."""
_REPEATS = re.compile(r"daily|weekday|weekend|(mon|tue|wed|thu|fri|sat|sun)(,(mon|tue|wed|thu|fri|sat|sun)){0,6}")


class NewSilence(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The body of `POST /api/v1/silences`; times are UTC ms."""

    matchers: dict[str, str]
    reason: str = ""
    by: str = ""
    starts_at: int | None = None
    ends_at: int | None = None
    lasts: str = msgspec.field(default="", name="for")
    repeats: str = ""
    timezone: str = ""
    until: int | None = None


_NEW = msgspec.json.Decoder(NewSilence)


class SilenceRoutes:
    """Handlers of these routes. `timezone` is that of a silence that names none."""

    def __init__(self, *, alerts: Alerts, clock: Clock, bodies: JsonBodies, timezone: str = "Asia/Seoul") -> None:
        self._alerts = alerts
        self._clock = clock
        self._bodies = bodies
        self._timezone = timezone

    def table(self) -> Part:
        """Method, path and handler of each."""
        return (
            ("GET", "/api/v1/silences", self.list),
            ("POST", "/api/v1/silences", self.post),
            ("DELETE", "/api/v1/silences/{id}", self.delete),
        )

    async def list(self, request: Request) -> Response:
        """Those to come or in force, maintenance windows of the settings among them."""
        Parameters(request.scope["query_string"], known=())
        found = [silence_json(one, in_force=now) for one, now in self._alerts.silences()]
        return _answer({"at": self._clock.now(), "silences": found})

    async def post(self, request: Request) -> Response:
        """Keep a silence; answers with it once it is in force, or will be."""
        body = await self._bodies.read(request, _NEW)
        kept = await self._alerts.silence(
            drafted(body, by=spoken_by(request, body.by), now=self._clock.now(), timezone=self._timezone)
        )
        in_force = next((now for one, now in self._alerts.silences() if one.id == kept.id), False)
        return _answer({"silence": silence_json(kept, in_force=in_force)}, status=201)

    async def delete(self, request: Request) -> Response:
        """End it now."""
        asked = Parameters(request.scope["query_string"], known=("by",))
        by, _ = spoken(spoken_by(request, asked.get("by") or ""), "")
        ended = await self._alerts.end_silence(request.path_params["id"], by=by)
        return _answer({"silence": silence_json(ended, in_force=False)})


def drafted(body: NewSilence, *, by: str, now: int, timezone: str) -> Silence:
    """The checked silence, without its id.

    Raises:
        BadRequest: a part of it can't be taken.
    """
    starts_at, ends_at = _span(body, now)
    repeats = body.repeats.replace(" ", "").lower()
    if repeats and not _REPEATS.fullmatch(repeats):
        raise BadRequest("repeats is unknown", hint="daily, weekday, weekend, or days such as mon,thu")
    if repeats and ends_at - starts_at > _DAY:
        raise BadRequest("a window that comes back must not last longer than a day")
    if not repeats and ends_at <= now:
        raise BadRequest("it would be over already", hint="ends_at is UTC milliseconds")
    if body.until is not None and not (repeats and starts_at <= body.until <= _LATEST):
        raise BadRequest("until is the last day of a window that comes back", hint="UTC milliseconds, after starts_at")
    by, reason = spoken(by, body.reason)
    return Silence(
        id="",
        matchers=_matchers(body.matchers),
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason[:LONGEST_NOTE],
        by=by,
        created_at=now,
        repeats=repeats,
        timezone=_zone(body.timezone or timezone),
        until=body.until,
    )


def _span(body: NewSilence, now: int) -> tuple[int, int]:
    starts_at = now if body.starts_at is None else body.starts_at
    if body.ends_at is not None and body.lasts:
        raise BadRequest("both ends_at and for are given", hint="give one of them")
    if body.ends_at is None and not body.lasts:
        raise BadRequest("it has no end", hint='give "for": "2h", or ends_at')
    ends_at = body.ends_at if body.ends_at is not None else starts_at + duration_of("for", body.lasts)
    if not 0 <= starts_at < ends_at <= _LATEST:
        raise BadRequest("it must end after it starts", hint="starts_at and ends_at are UTC milliseconds")
    if ends_at - starts_at > _LONGEST:
        raise BadRequest("it lasts longer than five years")
    return starts_at, ends_at


def _matchers(matchers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    if not 0 < len(matchers) <= _MOST_MATCHERS:
        raise BadRequest(
            f"matchers must be 1 to {_MOST_MATCHERS}", hint='such as {"metric": "disk_usage", "mount": "/data*"}'
        )
    for name, value in matchers.items():
        if not 0 < len(name) <= _LONGEST_VALUE or not 0 < len(value) <= _LONGEST_VALUE:
            raise BadRequest(f"matchers: a name and a value have 1 to {_LONGEST_VALUE} characters")
    return tuple(sorted((cleaned(name), cleaned(value)) for name, value in matchers.items()))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRequest("timezone is unknown", hint="such as Asia/Seoul") from None
    return name


def _answer(body: dict[str, object], *, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(body), status_code=status, media_type=JSON, headers={"cache-control": "no-store"}
    )
