"""`bongsu up`: the server, and the console beside it, until Ctrl+C or SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import ssl
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pydantic import SecretStr

from bongsu.accounts import administered
from bongsu.clock import SystemClock
from bongsu.collect.own import CollectorError
from bongsu.commands.alone import import_alone
from bongsu.commands.loop import loop_factory
from bongsu.commands.ports import FLAGS, trouble, troubles
from bongsu.commands.profile import profiling, unwritable
from bongsu.commands.remembered import remembered
from bongsu.commands.words import Words
from bongsu.configuration.watching import follow
from bongsu.doors import Addresses, Doors, PortTaken
from bongsu.logs import DASHBOARD_LOG, Logs, link_in, terminal
from bongsu.model.errors import BongsuError
from bongsu.running import serve
from bongsu.settings.load import Loaded, Sources
from bongsu.settings.model import Settings
from bongsu.settings.sections import is_loopback
from bongsu.settings.shop import Shop
from bongsu.settings.show import secrets_in
from bongsu.tls import OwnCertificate

if TYPE_CHECKING:
    from bongsu.app import App

_FILES = 65_536


def run(loaded: Loaded, *, console: bool, demo: bool = False, profile: Path | None = None) -> int:
    """Start everything and stay; 0 once it was stopped, 1 where it can't start, with a line that says why.

    With `demo` a simulated shop and data feed run beside it, and every screen says so. With `profile` the event
    loop's thread is profiled, and the profile written to that file at the stop.
    """
    shape = _simulated(loaded) if demo else _as_it_is
    standing = remembered(loaded, data=Path(shape(loaded.settings).storage.data_dir))
    settings = shape(standing.settings)
    words = Words(settings.monitoring.language)
    wrong = _wrong(words, settings, console=console)
    if demo and settings.server.role == "view":
        wrong.append(words("demo_view"))
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
    _allow_many_files()
    try:
        for note in loaded.notes:
            print(note.line(words.language), file=sys.stderr)
        with profiling(words, profile):
            for fault in standing.faults:
                print(fault.line(words.language), file=sys.stderr)
            made = partial(_kind(settings), console=console, standing=standing, used=_logging(logs))
            return _demo(words, made, settings, shape) if demo else _serve(words, made(settings))
    finally:
        logs.close()


def _kind(settings: Settings) -> type[Doors]:
    if settings.server.role == "owner":
        from bongsu.app import App

        return App
    import_alone("httpx", without="pygments")  # by which a viewer asks its owner
    from bongsu.viewer import Viewer

    return Viewer


def _as_it_is(settings: Settings) -> Settings:
    return settings


def _logging(logs: Logs) -> Callable[[Settings], None]:
    def used(settings: Settings) -> None:
        logs.change(level=settings.logging.level, levels=settings.logging.levels, secrets=secrets_in(settings))

    return used


def _simulated(loaded: Loaded) -> Callable[[Settings], Settings]:
    """What the simulation makes of settings, but for its stand-ins: a data folder below the usual one, so that no
    simulated figure gets among the real ones, its feeds, and its shop's database, which is read like anybody's.
    """
    given = loaded.origins.get(("storage", "data_dir")) == "--data"

    def shape(settings: Settings) -> Settings:
        from bongsu.demo.feed import declared

        folder = settings.storage.data_dir if given else str(Path(settings.storage.data_dir) / "demo")
        apart = settings.model_copy(update={"storage": settings.storage.model_copy(update={"data_dir": folder})})
        shop = Shop(url=SecretStr(f"sqlite:///{_shop_file(apart)}"), stored_timezone="UTC")
        return apart.model_copy(
            update={"shop": shop, "feeds": {**settings.feeds, **declared(settings.monitoring.language)}}
        )

    return shape


def _shop_file(settings: Settings) -> Path:
    return Path(settings.storage.data_dir).resolve() / "demo-shop.db"


def _demo(words: Words, made: Callable[..., Doors], settings: Settings, shape: Callable[[Settings], Settings]) -> int:
    """Serve with the simulation beside it: the shop's database, the feed's figures, stand-ins of the marketplaces."""
    from bongsu.demo.play import play_into, stock_up, trade
    from bongsu.demo.street import Street

    clock = SystemClock()
    shop = _shop_file(settings)
    stock_up(shop, clock=clock)
    street = Street(clock=clock)

    async def simulation(app: Doors) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(street.open())
            own = cast("App", app).engine.accounts.own_token("demo", ("ingest",))  # a viewer simulates nothing
            group.create_task(play_into(app.addresses.rest, clock=clock, token=own, ca=own_context(settings)))
            group.create_task(trade(shop, clock=clock))

    app = made(street.within(settings), demo=True, shape=lambda plain: street.within(shape(plain)))
    try:
        return _serve(words, app, beside=simulation)
    finally:
        street.close()


def _serve(words: Words, app: Doors, *, beside: Callable[[Doors], Awaitable[None]] | None = None) -> int:
    server = app.settings.server

    async def companions(app: Doors) -> None:
        asked = asyncio.Event()
        if hasattr(signal, "SIGHUP") and not sys.stdin.isatty():  # a closed terminal still ends what it started
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, asked.set)
        async with asyncio.TaskGroup() as group:
            for desk in app.desks:
                files = _files(desk.sources)
                group.create_task(follow(files, reread=desk.reread, clock=SystemClock(), asked=asked))
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
        print(trouble(words, server.host, error.port, flag, server.tls.files) or str(error), file=sys.stderr)
        return 1
    except CollectorError as error:
        print(words("cannot_start", reason=error), file=sys.stderr)
        return 1
    except BongsuError as error:
        reason = "; ".join(filter(None, [error.detail, error.hint]))
        print(words("cannot_start", reason=reason), file=sys.stderr)
        return 1
    return 0


def _files(sources: Sources) -> list[Path]:
    """What is read again when it changes."""
    return [*([sources.path] if sources.path else []), sources.folder / ".env"]


async def _awaited(beside: Callable[[Doors], Awaitable[None]], app: Doors) -> None:
    await beside(app)


def _allow_many_files() -> None:
    """Raise the soft limit of open files to the hard one: each client is one, and 1,024 is what shells hand out."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def own_context(settings: Settings) -> ssl.SSLContext | None:
    """What our own clients verify our own server by; None where it speaks no TLS."""
    files = settings.server.tls.files
    return OwnCertificate(files.certificate).context if files else None


def _wrong(words: Words, settings: Settings, *, console: bool) -> list[str]:
    """What keeps it from starting, before anything is started: ports and folders."""
    server = settings.server
    if not is_loopback(server.host) and not _administered(settings):
        return [words("needs_accounts", host=server.host)]
    ports = [("port", server.port), ("live_port", server.live_port)]
    if console:
        ports.append(("console_port", server.console_port))
    wrong = troubles(words, server.host, ports, server.tls.files)
    for folder in (settings.storage.data_dir, settings.logging.dir):
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            wrong.append(words("folder_wrong", path=folder, reason=error.strerror or type(error).__name__))
    return wrong


def _administered(settings: Settings) -> bool:
    try:
        return asyncio.run(administered(Path(settings.storage.data_dir), clock=SystemClock()))
    except BongsuError:
        return True  # what is wrong with the records is told when they are opened


def told(words: Words, addresses: Addresses) -> list[str]:
    """The lines that say where everything is."""
    rows = [("board", addresses.board), ("live", addresses.live), ("rest", f"{addresses.rest}/docs")]
    if addresses.console:
        rows.insert(1, ("console", addresses.console))
    return [words("ready"), *(f"  {words(name)}: {address}" for name, address in rows), words("stop_hint")]
