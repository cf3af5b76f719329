"""A viewer as a server: the same doors, with what the owner tells behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from starlette.routing import Route

from bongsu.accounts import OwnersLive
from bongsu.console.metrics import METRICS as CONSOLE_METRICS
from bongsu.doors import Doors, Inside, public_host
from bongsu.http.crowd import Crowd
from bongsu.known import known_metrics
from bongsu.live.door import Enter
from bongsu.server.metrics import METRICS as SERVER_METRICS
from bongsu.server.owners_visitors import OwnersVisitors
from bongsu.server.relay import Relay
from bongsu.server.serving import RestServer
from bongsu.server.view import OwnerFirst, build_view
from bongsu.settings.sections import is_loopback
from bongsu.viewing import Viewing
from bongsu.web.pages import BOOT, routes


class Viewer(Doors):
    """One viewer: `start` it, let it run, `stop` it. It opens no collector, no rule, no outbox and no file."""

    viewing: Viewing
    _relay: Relay
    _visitors: OwnersVisitors

    @property
    def _inside(self) -> Inside:
        return self.viewing

    def missing(self) -> list[str]:
        """What isn't ready yet, for `/readyz`."""
        if self._stopping:
            return ["stopping"]
        if not self._ready:
            return ["starting"]
        return self.viewing.missing() + ([] if self._visitors.told else ["the owner's word on who must sign in"])

    def degraded(self) -> list[str]:
        """What works, but not as it should, for `/readyz`."""
        return self.viewing.degraded()

    async def start(self) -> None:
        """As `Doors.start`."""
        await super().start()
        self._visitors.start()

    async def stop(self) -> None:
        """Send watchers home, end the console."""
        await self._visitors.stop()
        await super().stop()
        await self._relay.close()

    async def _open(self) -> None:
        catalogue = known_metrics(self.settings)
        for metric in (*CONSOLE_METRICS, *SERVER_METRICS, *self._metrics):
            catalogue.declare(metric)
        self.viewing = Viewing.open(self.settings, clock=self._clock, catalogue=catalogue)
        self._relay = Relay(self.settings.server.owner_url or "")
        self._visitors = OwnersVisitors(
            self._relay.who,
            clock=self._clock,
            always=not is_loopback(self.settings.server.host),
            heard=lambda: self.viewing.follower.synced,
        )
        await self._visitors.learn("", "")

    @property
    def _enter(self) -> Enter | None:
        return OwnersLive(self._visitors).enter

    def _hear(self, turn_out: Callable[[], None]) -> None:
        self._visitors.hear(turn_out)

    def _console_token(self) -> str:
        return ""

    def _make_rest(self) -> RestServer:
        server, inside, bounds = self.settings.server, self.viewing, self._bounds
        pages = routes(self._boot)
        facts = next(one for one in pages if one.path == BOOT)
        app = build_view(
            live=inside.hub,
            own=inside.own,
            catalogue=inside.catalogue,
            clock=self._clock,
            missing=self.missing,
            degraded=self.degraded,
            relay=self._relay,
            allowed_hosts=[*server.allowed_hosts, *public_host(server.public_url)],
            allowed_origins=server.allowed_origins,
            visitors=self._visitors,
            web_routes=[Route(BOOT, OwnerFirst(self._relay, facts.app), methods=["GET"]), *pages],
            secure=self._tls is not None,
            crowd=Crowd(bounds, self._clock),
        )
        return RestServer(
            app,
            self._sockets["port"],
            ws=cast("type[asyncio.Protocol]", self._gateway.upgraded),
            limits=bounds,
            tls=self._tls.context if self._tls else None,
        )
