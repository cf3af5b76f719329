"""The owner: an engine behind its doors, started and stopped as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import cast

from bongsu.configuration.desk import Desk
from bongsu.console.metrics import METRICS as CONSOLE_METRICS
from bongsu.doors import Doors, public_host
from bongsu.engine import Engine
from bongsu.http.crowd import Crowd
from bongsu.known import known_metrics
from bongsu.live.door import Enter
from bongsu.model.errors import BongsuError
from bongsu.reloading import desk_of, parts_of
from bongsu.server.anomalies import AnomalyRoutes
from bongsu.server.app import build
from bongsu.server.body import BodyReader
from bongsu.server.events import Events
from bongsu.server.metrics import METRICS as SERVER_METRICS
from bongsu.server.quality import Quality
from bongsu.server.services import Services
from bongsu.server.serving import RestServer
from bongsu.server.shop import ShopFigures
from bongsu.sharing import Sharing
from bongsu.web.pages import routes


class App(Doors):
    """One server that measures, keeps and shows: `start` it, let it run, `stop` it."""

    engine: Engine

    @property
    def desk(self) -> Desk:
        """Where settings are shown and changed while all runs."""
        return self._desks[0]

    @property
    def _inside(self) -> Engine:
        """What is behind the doors."""
        return self.engine

    def missing(self) -> list[str]:
        """What isn't ready yet, for `/readyz`."""
        if self._stopping:
            return ["stopping"]
        if not self._ready:
            return ["starting"]
        return [] if self.engine.pipeline.flowing.is_set() else ["the first reading of this machine"]

    def degraded(self) -> list[str]:
        """What works, but not as it should, for `/readyz`."""
        return [trouble for part in self._beside for trouble in part.degraded()]

    async def _open(self) -> None:
        self.engine = await self._open_engine()
        await self._permit()
        self._desks = (desk_of(self.engine, self._standing, shape=self._shape, used=self._used),)
        built_in = [metric.name for metric in (*known_metrics(self.settings), *CONSOLE_METRICS, *SERVER_METRICS)]
        sharing = Sharing.open(
            self.settings,
            hub=self.engine.hub,
            table=self.engine.table,
            catalogue=self.engine.catalogue,
            built_in=built_in,
            clock=self._clock,
        )
        if sharing is None:
            return
        try:
            await sharing.claim()
        except BaseException:
            await self.engine.stop()
            raise
        self.engine.pipeline.tap(sharing)
        self._beside = (sharing,)

    async def _open_engine(self) -> Engine:
        engine = await Engine.open(
            self.settings,
            clock=self._clock,
            data=Path(self.settings.storage.data_dir),
            collectors=self._collectors,
            simulated=self._demo,
        )
        for metric in (*CONSOLE_METRICS, *SERVER_METRICS, *self._metrics):
            engine.catalogue.declare(metric)
        return engine

    async def _permit(self) -> None:
        try:
            self.engine.accounts.permit(self.settings)
        except BongsuError:
            await self.engine.stop()
            raise

    @property
    def _enter(self) -> Enter | None:
        """Who may open a live connection, and see what."""
        return self.engine.accounts.live.enter

    def _hear(self, turn_out: Callable[[], None]) -> None:
        self.engine.accounts.service.hear(turn_out)

    def _make_rest(self) -> RestServer:
        server, engine, bounds = self.settings.server, self.engine, self._bounds
        app = build(
            intake=engine.intake,
            history=engine.store,
            prompt=engine.store,
            live=engine.hub,
            catalogue=engine.catalogue,
            clock=self._clock,
            missing=self.missing,
            degraded=self.degraded,
            processes=engine.processes,
            limits=bounds,
            allowed_hosts=[*server.allowed_hosts, *public_host(server.public_url)],
            allowed_origins=server.allowed_origins,
            web_routes=routes(self._boot),
            parts=[
                Services(
                    book=engine.services, history=engine.store, clock=self._clock, bodies=BodyReader(bounds)
                ).table(),
                ShopFigures(shop=lambda: engine.shop).routes(),
                AnomalyRoutes(anomalies=engine.feeding.anomalies, clock=self._clock).routes(),
                *engine.checking.parts(bounds),
                *engine.alarms.parts(bounds),
                *engine.accounts.parts(bounds),
                *(part for desk in self._desks for part in parts_of(desk, bounds)),
                Events(intake=engine.feeding.feeds.intake, bodies=BodyReader(bounds)).routes(),
                Quality(feeds=engine.feeding.feeds.views).routes(),
            ],
            answered=engine.answered,
            secure=self._tls is not None,
            crowd=Crowd(bounds, self._clock),
            visitors=engine.accounts.service.visitors,
            proxies=engine.accounts.proxies,
        )
        return RestServer(
            app,
            self._sockets["port"],
            ws=cast("type[asyncio.Protocol]", self._gateway.upgraded),
            limits=bounds,
            tls=self._tls.context if self._tls else None,
        )

    def _console_token(self) -> str:
        """What the console shows us to pass on who asks it."""
        return self.engine.accounts.console_token()
