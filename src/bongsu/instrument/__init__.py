"""What users put into their own programs, so that Bongsu sees the requests they answer.

    app = AsgiRequests(app, service="checkout")         # Starlette, FastAPI, Django under ASGI
    application = WsgiRequests(application, service="shop")   # Flask, Django under WSGI

    @measured("nightly", service="jobs")
    def rebuild_index(): ...

    with measure("import", service="jobs"): ...

Requests are summed up in memory and sent once a second in the background; a server that is away costs the program
nothing but the figures of that time.
"""

from __future__ import annotations

from bongsu.instrument.asgi import AsgiRequests
from bongsu.instrument.blocks import measure, measured
from bongsu.instrument.reporter import Reporter
from bongsu.instrument.wsgi import WsgiRequests

__all__ = ["AsgiRequests", "Reporter", "WsgiRequests", "measure", "measured"]
