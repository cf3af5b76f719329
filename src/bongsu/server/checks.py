"""`GET /api/v1/checks` and `GET /api/v1/connections`: how what is watched stands, worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.check_ports import Checks
from bongsu.model.check import STATES, CheckStatus, Kind
from bongsu.model.share import since
from bongsu.ports import Clock
from bongsu.server.endpoint import Part
from bongsu.server.parameters import Parameters
from bongsu.server.samples import JSON

DAY = 86_400_000


def routes(checks: Checks, clock: Clock) -> Part:
    """The routes of this part."""
    states = CheckStates(checks=checks, clock=clock)
    return (("GET", "/api/v1/checks", states.checks), ("GET", "/api/v1/connections", states.connections))


class CheckStates:
    """Handler of both routes."""

    def __init__(self, *, checks: Checks, clock: Clock) -> None:
        self._checks = checks
        self._clock = clock

    async def checks(self, request: Request) -> Response:
        """Marketplaces and checks; of one name or state where that is asked."""
        return self._answer(request, "checks", ("marketplace", "check"))

    async def connections(self, request: Request) -> Response:
        """Connections; of one name or state where that is asked."""
        return self._answer(request, "connections", ("connection",))

    def _answer(self, request: Request, key: str, kinds: Sequence[Kind]) -> Response:
        asked = Parameters(request.scope["query_string"], known=("name", "state"))
        name, state = asked.get("name"), asked.choice("state", STATES)
        now = self._clock.now()
        found = [
            one
            for one in self._checks.statuses(kinds)
            if name in (None, one.name) and state in (None, one.standing.state)
        ]
        found.sort(key=lambda one: -STATES.index(one.standing.state))
        body = {"at": now, key: [told(one, now) for one in found]}
        return Response(msgspec.json.encode(body), media_type=JSON, headers={"cache-control": "no-store"})


def told(status: CheckStatus, now: int) -> dict[str, object]:
    """One thing as it is answered."""
    standing, outcome = status.standing, status.standing.outcome
    ends = outcome.certificate_ends if outcome else None
    return {
        "kind": status.kind,
        "name": status.name,
        "title": {"ko": status.title_ko, "en": status.title_en},
        "protocol": status.protocol,
        "target": status.target,
        "simulated": status.simulated,
        "state": standing.state,
        "since": standing.since,
        "reason": standing.reason,
        "detail": standing.detail,
        "checked_at": outcome.at if outcome else None,
        "next_at": standing.next_at or None,
        "interval_ms": status.interval_ms,
        "http_status": outcome.status if outcome else None,
        "response_ms": outcome.response_ms if outcome else None,
        "phases": {name: ms for name, ms in asdict(outcome.phases).items() if ms is not None} if outcome else {},
        "figures": dict(outcome.figures) if outcome else {},
        "certificate_days": _days(ends, now),
        "key_days": _days(status.key_ends, now),
        "availability": {window: share.percent for window, share in status.availability.items()},
        "watched_ms": {window: share.watched_ms for window, share in status.availability.items()},
        "watched_since": since(status.availability),
        "probes": standing.probes,
        "left_alone": standing.left_alone,
    }


def _days(ends: int | None, now: int) -> float | None:
    return None if ends is None else round((ends - now) / DAY, 2)
