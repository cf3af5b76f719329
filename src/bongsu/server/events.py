"""`POST /api/v1/events`: bodies of feeds' events go to their intake; the receipt comes back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bongsu.feed_ports import EventIntake
from bongsu.server.body import BodyReader
from bongsu.server.endpoint import Part
from bongsu.server.samples import JSON, receipt_text


class Events:
    """Handler of the route. The sender is the address that the connection comes from."""

    def __init__(self, *, intake: EventIntake, bodies: BodyReader) -> None:
        self._intake = intake
        self._bodies = bodies

    def routes(self) -> Part:
        """What this part adds to the server."""
        return (("POST", "/api/v1/events", self.post),)

    async def post(self, request: Request) -> Response:
        """Take one body; answers once what was accepted survives a crash."""
        body = await self._bodies.read(request.scope, request.receive)
        headers = request.headers
        receipt = await self._intake.take(
            body,
            content_type=headers.get("content-type", ""),
            encoding=", ".join(headers.getlist("content-encoding")),
            sender=request.client.host if request.client else "",
            key=headers.get("idempotency-key", ""),
        )
        return Response(receipt_text(receipt), media_type=JSON)
