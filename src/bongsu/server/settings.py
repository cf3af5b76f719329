"""Settings over REST: read, tried, changed, their versions, rolled back, exported; secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from bongsu.model.errors import BadRequest
from bongsu.server.endpoint import Part
from bongsu.server.json_body import JsonBodies, Numbered
from bongsu.server.parameters import Parameters
from bongsu.server.samples import JSON
from bongsu.settings.show import json_schema
from bongsu.settings_ports import Language, SettingsDesk

_NOBODY = "rest"
_LANGUAGES = ("ko", "en")
_PATHS = 500
"""Settings in one change: there are fewer."""
_DEPTH = 30
"""Levels of lists and objects within a value."""
_VERSIONS = 1_000
_FILE = 'attachment; filename="monitoring_config.json"'


class Trial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a preview."""

    changes: dict[str, Any] = {}
    reset: list[str] = []


class Change(Trial, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a change; `version` is the one it was made on top of."""

    version: Numbered
    note: str = ""


class Back(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a roll-back; with `version` only if that is still the newest."""

    number: Numbered
    version: Numbered | None = None
    note: str = ""


_TRIAL = msgspec.json.Decoder(Trial)
_CHANGE = msgspec.json.Decoder(Change)
_BACK = msgspec.json.Decoder(Back)


class SettingsRoutes:
    """Handlers of these routes."""

    def __init__(self, *, desk: SettingsDesk, bodies: JsonBodies) -> None:
        self._desk = desk
        self._bodies = bodies
        self._schema = b""

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (
            ("GET", "/api/v1/settings", self.get),
            ("PUT", "/api/v1/settings", self.put),
            ("POST", "/api/v1/settings/preview", self.preview),
            ("GET", "/api/v1/settings/versions", self.versions),
            ("POST", "/api/v1/settings/rollback", self.roll_back),
            ("GET", "/api/v1/settings/export", self.export),
            ("GET", "/api/v1/settings/schema", self.schema),
        )

    async def get(self, request: Request) -> Response:
        """All settings, where each comes from, what is wrong, what waits for a start."""
        view = self._desk.view(language=_language(request))
        return _answer(replace(view, writable=_may_write(request)))

    async def preview(self, request: Request) -> Response:
        """What a change would do."""
        language = _language(request)
        body = await self._bodies.read(request, _TRIAL)
        _bound(body)
        return _answer(await self._desk.preview(body.changes, body.reset, language=language))

    async def put(self, request: Request) -> Response:
        """Make a change."""
        language, by = _language(request), author_of(request)
        body = await self._bodies.read(request, _CHANGE)
        _bound(body)
        return _answer(
            await self._desk.change(
                body.changes, body.reset, version=body.version, note=body.note, by=by, language=language
            )
        )

    async def versions(self, request: Request) -> Response:
        """Who changed what, newest first."""
        asked = Parameters(request.scope["query_string"], known=("limit",))
        versions = await self._desk.versions(limit=asked.number("limit", 100, most=_VERSIONS))
        return _answer({"versions": versions})

    async def roll_back(self, request: Request) -> Response:
        """Set what stood in an older version again."""
        language, by = _language(request), author_of(request)
        body = await self._bodies.read(request, _BACK)
        return _answer(
            await self._desk.roll_back(body.number, version=body.version, note=body.note, by=by, language=language)
        )

    async def export(self, request: Request) -> Response:
        """A settings file that says what is set, without secrets."""
        Parameters(request.scope["query_string"], known=())
        body = msgspec.json.format(msgspec.json.encode(self._desk.export()), indent=2) + b"\n"
        return Response(body, media_type=JSON, headers={"cache-control": "no-store", "content-disposition": _FILE})

    async def schema(self, request: Request) -> Response:
        """The JSON Schema of all settings, with their sentences in both languages."""
        Parameters(request.scope["query_string"], known=())
        if not self._schema:
            self._schema = msgspec.json.encode(json_schema())
        return Response(self._schema, media_type=JSON, headers={"cache-control": "no-cache"})


def author_of(request: Request) -> str:
    """Who asks: whom the gate knows, by name."""
    state: Mapping[str, Any] = request.scope.get("state") or {}
    return str(getattr(state.get("identity"), "name", "") or _NOBODY)


def _may_write(request: Request) -> bool:
    """Whether the gate would let this one change settings: without accounts anybody, else admins."""
    state: Mapping[str, Any] = request.scope.get("state") or {}
    return getattr(state.get("identity"), "role", "admin") == "admin"


def _language(request: Request) -> Language | None:
    asked = Parameters(request.scope["query_string"], known=("language",))
    return cast("Language | None", asked.choice("language", _LANGUAGES))


def _bound(body: Trial) -> None:
    count = len(body.changes) + len(body.reset)
    if count > _PATHS:
        raise BadRequest(f"the change names {count} settings", hint=f"{_PATHS} at most")
    level: list[Any] = [*body.changes.values()]
    for _ in range(_DEPTH):
        level = [inner for one in level for inner in _within(one)]
        if not level:
            return
    raise BadRequest(f"a value is nested more than {_DEPTH} levels deep", hint="no setting is")


def _within(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _answer(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type=JSON, headers={"cache-control": "no-store"})
