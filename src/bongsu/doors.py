"""The doors of a server, an owner's and a viewer's alike: ports, gateway, REST, console, started and stopped as one.

What is behind them is another's: importing this imports no engine.
"""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import structlog

from bongsu.clock import SystemClock
from bongsu.console.place import Place, url_of
from bongsu.console.process import ConsoleProcess
from bongsu.console.words import language_of
from bongsu.http.limits import bounds_of
from bongsu.http.listening import Listening, listen
from bongsu.live.door import LOOPBACK_HOSTS, Enter, SameHost
from bongsu.live.gateway import Gateway
from bongsu.live.gateway import Limits as LiveLimits
from bongsu.live.hub import Hub
from bongsu.model.catalogue import Catalogue
from bongsu.model.metric import Metric
from bongsu.ports import Clock, Watched
from bongsu.server.certificate import CertificateFigures
from bongsu.server.serving import RestServer
from bongsu.settings.model import Settings
from bongsu.settings.standing import Standing, given_by_program
from bongsu.tls import ServedTls
from bongsu.version import __version__
from bongsu.web.boot import Boot
from bongsu.web.pages import BOARD

if TYPE_CHECKING:
    from bongsu.configuration.desk import Desk
    from bongsu.sharing import Sharing

_LIVE_BACKLOG = 4096


class PortTaken(Exception):
    """A port is in use by another program; the text names port, setting and what to do."""

    def __init__(self, *, host: str, port: int, setting: str) -> None:
        super().__init__(f"{host}:{port} is in use by another program; stop it or set {setting} to another port")
        self.port = port
        self.setting = setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a running Bongsu is found; `console` is None without one."""

    board: str
    rest: str
    live: str
    console: str | None


class Inside(Protocol):
    """What `Doors` need of what is behind them: an engine, or a viewer's picture of one."""

    hub: Hub
    catalogue: Catalogue

    def watch_ourselves(self, *parts: Watched, children: Callable[[], Mapping[str, int]] = ...) -> None:
        """Tell the figures of these parts too."""
        ...

    def watches(self) -> list[str]:
        """What is watched besides this machine: see `Engine.watches`."""
        ...

    async def start(self) -> None:
        """Begin."""
        ...

    async def stop(self) -> None:
        """End."""
        ...


class Doors(ABC):
    """One Bongsu server: `start` it, let it run, `stop` it.

    Args:
        settings: everything that can be set; port 0 picks a free one.
        console: whether the Streamlit console runs beside it as a child.
        demo: whether the figures are simulated, which every screen then says.
        metrics: entries for the catalogue besides the built-in ones.
        collectors: own collectors besides those of `settings.collectors`.
        standing: where the settings come from, so that screens can change them; without, `settings` are all there is.
        shape: what is done to all settings before they are used (the simulation's additions).
        used: told the settings in force after each change.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        console: bool = True,
        demo: bool = False,
        metrics: Iterable[Metric] = (),
        collectors: Iterable[object] = (),
        clock: Clock | None = None,
        standing: Standing | None = None,
        shape: Callable[[Settings], Settings] = lambda settings: settings,
        used: Callable[[Settings], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        """Those in force: what can be changed while all runs is as it was changed last."""
        self._standing = standing or given_by_program(settings, Path.cwd())
        self._shape = shape
        self._use = used
        self._with_console = console
        self._demo = demo
        self._metrics = tuple(metrics)
        self._collectors = tuple(collectors)
        self._clock = clock or SystemClock()
        self._bounds = bounds_of(settings.limits)
        self._sockets: dict[str, socket.socket] = {}
        self._ready = False
        self._stopping = False
        self._log = structlog.get_logger("bongsu.app")
        self._desks: tuple[Desk, ...] = ()
        """The one at which settings are changed; none where somebody else owns them."""
        self._gateway: Gateway
        self._rest: RestServer
        self._live: Listening
        self._console: ConsoleProcess | None = None
        self._keepers: list[asyncio.Task[None]] = []
        self._tls: ServedTls | None = None
        self._beside: tuple[Sharing, ...] = ()

    async def start(self) -> None:
        """Bind, open history, begin to measure and to answer.

        Raises:
            PortTaken: a port is in use.
            Unavailable: the data folder is in use or can't be written; others could reach us and nobody has an account.
            CollectorError: a collector named in the settings can't be loaded.
            TlsError: certificate or key can't be used.
        """
        files = self.settings.server.tls.files
        self._tls = ServedTls(files) if files else None
        self._bind()
        try:
            await self._open()
        except BaseException:
            self._close_sockets()
            raise
        self._gateway = self._make_gateway()
        self._rest = self._make_rest()
        self._live = await listen(
            self._gateway.protocol,
            self._sockets["live_port"],
            backlog=_LIVE_BACKLOG,
            tls=self._tls.context if self._tls else None,
            limits=self._bounds,
            refused=self._gateway.count_refused,
            seconds=LiveLimits().opening,
        )
        self._keepers = [asyncio.create_task(self._gateway.run(), name="bongsu-gateway")]
        if self._tls is not None:
            self._keepers.append(asyncio.create_task(self._tls.follow(self._clock), name="bongsu-certificate"))
        if self._with_console:
            self._console = self._make_console()
            await self._console.start()
        consoles = [self._console] if self._console else []
        certificate = [CertificateFigures(self._tls, self._clock)] if self._tls else []
        beside: tuple[Watched, ...] = (*consoles, *self._beside, *self._desks, *certificate)
        self._inside.watch_ourselves(self._gateway, self._rest, *beside, children=self._children)
        await self._inside.start()
        for desk in self._desks:
            await desk.open()
        for part in self._beside:
            await part.start()
        await self._rest.start()
        self._ready = True
        self._log.info("started", version=__version__, board=self.addresses.board, live=self.addresses.live)

    async def stop(self) -> None:
        """Take nothing new, keep everything accepted, send watchers home, end the console."""
        self._stopping = True
        console = asyncio.create_task(self._console.stop()) if self._console else None
        self._live.close()
        await self._gateway.stop()
        await self._rest.stop()
        for part in self._beside:
            await part.stop()
        await self._inside.stop()
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.wait(self._keepers)
        if console is not None:
            await console
        self._close_sockets()
        self._log.info("stopped")

    @property
    def desks(self) -> tuple[Desk, ...]:
        """Where settings are shown and changed while all runs; nowhere where somebody else owns them."""
        return self._desks

    @property
    @abstractmethod
    def _inside(self) -> Inside:
        """What is behind the doors."""

    @property
    def addresses(self) -> Addresses:
        """Where it is found, with the ports that were picked."""
        host, secure = self.settings.server.host, self._tls is not None
        rest = url_of(host, self._port("port"), secure=secure)
        live = url_of(host, self._port("live_port"), secure=secure).replace("http", "ws", 1)
        console = url_of(host, self._console.port, secure=secure) if self._console else None
        return Addresses(board=rest + BOARD, rest=rest, live=live, console=console)

    async def console_answering(self) -> None:
        """Wait until the console takes connections, half a minute at most; at once without a console."""
        if self._console is not None and not await self._console.answering():
            self._log.warning(
                "the console doesn't answer yet", log=str(Path(self.settings.logging.dir) / "console.log")
            )

    @abstractmethod
    def missing(self) -> list[str]:
        """What isn't ready yet, for `/readyz`."""

    @abstractmethod
    def degraded(self) -> list[str]:
        """What works, but not as it should, for `/readyz`."""

    def _used(self, settings: Settings) -> None:
        """What reads the settings as it needs them: the board's first facts, and the bounds of our doors."""
        self.settings = settings
        self._bounds.adopt(bounds_of(settings.limits))
        if self._console is not None:
            self._console.bound(self._bounds)
        self._gateway.bound(_live_limits(settings))
        self._use(settings)

    def _children(self) -> dict[str, int]:
        pid = self._console.pid if self._console else None
        return {} if pid is None else {"console": pid}

    # -- parts -------------------------------------------------------------------------------------------------

    def _bind(self) -> None:
        server = self.settings.server
        for setting in ("port", "live_port"):
            port: int = getattr(server, setting)
            try:
                self._sockets[setting] = socket.create_server((server.host, port), backlog=_LIVE_BACKLOG)
            except OSError as error:
                self._close_sockets()
                raise PortTaken(host=server.host, port=port, setting=f"server.{setting}") from error

    def _close_sockets(self) -> None:
        for one in self._sockets.values():
            one.close()
        self._sockets.clear()

    def _port(self, setting: str) -> int:
        port: int = self._sockets[setting].getsockname()[1]
        return port

    @abstractmethod
    async def _open(self) -> None:
        """Put together what is behind the doors."""

    def _make_gateway(self) -> Gateway:
        server = self.settings.server
        gateway = Gateway(
            hub=self._inside.hub,
            clock=self._clock,
            check=SameHost(hosts={*LOOPBACK_HOSTS, *server.allowed_hosts}, origins=server.allowed_origins),
            limits=_live_limits(self.settings),
            enter=self._enter,
        )
        self._hear(gateway.turn_out)
        return gateway

    @property
    @abstractmethod
    def _enter(self) -> Enter | None:
        """Who may open a live connection, and see what."""

    @abstractmethod
    def _hear(self, turn_out: Callable[[], None]) -> None:
        """Have `turn_out` called when somebody's rights end."""

    @abstractmethod
    def _make_rest(self) -> RestServer:
        """REST and board, on its socket."""

    def _make_console(self) -> ConsoleProcess:
        server = self.settings.server
        place = Place(
            rest_url=url_of(server.host, self._port("port"), secure=self._tls is not None),
            live_port=self._port("live_port"),
            public_url=server.public_url or "",
            language=language_of(self.settings.monitoring.language),
            certificate=str(Path(server.tls.certificate).resolve()) if server.tls.certificate else "",
        )
        return ConsoleProcess(
            place,
            host=server.host,
            port=server.console_port,
            log=Path(self.settings.logging.dir) / "console.log",
            clock=self._clock,
            hosts=server.allowed_hosts,
            tls=server.tls.files,
            limits=self._bounds,
            token=self._console_token(),
        )

    @abstractmethod
    def _console_token(self) -> str:
        """What the console shows us to pass on who asks it."""

    def _boot(self) -> Boot:
        monitoring = self.settings.monitoring
        return Boot(
            version=__version__,
            catalogue=self._inside.catalogue,
            demo=self._demo,
            language=monitoring.language,
            timezone=monitoring.timezone,
            update_interval_seconds=monitoring.update_interval_seconds,
            thresholds=self.settings.thresholds.model_dump(),
            panels=[panel.model_dump() for panel in self.settings.panels],
            watches=self._inside.watches(),
        )


def _live_limits(settings: Settings) -> LiveLimits:
    limits = settings.limits
    return LiveLimits(clients=limits.live_clients, clients_per_address=limits.live_clients_per_address)


def public_host(public_url: str | None) -> list[str]:
    """The name under which browsers reach us behind a proxy: links in messages lead there."""
    host = urlsplit(public_url).hostname if public_url else None
    return [host] if host else []
