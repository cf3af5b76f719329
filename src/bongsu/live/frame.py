"""Frames: built once, compressed once, shared by everyone who gets them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Final

_DEFLATE_LEVEL: Final = 1
_WORTH_DEFLATING: Final = 200  # bytes: below, the inflater's work costs more than the network's
_TEXT: Final = 0x81  # the final fragment of a text message
_COMPRESSED: Final = 0x40  # RSV1
_SYNC_TAIL: Final = b"\x00\x00\xff\xff"


def text(body: bytes) -> bytes:
    """A WebSocket text message as it goes over the wire, uncompressed."""
    return _message(_TEXT, body)


def deflated_text(body: bytes) -> bytes:
    """The same as `text`, compressed without context (RFC 7692), so that many clients can share it."""
    if len(body) < _WORTH_DEFLATING:
        return text(body)
    press = zlib.compressobj(_DEFLATE_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = press.compress(body) + press.flush(zlib.Z_SYNC_FLUSH)
    return _message(_TEXT | _COMPRESSED, packed.removesuffix(_SYNC_TAIL))


def _message(first: int, payload: bytes) -> bytes:
    """A whole message in one unmasked frame, as servers send it (RFC 6455, 5.2)."""
    length = len(payload)
    if length < 126:
        return struct.pack("!BB", first, length) + payload
    if length < 1 << 16:
        return struct.pack("!BBH", first, 126, length) + payload
    return struct.pack("!BBQ", first, 127, length) + payload


def _payload(wire: bytes) -> bytes:
    """What a message of ours carries: the length of its header follows from its second byte."""
    return wire[{126: 4, 127: 10}.get(wire[1], 2) :]


class Frame:
    """One numbered frame: `seq`, the `bit` (or bits) of its topic, and the clock's seconds when it was made."""

    __slots__ = ("_deflated", "_plain", "bit", "moment", "seq", "weight")

    def __init__(self, *, seq: int, bit: int, moment: float, body: bytes) -> None:
        self.seq = seq
        self.bit = bit
        self.moment = moment
        self._plain: bytes | None = text(body)
        self._deflated: bytes | None = None
        self.weight = 0
        """Bytes that this frame takes in a ring, once it has been slimmed."""

    def wire(self, *, deflate: bool) -> bytes:
        """The bytes to write to a client that can inflate, or to one that can't."""
        if deflate:
            if self._deflated is None:
                self._deflated = deflated_text(_payload(self._plain or b""))
            return self._deflated
        if self._plain is None:
            packed = _payload(self._deflated or b"")
            return text(zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed + _SYNC_TAIL))
        return self._plain

    def slim(self) -> None:
        """Keep one form only, the compressed one where there is one: what waits in a ring should be small."""
        if self._deflated is not None and self._deflated[0] & _COMPRESSED:
            self._plain = None
        self.weight = len(self._plain or b"") + len(self._deflated or b"")


class Volley:
    """The frames of one moment for one group, written to each client in one go."""

    __slots__ = ("_heartbeat", "_wires", "frames", "seq")

    def __init__(self, frames: Sequence[Frame], *, heartbeat: bytes = b"") -> None:
        self.frames = frames
        self.seq = frames[-1].seq if frames else 0
        self._heartbeat = heartbeat
        self._wires: dict[tuple[int, bool], tuple[bytes, int]] = {}

    def wire(self, mask: int, *, deflate: bool) -> tuple[bytes, int]:
        """The bytes for a client with these topics (made once for all alike), and how many frames they hold."""
        made = self._wires.get((mask, deflate))
        if made is None:
            wires = [frame.wire(deflate=deflate) for frame in self.frames if frame.bit & mask]
            made = self._wires[mask, deflate] = (self._heartbeat + b"".join(wires), len(wires))
        return made
