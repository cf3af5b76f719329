"""Bodies as they were before compression, inflated piece by piece and never past a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import zstandard

from bongsu.model.errors import BadRequest, TooLarge, UnsupportedType

PIECE = 256 << 10
"""Bytes inflated in one go, about 1 ms."""

_FED = 64 << 10
_ZSTD_FED = 256
_ZSTD_WINDOW = 8 << 20
"""The largest window that RFC 9659 lets a sender of `zstd` use."""

ENCODINGS = ("gzip", "zstd")


def inflate(body: bytes, encoding: str, limit: int) -> Iterator[bytes]:
    """The pieces of the body's content, `limit` bytes in all at most.

    Raises:
        UnsupportedType: the encoding is neither empty, `identity`, `gzip` nor `zstd`.
        BadRequest: the body isn't what the encoding says, or ends too early.
        TooLarge: the content is longer than `limit`.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return iter((body,))
    if name in ("gzip", "x-gzip"):
        return _bounded(_gzip(body), limit)
    if name == "zstd":
        return _bounded(_zstd(body), limit)
    raise UnsupportedType(
        f"Content-Encoding {encoding!r} isn't understood", hint=f"send {' or '.join(ENCODINGS)}, or none"
    )


def _bounded(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise TooLarge(f"the body inflates to more than {limit} bytes", hint="send several smaller bodies")
        yield piece


def _gzip(body: bytes) -> Iterator[bytes]:
    """Members of a gzip file, one after the other."""
    machine, fed = zlib.decompressobj(wbits=31), 0
    waiting = b""
    started = False
    while True:
        if not waiting:
            waiting = body[fed : fed + _FED]
            fed += len(waiting)
        if not waiting:
            break
        if machine.eof:
            machine = zlib.decompressobj(wbits=31)
        try:
            piece = machine.decompress(waiting, PIECE)
        except zlib.error as error:
            raise BadRequest(f"the body isn't gzip: {error}", hint="check Content-Encoding") from None
        started = True
        waiting = machine.unused_data if machine.eof else machine.unconsumed_tail
        if piece:
            yield piece
    if not (started and machine.eof):
        raise BadRequest(
            "the gzip body ends too early", hint="check Content-Encoding, and that the whole body was sent"
        )


def _zstd(body: bytes) -> Iterator[bytes]:
    """Frames, one after the other; fed in small bites, as each may inflate some thousandfold."""
    context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    machine, fed = context.decompressobj(), 0
    waiting = b""
    started = False
    while True:
        if not waiting:
            waiting = body[fed : fed + _ZSTD_FED]
            fed += len(waiting)
        if not waiting:
            break
        if machine.eof:
            machine = context.decompressobj()
        try:
            piece = machine.decompress(waiting)
        except zstandard.ZstdError as error:
            raise BadRequest(f"the body isn't zstd: {error}", hint="check Content-Encoding") from None
        started = True
        waiting = machine.unused_data if machine.eof else b""
        if piece:
            yield piece
    if not (started and machine.eof):
        raise BadRequest(
            "the zstd body ends too early", hint="check Content-Encoding, and that the whole body was sent"
        )
