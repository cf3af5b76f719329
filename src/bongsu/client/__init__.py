"""The typed REST client: the console, the demo, the instruments, scripts and tests use it.

    with Client("http://127.0.0.1:8080") as bongsu:
        bongsu.send([Sample(metric="orders_open", value=12)])
        bongsu.query("orders_open", start="-1h", step="60s")

`AsyncClient` offers the same as coroutines. Errors are those of `bongsu.model.errors`, as the server told them.
"""

from __future__ import annotations

from bongsu.client.coroutines import AsyncClient
from bongsu.client.waiting import DEFAULT_URL, Client
from bongsu.client.wire import Measured
from bongsu.model.event import Event

__all__ = ["DEFAULT_URL", "AsyncClient", "Client", "Event", "Measured"]
