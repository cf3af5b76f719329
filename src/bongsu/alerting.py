"""`AlertManager`: the guide's alerts from a script, without a server; deduplicated, grouped, and told to people."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Coroutine, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec
import structlog

from bongsu.alerts.configured import plan_of, temper_of
from bongsu.alerts.life import on_push
from bongsu.alerts.policy import Plan
from bongsu.alerts.service import AlertService
from bongsu.clock import SystemClock
from bongsu.logs import join_guide_logger, speak_through_logging
from bongsu.model.alert import Alert, Notice, Push
from bongsu.model.alert_json import alert_json
from bongsu.model.errors import BadRequest
from bongsu.notify.notifier import Notifier
from bongsu.ports import Clock
from bongsu.server.alerts import PushedAlert, pushed
from bongsu.settings.load import load
from bongsu.settings.model import Settings

if TYPE_CHECKING:
    from bongsu.records.sql import SqlRecords

T = TypeVar("T")

_GOODBYE = 15.0
"""Seconds that the end waits for what is undelivered."""
_LOOK = 0.05


class AlertManager:
    """Alerts from a script, through the channels of the settings.

        from bongsu import AlertManager
        with AlertManager() as alerts:
            alerts.process_alert({"level": "warning", "message": "CPU 사용률이 높습니다.", "metric": "cpu_usage",
                                  "value": 85.5, "threshold": 80.0})

    It reads the settings as `bongsu up` does (file, `.env`, environment) and works in a thread of its own; state is
    kept in memory. Where a server runs, send alerts to it instead: `POST /api/v1/alerts` outlives the script. Every
    method may be called from any thread.
    """

    def __init__(self, *, settings: Settings | None = None, clock: Clock | None = None) -> None:
        """Begin to work.

        Raises:
            SettingsError: file or environment are faulty.
        """
        join_guide_logger()
        if not structlog.is_configured():
            speak_through_logging()
        self._settings = settings or load()
        self._clock = clock or SystemClock()
        self._records: SqlRecords
        self._service: AlertService
        self._notifier: Notifier
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="bongsu-alerting", daemon=True)
        self._opened = threading.Event()
        self._failure: BaseException | None = None
        self._thread.start()
        self._opened.wait()
        if self._failure is not None:
            raise self._failure

    def process_alert(self, alert: Mapping[str, Any]) -> dict[str, Any]:
        """Take an alert: `message`; also `level`, `metric`, `value`, `threshold`, `labels`, `unit`, `status`.

        The same metric and labels (without a metric: the same message) again means that it still stands;
        `"status": "resolved"`, or five minutes without it, that it is over. People hear of it within a second.
        Returns the alert as it stands, empty where nothing known is over by it.

        Raises:
            BadRequest: a part of it can't be taken; the text names it.
        """
        taken = self._ask(self._service.push(self._pushed(alert)))
        return {} if taken is None else alert_json(taken)

    def _send_slack_alert(self, alert: Mapping[str, Any]) -> None:
        """Send an alert to Slack alone, whatever was told before.

        Raises:
            BadRequest: a part of the alert can't be taken, or Slack isn't set up.
        """
        self._send(alert, "slack")

    def _send_telegram_alert(self, alert: Mapping[str, Any]) -> None:
        """Send an alert to Telegram alone; as `_send_slack_alert`."""
        self._send(alert, "telegram")

    def _send_email_alert(self, alert: Mapping[str, Any]) -> None:
        """Send an alert by e-mail alone; as `_send_slack_alert`."""
        self._send(alert, "email")

    def flush(self, timeout: float = _GOODBYE) -> bool:
        """Wait until everything is delivered or given up, `timeout` seconds at most; whether it is."""
        return self._ask(self._emptied(timeout))

    def close(self) -> None:
        """End; what is undelivered is lost: `flush` before."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()
        self.close()

    # -- the thread --------------------------------------------------------------------------------------------

    def _pushed(self, alert: Mapping[str, Any]) -> Push:
        try:
            body = msgspec.convert(dict(alert), PushedAlert)
        except msgspec.ValidationError as error:
            raise BadRequest(f"the alert can't be taken: {error}") from None
        return pushed(body, at=self._clock.now())

    def _send(self, alert: Mapping[str, Any], channel: str) -> None:
        if channel not in self._notifier.names:
            raise BadRequest(
                f"{channel} isn't set up", hint=f"set notifications.{channel}, or its names in .env (docs/settings.md)"
            )
        push = self._pushed(alert)
        (step, *_) = on_push(None, push, new_id=lambda: secrets.token_hex(8))
        self._ask(self._put(step.alert, channel))

    async def _put(self, alert: Alert, channel: str) -> None:
        notice = Notice(
            id=secrets.token_hex(8),
            kind="fired",
            channel=channel,
            severity=alert.severity,
            at=self._clock.now(),
            alerts=(alert,),
            language=self._notifier.language,
        )
        await self._records.put([notice])
        self._notifier.wake()

    async def _emptied(self, timeout: float) -> bool:
        end = self._clock.monotonic() + timeout
        # What was taken just now waits for more of its group before it becomes a message.
        soonest = self._clock.monotonic() + self._settings.alerts.group_wait.seconds + _LOOK
        while self._clock.monotonic() < soonest or await self._records.waiting(limit=1):
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
            loop.run_until_complete(self._stop())
            loop.run_until_complete(loop.shutdown_default_executor())
        except Exception as error:  # noqa: BLE001 (the thread's supervisor: told to whoever opens it)
            self._failure = error
        finally:
            self._opened.set()
            loop.close()

    async def _open(self) -> None:
        from bongsu.records.sql import SqlRecords

        clock = self._clock
        self._records = await SqlRecords.open(None, clock=clock)
        self._service = AlertService(
            records=self._records,
            clock=clock,
            plan=Plan(),
            temper=temper_of(self._settings),
            announcer=_Nobody(),
            posted=lambda: self._notifier.wake(),
        )
        self._notifier = await Notifier.open(
            self._settings, outbox=self._records, clock=clock, acknowledger=self._service
        )
        self._service.use(plan_of(self._settings, channels=self._notifier.names, language=self._notifier.language))
        await self._service.open()
        self._service.start()
        await self._notifier.start()

    async def _stop(self) -> None:
        await self._service.stop()
        await self._notifier.stop()
        await self._records.close()

    def _ask(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


class _Nobody:
    """Nobody watches."""

    def announce(self, kind: object, body: object, *, topic: object = None) -> None:
        """See `ports.Announcer`."""
