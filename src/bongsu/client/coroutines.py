"""The client as coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

from bongsu.client.alerts import AlertState, alerts_asked, read_alerts
from bongsu.client.events import events_asked
from bongsu.client.marks import marks_asked, read_marks
from bongsu.client.notices import notifications_asked, notify_asked, read_ids, read_notifications
from bongsu.client.waiting import DEFAULT_URL
from bongsu.client.wire import (
    Asked,
    Authority,
    Measured,
    checked,
    headers,
    history_asked,
    joined,
    metrics_asked,
    passes,
    pause,
    query_asked,
    read_metrics,
    read_receipt,
    read_series,
    requests_asked,
    send_asked,
    shown,
    trust,
    unreachable,
    waits,
)
from bongsu.model import errors
from bongsu.model.alert import Alert, DeliveryState, Severity
from bongsu.model.event import Event
from bongsu.model.mark import Mark
from bongsu.model.query import Aggregation, Points, Tier
from bongsu.model.request import Requests
from bongsu.model.sample import Receipt, Sample


class AsyncClient:
    """The same as `Client`, as coroutines."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        timeout: float = 10.0,
        token: str | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        ca: Authority = None,
    ) -> None:
        import httpx

        self._http = httpx.AsyncClient(
            base_url=url, timeout=timeout, trust_env=False, verify=trust(url, ca), headers=shown(token)
        )
        self._sleep = sleep

    async def metrics(
        self, metric: str | None = None, *, topic: str | None = None, labels: Mapping[str, str] | None = None
    ) -> list[Measured]:
        """See `Client.metrics`."""
        return read_metrics(await self._ask(metrics_asked(metric, topic, labels)))

    async def history(
        self,
        metric: str,
        *,
        hours: float = 24,
        step: str | None = None,
        agg: Aggregation | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> list[Points]:
        """See `Client.history`."""
        return read_series(await self._ask(history_asked(metric, hours, step, agg, labels)))

    async def query(
        self,
        metric: str,
        *,
        start: int | str | None = None,
        end: int | str | None = None,
        step: str | None = None,
        agg: Aggregation | None = None,
        tier: Tier | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> list[Points]:
        """See `Client.query`."""
        return read_series(await self._ask(query_asked(metric, start, end, step, agg, tier, labels)))

    async def send(self, samples: Iterable[Sample]) -> Receipt:
        """See `Client.send`."""
        return joined([await self._send(asked) for asked in send_asked(samples)])

    async def send_events(self, events: Iterable[Event]) -> Receipt:
        """See `Client.send_events`."""
        return joined([await self._send(asked) for asked in events_asked(events)])

    async def send_requests(self, items: Sequence[Requests]) -> Receipt:
        """See `Client.send_requests`."""
        return read_receipt(await self._ask(requests_asked(items)))

    async def marks(self, *, start: int | str | None = None, end: int | str | None = None) -> list[Mark]:
        """See `Client.marks`."""
        return read_marks(await self._ask(marks_asked(start, end)))

    async def alerts(
        self,
        state: AlertState = "open",
        *,
        start: int | str | None = None,
        end: int | str | None = None,
        text: str = "",
        limit: int = 200,
    ) -> list[Alert]:
        """See `Client.alerts`."""
        return read_alerts(await self._ask(alerts_asked(state, start, end, text, limit)))

    async def notify(
        self, message: str, *, level: Severity = "info", channels: Sequence[str] | None = None
    ) -> list[str]:
        """See `Client.notify`."""
        return read_ids(await self._ask(notify_asked(message, level, channels)))

    async def notifications(self, state: DeliveryState | None = None, *, limit: int = 200) -> list[dict[str, Any]]:
        """See `Client.notifications`."""
        return read_notifications(await self._ask(notifications_asked(state, limit)))

    async def ready(self) -> bool:
        """See `Client.ready`."""
        try:
            await self._ask(Asked(path="/readyz", parameters={}))
        except errors.Unavailable:
            return False
        return True

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _send(self, asked: Asked) -> Receipt:
        for wait in waits():
            try:
                return read_receipt(await self._ask(asked))
            except errors.NothingAcceptable as refused:
                return Receipt(accepted=0, refused=refused.refused, unlisted=refused.unlisted)
            except (errors.TooMany, errors.Unavailable) as busy:
                if wait is None or not passes(busy):
                    raise
                await self._sleep(pause(wait, busy))
        raise AssertionError("waits() ends with None")

    async def _ask(self, asked: Asked) -> bytes:
        import httpx

        try:
            response = await self._http.request(
                asked.method, asked.path, params=asked.parameters, content=asked.body, headers=headers(asked)
            )
        except httpx.HTTPError as error:
            raise unreachable(error, self._http.base_url) from error
        return checked(response)
