"""Small JSON bodies: commands and forms, checked against their type, each fault with its place."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias, TypeVar

import msgspec
from starlette.requests import Request

from bongsu.model.errors import BadRequest, TooLarge, UnsupportedType
from bongsu.server.body import BodyReader

T = TypeVar("T")

MOST = 2**53 - 1
"""The largest whole number that every reader of JSON holds exactly; databases take no more than 2⁶³ − 1."""
Numbered: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=MOST)]
"""The number of a version, as bodies name it."""

_PLACE = re.compile(r"`\$((?:\.\w+)*)`")
"""Where msgspec says that a fault is."""

_LARGEST = 256 << 10
"""Bytes."""


class JsonBodies:
    """Reads bodies into types. A page of another site can't send one unasked: only `application/json` is taken."""

    def __init__(self, bodies: BodyReader, *, largest: int = _LARGEST) -> None:
        """`largest` is the bytes of a body at most."""
        self._bodies = bodies
        self._largest = largest

    async def read(self, request: Request, decoder: msgspec.json.Decoder[T]) -> T:
        """The body; without one an empty object.

        Raises:
            BadRequest, TooLarge, UnsupportedType, TooMany, TooSlow, Interrupted
        """
        body = await self._bodies.read(request.scope, request.receive)
        if len(body) > self._largest:
            raise TooLarge(f"the body has more than {self._largest} bytes")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and (body or kind):
            raise UnsupportedType(f"the body is {kind or 'of no type'}", hint="send Content-Type: application/json")
        try:
            return decoder.decode(body or b"{}")
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise BadRequest(f"the body can't be taken: {error}", hint=_hint(str(error), decoder)) from None


def _hint(fault: str, decoder: msgspec.json.Decoder[T]) -> str:
    """What may stand there: the values of an enumeration, the keys of an object."""
    found = _PLACE.search(fault)
    kind: object = msgspec.inspect.type_info(decoder.type)
    for name in found[1].split(".")[1:] if found else ():
        fields = kind.fields if isinstance(kind, msgspec.inspect.StructType) else ()
        kind = next((one.type for one in fields if one.encode_name == name), None)
    if isinstance(kind, msgspec.inspect.LiteralType):
        return f"it may be {', '.join(map(str, kind.values))}"
    if isinstance(kind, msgspec.inspect.EnumType):
        return f"it may be {', '.join(str(one.value) for one in kind.cls)}"
    if isinstance(kind, msgspec.inspect.StructType) and "unknown field" in fault:
        return f"there are: {', '.join(one.encode_name for one in kind.fields)}"
    return "GET /openapi.json shows its form"
