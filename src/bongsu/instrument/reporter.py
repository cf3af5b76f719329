"""Sends what was added up, once a second, from a thread of its own."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable, Sequence

from bongsu.client import DEFAULT_URL, Client
from bongsu.instrument.tally import Tally
from bongsu.model.errors import BongsuError
from bongsu.model.request import Requests

Send = Callable[[Sequence[Requests]], object]
"""Where sums go: `Client.send_requests`."""
_log = logging.getLogger(__name__)


class Reporter:
    """A tally with somebody who carries it to a server. Starts its thread with the first request.

    `url` is the server's address (environment `BONGSU_URL`, else this machine's); `interval` in seconds.
    """

    def __init__(self, url: str | None = None, *, interval: float = 1.0, send: Send | None = None) -> None:
        self.tally = Tally()
        self._url = url or os.environ.get("BONGSU_URL") or DEFAULT_URL
        self._interval = interval
        self._send = send
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._pid = 0
        self._failing = False
        self.lost = 0
        """Requests that couldn't be told because the server was away."""

    def add(self, service: str, route: str, milliseconds: float, *, error: bool = False, warning: bool = False) -> None:
        """Count one request."""
        self.tally.add(service, route, milliseconds, error=error, warning=warning)
        if self._pid != os.getpid():  # the first request, or the first after a fork, which takes no threads along
            self._start()

    def flush(self) -> None:
        """Send now what was added up. What can't be sent is counted and let go."""
        items = self.tally.taken()
        if not items:
            return
        try:
            self._sending()(items)
            self._failing = False
        except BongsuError as error:
            self.lost += sum(item.total or 1 for item in items)
            if not self._failing:
                _log.warning("requests can't be told to %s: %s", self._url, error.detail)
            self._failing = True

    def close(self) -> None:
        """Send the rest and end the thread."""
        self._stop.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(timeout=5)
        self.flush()

    def _start(self) -> None:
        with self._starting:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            self._thread = threading.Thread(target=self._run, name="bongsu-requests", daemon=True)
            self._thread.start()
            atexit.register(self.close)

    def _run(self) -> None:
        while not self._stop.wait(self._interval):
            self.flush()

    def _sending(self) -> Send:
        if self._send is None:
            self._send = Client(self._url, timeout=5.0).send_requests
        return self._send


_shared: Reporter | None = None
_sharing = threading.Lock()


def shared() -> Reporter:
    """The reporter of this program, made when first needed."""
    global _shared
    with _sharing:
        if _shared is None:
            _shared = Reporter()
        return _shared
