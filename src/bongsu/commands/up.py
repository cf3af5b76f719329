"""`bongsu up`: the server, and the console beside it, until Ctrl+C or SIGTERM."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from pydantic import SecretStr

from bongsu.app import Addresses, App, PortTaken, serve
from bongsu.clock import SystemClock
from bongsu.collect.own import CollectorError
from bongsu.commands.loop import loop_factory
from bongsu.commands.ports import FLAGS, trouble, troubles
from bongsu.commands.profile import profiling, unwritable
from bongsu.commands.rereading import follow
from bongsu.commands.words import Words
from bongsu.logs import DASHBOARD_LOG, Logs, link_in, terminal
from bongsu.model.errors import BongsuError
from bongsu.settings.load import Loaded
from bongsu.settings.model import Settings
from bongsu.settings.shop import Shop
from bongsu.settings.show import secrets_in


def run(loaded: Loaded, *, console: bool, demo: bool = False, profile: Path | None = None) -> int:
    """Start everything and stay; 0 once it was stopped, 1 where it can't start, with a line that says why.

    With `demo` a simulated shop and data feed run beside it, and every screen says so. With `profile` the event
    loop's thread is profiled, and the profile written to that file at the stop.
    """
    settings = _with_shop(_apart(loaded)) if demo else loaded.settings
    words = Words(settings.monitoring.language)
    wrong = _wrong(words, settings, console=console)
    if reason := unwritable(profile):
        wrong.append(words("profile_unwritable", file=profile, reason=reason))
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    folder = Path(settings.logging.dir)
    logs = Logs(
        folder=folder,
        terminal=terminal(sys.stderr),
        level=settings.logging.level,
        levels=settings.logging.levels,
        secrets=secrets_in(settings),
    )
    link_in(Path.cwd(), folder.resolve() / DASHBOARD_LOG)
    try:
        for note in loaded.notes:
            print(note.line(words.language), file=sys.stderr)
        with profiling(words, profile):
            if demo:
                return _demo(words, settings, loaded, console=console)
            return _serve(words, _server(settings, console=console), loaded)
    finally:
        logs.close()


def _server(settings: Settings, *, console: bool) -> App:
    if settings.server.role == "owner":
        return App(settings, console=console)
    from bongsu.viewer import Viewer

    return Viewer(settings, console=console)


def _apart(loaded: Loaded) -> Settings:
    """The settings with a data folder below the usual one, so that no simulated figure gets among the real ones."""
    settings = loaded.settings
    if loaded.origins.get(("storage", "data_dir")) == "--data":
        return settings
    folder = str(Path(settings.storage.data_dir) / "demo")
    return settings.model_copy(update={"storage": settings.storage.model_copy(update={"data_dir": folder})})


def _with_shop(settings: Settings) -> Settings:
    """The settings with the simulated shop's database, which is read like anybody's."""
    shop = Shop(url=SecretStr(f"sqlite:///{_shop_file(settings)}"), stored_timezone="UTC")
    return settings.model_copy(update={"shop": shop})


def _shop_file(settings: Settings) -> Path:
    return Path(settings.storage.data_dir).resolve() / "demo-shop.db"


def _demo(words: Words, settings: Settings, loaded: Loaded, *, console: bool) -> int:
    """Serve with the simulation beside it: the shop's database, the feed's figures, stand-ins of the marketplaces."""
    from bongsu.demo.feed import declared
    from bongsu.demo.play import play_into, stock_up, trade
    from bongsu.demo.street import Street

    clock = SystemClock()
    shop = _shop_file(settings)
    stock_up(shop, clock=clock)
    street = Street(clock=clock)

    async def simulation(app: App) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(street.open())
            group.create_task(play_into(app.addresses.rest, clock=clock))
            group.create_task(trade(shop, clock=clock))

    settings = settings.model_copy(update={"feeds": {**settings.feeds, **declared()}})
    app = App(street.within(settings), console=console, demo=True)
    try:
        return _serve(words, app, loaded, beside=simulation)
    finally:
        street.close()


def _serve(words: Words, app: App, loaded: Loaded, *, beside: Callable[[App], Awaitable[None]] | None = None) -> int:
    server = app.settings.server

    async def companions(app: App) -> None:
        async with asyncio.TaskGroup() as group:
            if server.role == "owner":
                group.create_task(follow(loaded, apply=app.engine.alarms.reload, clock=SystemClock()))
            if beside is not None:
                group.create_task(_awaited(beside, app))

    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(
                serve(
                    app,
                    started=lambda addresses: print("\n".join(told(words, addresses)), flush=True),
                    beside=companions,
                )
            )
    except PortTaken as error:
        flag = FLAGS[error.setting.rpartition(".")[2]]
        print(trouble(words, server.host, error.port, flag) or str(error), file=sys.stderr)
        return 1
    except CollectorError as error:
        print(words("cannot_start", reason=error), file=sys.stderr)
        return 1
    except BongsuError as error:
        reason = "; ".join(filter(None, [error.detail, error.hint]))
        print(words("cannot_start", reason=reason), file=sys.stderr)
        return 1
    return 0


async def _awaited(beside: Callable[[App], Awaitable[None]], app: App) -> None:
    await beside(app)


def _wrong(words: Words, settings: Settings, *, console: bool) -> list[str]:
    """What keeps it from starting, before anything is started: ports and folders."""
    server = settings.server
    ports = [("port", server.port), ("live_port", server.live_port)]
    if console:
        ports.append(("console_port", server.console_port))
    wrong = troubles(words, server.host, ports)
    for folder in (settings.storage.data_dir, settings.logging.dir):
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            wrong.append(words("folder_wrong", path=folder, reason=error.strerror or type(error).__name__))
    return wrong


def told(words: Words, addresses: Addresses) -> list[str]:
    """The lines that say where everything is."""
    rows = [("board", addresses.board), ("live", addresses.live), ("rest", f"{addresses.rest}/docs")]
    if addresses.console:
        rows.insert(1, ("console", addresses.console))
    return [words("ready"), *(f"  {words(name)}: {address}" for name, address in rows), words("stop_hint")]
