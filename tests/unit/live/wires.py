"""A client without a socket: it reads the bytes that the hub writes, and can be slow."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from bongsu.live.hub import Hub
from bongsu.live.watcher import Watcher
from bongsu.model.catalogue import Catalogue
from bongsu.model.sample import Batch, Labels
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock


def messages(data: bytes) -> Iterator[dict[str, Any]]:
    """The JSON messages in the bytes of whole server frames (RFC 6455, RFC 7692)."""
    while data:
        length, start = data[1], 2
        if length == 126:
            length, start = int.from_bytes(data[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(data[2:10], "big"), 10
        payload, first, data = data[start : start + length], data[0], data[start + length :]
        assert len(payload) == length
        assert first & 0x8F == 0x81
        if first & 0x40:
            payload = zlib.decompressobj(-15).decompress(payload + b"\x00\x00\xff\xff")
        yield json.loads(payload)


class FakeWire:
    """Takes bytes; once `room` writes were made it is paused until `open_up`."""

    def __init__(self, room: float = float("inf")) -> None:
        self.room = room
        self.frames: list[dict[str, Any]] = []
        self.writes = 0
        self.watcher: Watcher | None = None

    @property
    def paused(self) -> bool:
        return self.room <= 0

    def write(self, data: bytes) -> None:
        self.writes += 1
        self.room -= 1
        self.frames += messages(data)

    def open_up(self, room: float = float("inf")) -> None:
        """The buffer has drained: let `room` more writes through."""
        self.room = room
        if self.watcher is not None and not self.paused:
            self.watcher.drain()

    def taken(self) -> list[dict[str, Any]]:
        """The frames that came since the last look, heartbeats left out."""
        frames, self.frames = [one for one in self.frames if one["t"] != "ping"], []
        return frames


class Stage:
    """A hub with its table on a clock that stands still."""

    def __init__(self, **options: Any) -> None:
        self.clock = VirtualClock()
        self.table = SeriesTable()
        self.hub = Hub(table=self.table, catalogue=Catalogue(), clock=self.clock, boot="b", **options)

    def publish(self, *samples: tuple[str, float], labels: Labels = (), at: int | None = None) -> None:
        """One batch, stamped now."""
        ids = [self.table.intern(metric, labels) for metric, _ in samples]
        stamp = self.clock.now() if at is None else at
        self.hub.publish(batch(ids, [stamp] * len(ids), [value for _, value in samples]))

    def client(self, *, deflate: bool = False, room: float = float("inf"), **subscription: Any) -> FakeWire:
        """A client that has joined."""
        wire = FakeWire(room)
        wire.watcher = self.hub.watcher(wire, deflate=deflate)
        self.hub.join(wire.watcher, **subscription)
        return wire


def batch(ids: list[int], at: list[int], value: list[float]) -> Batch:
    """Three columns from three lists."""
    return Batch(series=np.array(ids, np.int32), at=np.array(at, np.int64), value=np.array(value, np.float64))


def values(frames: list[dict[str, Any]]) -> dict[str, float]:
    """What the frames tell, by metric, the last word winning."""
    return {one["metric"]: one["value"] for frame in frames for one in frame.get("metrics", ())}
