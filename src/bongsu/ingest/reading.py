"""Reading JSON that somebody else wrote: what can go wrong, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from bongsu.model.errors import BadRequest

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises over JSON that is malformed, of another type, no UTF-8, or too deep."""

Read = TypeVar("Read")


def readable(decode: Callable[[bytes], Read], text: bytes) -> Read:
    """What `decode` makes of the text.

    Raises:
        BadRequest: it can't be read.
    """
    try:
        return decode(text)
    except UNREADABLE as error:
        raise BadRequest(
            f"the body can't be read as JSON: {error}", hint="send UTF-8 JSON as docs/rest.md shows"
        ) from None
