"""`GET /api/v1/shop`: the shop's newest figures."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.model.shop import ShopView
from bongsu.ports import ShopReader
from bongsu.server.endpoint import Part
from bongsu.server.samples import JSON

_OFF = ShopView(health="off", reason="no shop is configured: set shop.url")


class ShopFigures:
    """Handler of the route; without a shop it says so instead of showing zeros."""

    def __init__(self, *, shop: Callable[[], ShopReader | None]) -> None:
        """`shop` gives the one that is read just now."""
        self._shop = shop

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (("GET", "/api/v1/shop", self.get),)

    async def get(self, _: Request) -> Response:
        """The view as it stands."""
        shop = self._shop()
        view = _OFF if shop is None else shop.view()
        return Response(msgspec.json.encode(view), media_type=JSON)
