"""Cuts a long JSON array between its elements, so that decoding it doesn't hold up the event loop.

A cut is guessed from the text and proved by decoding: a prefix of a JSON array, closed with `]`, is an array again
only if it was cut between two elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeVar

from bongsu.model.errors import BadRequest

SLICE = 256 << 10
"""Bytes decoded in one go: some 2 ms of good rows; faulty ones are then taken in shorter runs."""

_WINDOW = 1 << 20
"""Bytes searched for a border between elements."""

_GUESSES = 8
_BETWEEN_OBJECTS = re.compile(rb"\}\s*(,)\s*\{")
_BETWEEN_ANY = re.compile(rb"(,)\s*[^\s\],]")

Part = TypeVar("Part")


def parts(body: bytes, decode: Callable[[bytes], Part], *, size: int = SLICE) -> Iterator[Part]:
    """Decode the array in `body` run by run; `decode` gets a JSON array each time.

    Raises:
        BadRequest: the body is no JSON array (raised by `decode` too, which is how a wrong cut is noticed).
    """
    begin, opening, view = 0, b"", memoryview(body)
    while len(body) - begin > size:
        for cut in _guesses(body, begin + size):
            try:
                part = decode(b"".join((opening, view[begin:cut], b"]")))
            except BadRequest:
                continue
            yield part
            begin, opening = cut + 1, b"["
            break
        else:
            break
    yield decode(b"".join((opening, view[begin:])) if begin else body)


def _guesses(body: bytes, begin: int) -> Iterator[int]:
    window = begin + _WINDOW
    for pattern in (_BETWEEN_OBJECTS, _BETWEEN_ANY):
        for match in islice(pattern.finditer(body, begin, window), _GUESSES):
            yield match.start(1)


def lines(body: bytes, *, size: int = SLICE) -> Iterator[bytes]:
    """Runs of whole lines."""
    begin = 0
    while len(body) - begin > size:
        cut = body.find(b"\n", begin + size)
        if cut < 0:
            break
        yield body[begin:cut]
        begin = cut + 1
    yield body[begin:]
