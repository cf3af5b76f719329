"""`GET /api/v1/quality…`: the feeds, one feed, one symbol, and a feed's symbols as a table (CSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.feed_ports import FeedViews
from bongsu.model.errors import BadRequest
from bongsu.server.endpoint import Part
from bongsu.server.parameters import Parameters
from bongsu.server.samples import JSON

WINDOWS = ("1m", "5m", "1h", "1d")
MOST = 5_000
"""Symbols in one answer."""

_FRESH = {"cache-control": "no-store"}
_TIMES = ("last_arrived", "last_event")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Quality:
    """Handlers of the routes."""

    def __init__(self, *, feeds: FeedViews) -> None:
        self._feeds = feeds

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (
            ("GET", "/api/v1/quality", self.overview),
            ("GET", "/api/v1/quality/{feed}.csv", self.table),
            ("GET", "/api/v1/quality/{feed}", self.feed),
            ("GET", "/api/v1/quality/{feed}/{symbol:path}", self.symbol),
        )

    async def overview(self, request: Request) -> Response:
        """Every feed."""
        asked = Parameters(request.scope["query_string"], known=("window",))
        return _json(self._feeds.overview(_window(asked)))

    async def feed(self, request: Request) -> Response:
        """One feed and its symbols, worst first."""
        asked = Parameters(request.scope["query_string"], known=("window", "search", "offset", "limit", "heat"))
        found = self._feeds.feed(
            request.path_params["feed"],
            _window(asked),
            search=asked.get("search") or "",
            offset=_whole(asked, "offset", 0, 0, 1_000_000),
            limit=_whole(asked, "limit", 100, 0, MOST),
            heat=asked.choice("heat", ("true", "false")) == "true",
        )
        return _json(found)

    async def symbol(self, request: Request) -> Response:
        """One symbol."""
        Parameters(request.scope["query_string"], known=())
        return _json(self._feeds.symbol(request.path_params["feed"], request.path_params["symbol"]))

    async def table(self, request: Request) -> Response:
        """All symbols of a feed as CSV."""
        asked = Parameters(request.scope["query_string"], known=("window",))
        name = request.path_params["feed"]
        text = csv_text(self._feeds.rows(name, _window(asked)))
        headers = {**_FRESH, "content-disposition": 'attachment; filename="feed.csv"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV: times as RFC 3339, and texts so that no spreadsheet takes them for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names: Sequence[object] = ()
    for row in rows:
        if not names:
            names = row
            writer.writerow(row)
            continue
        writer.writerow([_cell(name, value) for name, value in zip(names, row, strict=True)])
    return out.getvalue()


def _cell(name: object, value: object) -> object:
    if isinstance(value, int) and name in _TIMES:
        return datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type=JSON, headers=_FRESH)


def _window(asked: Parameters) -> str:
    return asked.choice("window", WINDOWS) or "1m"


def _whole(asked: Parameters, name: str, default: int, least: int, most: int) -> int:
    value = asked.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdecimal() and len(value) < 10 and least <= int(value) <= most):
        raise BadRequest(f"{name} is {value!r}", hint=f"it must be a whole number from {least} to {most}")
    return int(value)
