"""`POST /api/v1/samples`: bodies go to the intake; the receipt comes back."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bongsu.model.sample import Receipt
from bongsu.ports import Intake
from bongsu.server.body import BodyReader

JSON = "application/json"


class Samples:
    """Handler of the route. The sender is the address that the connection comes from."""

    def __init__(self, *, intake: Intake, bodies: BodyReader) -> None:
        self._intake = intake
        self._bodies = bodies

    async def post(self, request: Request) -> Response:
        """Take one body; answers once what was accepted is kept."""
        body = await self._bodies.read(request.scope, request.receive)
        headers = request.headers
        receipt = await self._intake.take(
            body,
            content_type=headers.get("content-type", ""),
            encoding=", ".join(headers.getlist("content-encoding")),
            sender=request.client.host if request.client else "",
        )
        return Response(receipt_text(receipt), media_type=JSON)


def receipt_text(receipt: Receipt) -> bytes:
    """The answer to a sender."""
    if not receipt.refused:
        return b'{"accepted":%d,"refused":[]}' % receipt.accepted
    answer: dict[str, object] = {
        "accepted": receipt.accepted,
        "refused": [{"index": one.index, "reason": one.reason} for one in receipt.refused],
    }
    if receipt.unlisted:
        answer["unlisted"] = receipt.unlisted
    return msgspec.json.encode(answer)
