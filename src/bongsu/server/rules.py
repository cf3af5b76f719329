"""Alert rules: read, made, changed, tried on the past and the present, and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.model.backtest import BackTest, Standing
from bongsu.model.rule import Rule, RuleVersion
from bongsu.model.rule_names import names_of
from bongsu.ports import Clock, RuleBook
from bongsu.server.endpoint import Part
from bongsu.server.identity import spoken_by
from bongsu.server.json_body import JsonBodies, Numbered
from bongsu.server.parameters import Parameters
from bongsu.server.samples import JSON
from bongsu.settings.rules import body_of

_NOBODY = "rest"
_AUTHOR = 100
_DAY = 86_400_000


class Trial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a back-test and of a preview."""

    rule: Any
    start: int | str = "-30d"
    end: int | str = "now"
    step: str = ""


class Back(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of a roll-back."""

    number: Numbered
    by: str = ""


_ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_TRIAL = msgspec.json.Decoder(Trial)
_BACK = msgspec.json.Decoder(Back)


class RuleRoutes:
    """Handlers of these routes. Who changed something is the parameter `by`; `by` in a rule are labels."""

    def __init__(self, *, book: RuleBook, clock: Clock, bodies: JsonBodies) -> None:
        self._book = book
        self._clock = clock
        self._bodies = bodies

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (
            ("GET", "/api/v1/rules", self.list),
            ("POST", "/api/v1/rules", self.post),
            ("POST", "/api/v1/rules/backtest", self.backtest),
            ("POST", "/api/v1/rules/preview", self.preview),
            ("GET", "/api/v1/rules/{id}", self.get),
            ("PUT", "/api/v1/rules/{id}", self.put),
            ("DELETE", "/api/v1/rules/{id}", self.delete),
            ("GET", "/api/v1/rules/{id}/versions", self.versions),
            ("POST", "/api/v1/rules/{id}/rollback", self.roll_back),
        )

    async def list(self, request: Request) -> Response:
        """Every rule, wherever it comes from."""
        Parameters(request.scope["query_string"], known=())
        return _answer({"rules": [rule_json(rule) for rule in self._book.all()]})

    async def get(self, request: Request) -> Response:
        """One rule."""
        Parameters(request.scope["query_string"], known=())
        return _answer({"rule": rule_json(self._book.get(_id(request)))})

    async def post(self, request: Request) -> Response:
        """Make a rule and put it in force."""
        by = _author(request)
        rule = await self._book.save(await self._bodies.read(request, _ANYTHING), by=by)
        return _answer({"rule": rule_json(rule)}, status=201)

    async def put(self, request: Request) -> Response:
        """Change a rule, or lay a change over one of the settings."""
        by = _author(request)
        rule = await self._book.save(await self._bodies.read(request, _ANYTHING), by=by, rule_id=_id(request))
        return _answer({"rule": rule_json(rule)})

    async def delete(self, request: Request) -> Response:
        """Drop what was made here; answers with what the settings say then, if they know the rule."""
        left = await self._book.remove(_id(request), by=_author(request))
        return _answer({"rule": None if left is None else rule_json(left)})

    async def versions(self, request: Request) -> Response:
        """Every version that was kept, oldest first."""
        Parameters(request.scope["query_string"], known=())
        return _answer({"versions": [version_json(one) for one in await self._book.versions(_id(request))]})

    async def roll_back(self, request: Request) -> Response:
        """Put an old version in force again, as a new one."""
        _author(request)
        body = await self._bodies.read(request, _BACK)
        rule = await self._book.roll_back(_id(request), body.number, by=_author(request, body.by))
        return _answer({"rule": None if rule is None else rule_json(rule)})

    async def backtest(self, request: Request) -> Response:
        """What a rule would have done over a range of the past."""
        Parameters(request.scope["query_string"], known=())
        body = await self._bodies.read(request, _TRIAL)
        texts = {name: str(value) for name, value in (("start", body.start), ("end", body.end), ("step", body.step))}
        asked = Parameters(urlencode(texts).encode("ascii"), known=texts)
        now = self._clock.now()
        end = asked.time("end", now)
        end = now if end is None else min(end, now)
        start = asked.time("start", now)
        found = await self._book.backtest(
            body.rule, start=end - 30 * _DAY if start is None else start, end=end, step=asked.duration("step")
        )
        return _answer(backtest_json(found))

    async def preview(self, request: Request) -> Response:
        """How a rule stands now for each series or group, worst first."""
        Parameters(request.scope["query_string"], known=())
        body = await self._bodies.read(request, _TRIAL)
        return _answer({"series": [standing_json(one) for one in await self._book.preview(body.rule)]})


def rule_json(rule: Rule) -> dict[str, Any]:
    """A rule as REST tells it: what can be sent back, and where it comes from."""
    return {**body_of(rule), "source": rule.source, "names": names_of(rule.name)}


def version_json(version: RuleVersion) -> dict[str, Any]:
    """One kept version."""
    return {
        "number": version.number,
        "at": version.at,
        "by": version.by,
        "rule": None if version.body is None else msgspec.Raw(version.body.encode()),
        "difference": version.difference,
    }


def backtest_json(found: BackTest) -> dict[str, Any]:
    """A back-test."""
    fired = [
        {"labels": dict(one.labels), "from": one.start, "to": one.end, "worst": one.worst} for one in found.episodes
    ]
    return {
        "start": found.start,
        "end": found.end,
        "step": found.step,
        "threshold": found.threshold,
        "fired": fired,
        "count": found.count,
        "total_ms": found.total_ms,
        "messages": found.messages,
        "by_hour": found.by_hour,
        "points": found.points,
        "labels": dict(found.labels),
        "series": found.series,
        "left_out": found.left_out,
    }


def standing_json(one: Standing) -> dict[str, Any]:
    """How a rule stands for one series or group."""
    return {"labels": dict(one.labels), "value": one.value, "condition": one.condition}


def _id(request: Request) -> str:
    rule_id: str = request.path_params["id"]
    return rule_id


def _author(request: Request, said: str = "") -> str:
    asked = Parameters(request.scope["query_string"], known=("by",))
    named = spoken_by(request, said or asked.get("by") or "")
    printable = "".join(one for one in named if one.isprintable())
    return printable[:_AUTHOR] or _NOBODY


def _answer(body: Mapping[str, object], *, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(body), status_code=status, media_type=JSON, headers={"cache-control": "no-store"}
    )
