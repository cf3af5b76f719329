"""`NotificationSystem`: messages to people from a script, with a server or without one."""

from __future__ import annotations

import asyncio
import atexit
import queue
import threading
from collections.abc import Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from bongsu.client import Client
from bongsu.clock import SystemClock
from bongsu.logs import join_guide_logger, speak_through_logging
from bongsu.model.alert import SEVERITIES, Severity
from bongsu.model.errors import BongsuError, ChannelError
from bongsu.notify.memory import MemoryOutbox
from bongsu.notify.notifier import Notifier
from bongsu.ports import Clock
from bongsu.settings.load import load
from bongsu.settings.model import Settings

T = TypeVar("T")

LISTED = 1_000
"""Messages that the queue of undelivered ones shows at most."""
_GOODBYE = 15.0
"""Seconds that the end of a script waits for what is undelivered."""
_LOOK = 0.05
_log = structlog.get_logger(__name__)


class NotificationSystem:
    """Sends messages through the channels of the settings.

        from bongsu import NotificationSystem
        notifications = NotificationSystem()
        notifications.send_notification("정산 배치가 끝났습니다.")

    By itself it reads the settings as `bongsu up` does (file, `.env`, environment), sends from a thread of its own and
    tries again until the script ends; the end waits up to 15 seconds for what is undelivered. With `server`, an address
    of a running Bongsu, that one sends: durably, and whether this script lives or not. Every method may be called from
    any thread.

    Args:
        server: address of a running server, such as `http://127.0.0.1:8080`; without, this process sends itself.
        settings: the settings, where they aren't read from file and environment.
    """

    def __init__(
        self, *, server: str | None = None, settings: Settings | None = None, clock: Clock | None = None
    ) -> None:
        """Nothing is read or started before the first message.

        Raises:
            SettingsError: later, by the first call, where file or environment are faulty.
        """
        self._client = Client(server) if server else None
        self._settings = settings
        self._clock = clock or SystemClock()
        self._starting = threading.Lock()
        self._sender: _Sender | None = None

    def send_notification(self, message: str, level: str = "info", channels: list[str] | None = None) -> None:
        """Send a message through the named channels (`slack`, `telegram`, `email`, `webhook:NAME`, …), or through all.

        Returns once it is on its way; what can't be delivered now is tried again.

        Args:
            message: the text.
            level: `info`, `warning`, `error` or `critical`.
            channels: names of channels; None means every one that is set up.

        Raises:
            ValueError: there is no such level.
            BadRequest: a channel isn't set up, or there is none at all.
            Unavailable: the server can't be reached, or too much waits already.
        """
        severity = _severity(level)
        if self._client is not None:
            self._client.notify(message, level=severity, channels=channels)
        else:
            self._local().send(message, severity, channels)

    def get_notification_queue(self) -> queue.Queue[dict[str, Any]]:
        """What is undelivered at this moment, oldest first, 1,000 messages at most.

        A view: taking things out of it loses nothing, and what is sent later isn't added to it. Each is a dictionary
        with `id`, `channel`, `level`, `message`, `at` (UTC milliseconds), `attempts` and `error` (why the last try
        failed).
        """
        found: queue.Queue[dict[str, Any]] = queue.Queue()
        for one in self._undelivered():
            found.put(one)
        return found

    def send_test(self, channel: str) -> str:
        """Send a test message through one channel now; the service's receipt. Only without `server`.

        Raises:
            NotFound: there is no such channel.
            ChannelError: it was not delivered; the text says why and what to do.
        """
        return self._local().test(channel)

    def flush(self, timeout: float = _GOODBYE) -> bool:
        """Wait until everything is delivered or given up, `timeout` seconds at most; whether it is."""
        return self._sender is None or self._sender.flush(timeout)

    def close(self) -> None:
        """End; what is undelivered is lost, unless a server has it."""
        with self._starting:
            sender, self._sender = self._sender, None
        if sender is not None:
            sender.stop()
        if self._client is not None:
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()
        self.close()

    def _undelivered(self) -> list[dict[str, Any]]:
        if self._client is not None:
            rows = self._client.notifications("waiting", limit=LISTED)[::-1]
            names = ("id", "channel", "at", "attempts", "error")
            return [
                {name: row[name] for name in names} | {"level": row["severity"], "message": row["text"]} for row in rows
            ]
        return [] if self._sender is None else self._sender.undelivered()

    def _local(self) -> _Sender:
        with self._starting:
            if self._sender is None:
                self._sender = _Sender(self._settings or load(), self._clock)
            return self._sender


class _Sender:
    """A notifier over an outbox in memory, in a thread of its own."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        join_guide_logger()
        if not structlog.is_configured():
            speak_through_logging()
        self._settings = settings
        self._clock = clock
        self._outbox = MemoryOutbox()
        self._notifier: Notifier
        self._loop = asyncio.new_event_loop()
        self._opened = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="bongsu-notification", daemon=True)
        self._thread.start()
        self._opened.wait()
        if self._failure is not None:
            raise self._failure
        _before_exit(self._goodbye)

    def send(self, message: str, level: Severity, channels: Sequence[str] | None) -> None:
        self._ask(self._notifier.send(message, level=level, channels=channels))

    def test(self, channel: str) -> str:
        return self._ask(self._notifier.test(channel))

    def undelivered(self) -> list[dict[str, Any]]:
        return [
            {
                "id": one.notice.id,
                "channel": one.notice.channel,
                "level": one.notice.severity,
                "message": one.notice.text,
                "at": one.notice.at,
                "attempts": one.attempts,
                "error": one.error,
            }
            for one in self._ask(self._outbox.waiting(limit=LISTED))
        ]

    def flush(self, timeout: float) -> bool:
        return self._thread.is_alive() and self._ask(self._emptied(timeout))

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    async def _emptied(self, timeout: float) -> bool:
        end = self._clock.monotonic() + timeout
        while await self._outbox.waiting(limit=1):
            if self._clock.monotonic() >= end:
                return False
            await self._clock.sleep_until(self._clock.monotonic() + _LOOK)
        return True

    def _run(self) -> None:
        loop = self._loop
        try:
            loop.run_until_complete(self._open())
            self._opened.set()
            loop.run_forever()
            loop.run_until_complete(self._notifier.stop())
            loop.run_until_complete(loop.shutdown_default_executor())
        except Exception as error:  # noqa: BLE001 - the thread's supervisor: told to whoever waits for it
            self._failure = error
        finally:
            self._opened.set()
            loop.close()

    async def _open(self) -> None:
        self._notifier = await Notifier.open(self._settings, outbox=self._outbox, clock=self._clock)
        await self._notifier.start()

    def _ask(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _goodbye(self) -> None:
        """Before the program ends: give what is undelivered its chance, and say what is lost."""
        if not self._thread.is_alive():
            return
        try:
            if not self.flush(_GOODBYE):
                for one in self.undelivered():
                    _log.error("message lost at the end of the program", channel=one["channel"], cause=one["error"])
            self.stop()
        except (BongsuError, ChannelError, RuntimeError) as error:
            _log.warning("notification did not end in order", cause=str(error))


def _before_exit(work: Callable[[], None]) -> None:
    """Call it when the program ends, while threads may still be begun: resolving a host name needs one.

    `atexit` comes too late for that; the hook before it, which `concurrent.futures` uses itself, has no public name.
    """
    register = getattr(threading, "_register_atexit", atexit.register)
    register(work)


def _severity(level: str) -> Severity:
    for one in SEVERITIES:
        if one == level.lower():
            return one
    raise ValueError(f"there is no level {level!r}; there are {', '.join(SEVERITIES)}")
