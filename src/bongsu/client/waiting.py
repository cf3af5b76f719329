"""The client that waits for each answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

from bongsu.client.alerts import AlertState, alerts_asked, read_alerts
from bongsu.client.events import events_asked
from bongsu.client.marks import marks_asked, read_marks
from bongsu.client.notices import notifications_asked, notify_asked, read_ids, read_notifications
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

DEFAULT_URL = "http://127.0.0.1:8080"


class Client:
    """Asks one server, waiting for each answer. Close it, or use it in a `with` block."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        timeout: float = 10.0,
        token: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        ca: Authority = None,
    ) -> None:
        """`token` is an API token (`bongsu token create`); without one that of the environment, `BONGSU_TOKEN`.

        `ca`: file (PEM) of the authority of a server with https, besides those of the system and `SSL_CERT_FILE`.
        """
        import httpx

        self._http = httpx.Client(
            base_url=url, timeout=timeout, trust_env=False, verify=trust(url, ca), headers=shown(token)
        )
        self._sleep = sleep

    def metrics(
        self, metric: str | None = None, *, topic: str | None = None, labels: Mapping[str, str] | None = None
    ) -> list[Measured]:
        """The newest value of every series, or of those selected."""
        return read_metrics(self._ask(metrics_asked(metric, topic, labels)))

    def history(
        self,
        metric: str,
        *,
        hours: float = 24,
        step: str | None = None,
        agg: Aggregation | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> list[Points]:
        """The last hours of one metric; without a step the server picks one that suits a chart.

        Raises:
            NotFound: there is no such metric.
        """
        return read_series(self._ask(history_asked(metric, hours, step, agg, labels)))

    def query(
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
        """A range of one metric. Times are UTC milliseconds, RFC 3339, `now` or `-1h`; a step is `60s`.

        Raises:
            BadRequest: a parameter is faulty, or the answer would be too large.
        """
        return read_series(self._ask(query_asked(metric, start, end, step, agg, tier, labels)))

    def send(self, samples: Iterable[Sample]) -> Receipt:
        """Send samples; returns once the server keeps them. Waits and tries again while the server is busy.

        Raises:
            NothingAcceptable: every sample was refused.
            TooMany, Unavailable: the server was still busy, or not to be reached, after several attempts.
            StorageFull: the server's disk is full.
        """
        return joined(self._send(asked) for asked in send_asked(samples))

    def send_events(self, events: Iterable[Event]) -> Receipt:
        """Send events of feeds; returns once the server keeps them. What is tried again is counted once.

        Raises:
            NothingAcceptable: every event was refused.
            TooMany, Unavailable: the server was still busy, or not to be reached, after several attempts.
            StorageFull: the server's disk is full.
        """
        return joined(self._send(asked) for asked in events_asked(events))

    def send_requests(self, items: Sequence[Requests]) -> Receipt:
        """Tell of requests that a service answered, single ones or summed up; not tried again.

        Raises:
            NothingAcceptable: every item was refused.
            TooMany, Unavailable: the server is busy, or not to be reached.
        """
        return read_receipt(self._ask(requests_asked(items)))

    def marks(self, *, start: int | str | None = None, end: int | str | None = None) -> list[Mark]:
        """Deploys, campaigns, notes and changes of state, oldest first (the last day if nothing else is asked)."""
        return read_marks(self._ask(marks_asked(start, end)))

    def alerts(
        self,
        state: AlertState = "open",
        *,
        start: int | str | None = None,
        end: int | str | None = None,
        text: str = "",
        limit: int = 200,
    ) -> list[Alert]:
        """Alerts of a state, worst first, then the newest of the past; `start` and `end` bound when those that are
        over fired (the last week by default), `text` is sought in message, metric and labels.
        """
        return read_alerts(self._ask(alerts_asked(state, start, end, text, limit)))

    def notify(self, message: str, *, level: Severity = "info", channels: Sequence[str] | None = None) -> list[str]:
        """Send people a message through the named channels, or through all; the ids of what is on its way.

        Raises:
            BadRequest: a channel isn't set up, or there is none.
        """
        return read_ids(self._ask(notify_asked(message, level, channels)))

    def notifications(self, state: DeliveryState | None = None, *, limit: int = 200) -> list[dict[str, Any]]:
        """Messages of one state, or all, newest first, as REST gives them."""
        return read_notifications(self._ask(notifications_asked(state, limit)))

    def ready(self) -> bool:
        """Whether the server answers and has all it needs."""
        try:
            self._ask(Asked(path="/readyz", parameters={}))
        except errors.Unavailable:
            return False
        return True

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, asked: Asked) -> Receipt:
        for wait in waits():
            try:
                return read_receipt(self._ask(asked))
            except errors.NothingAcceptable as refused:
                return Receipt(accepted=0, refused=refused.refused, unlisted=refused.unlisted)
            except (errors.TooMany, errors.Unavailable) as busy:
                if wait is None or not passes(busy):
                    raise
                self._sleep(pause(wait, busy))
        raise AssertionError("waits() ends with None")

    def _ask(self, asked: Asked) -> bytes:
        import httpx

        try:
            response = self._http.request(
                asked.method, asked.path, params=asked.parameters, content=asked.body, headers=headers(asked)
            )
        except httpx.HTTPError as error:
            raise unreachable(error, self._http.base_url) from error
        return checked(response)
