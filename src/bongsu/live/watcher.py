"""The outgoing side of one client: what it still gets, and what it missed."""

from __future__ import annotations

from collections import deque
from typing import Final, Protocol

from bongsu.live.frame import Frame, Volley, text

_PATIENCE: Final = 0.5  # seconds that frames may wait for a slow client before it is brought to the latest
_LONGEST_TAIL: Final = 256  # frames


class Wire(Protocol):
    """Where the bytes go: a connection, seen from its watcher."""

    @property
    def paused(self) -> bool:
        """Whether the write buffer is full: nothing is to be written until it has drained."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes that are whole WebSocket frames. Never blocks."""
        ...


class Snapshots(Protocol):
    """The hub, seen from a watcher that has to catch up."""

    def snapshot_for(self, watcher: Watcher) -> list[Frame]:
        """Frames that tell everything the watcher subscribed to, all numbered above its `cursor`."""
        ...


class Tally:
    """What all watchers of a hub together were sent, and what they never got."""

    __slots__ = ("bytes", "dropped", "frames")

    def __init__(self) -> None:
        self.bytes = 0
        self.frames = 0
        self.dropped = 0


class Watcher:
    """One client's subscription and queue.

    Normally a volley is written as it comes. While the wire is paused, frames wait in a bounded queue: first the
    rest of a snapshot or replay (the base), then fresh frames (the tail). A tail that gets too old is dropped as
    a whole; once the wire has drained, the client is told the gap and gets a snapshot: the latest, not the backlog.
    """

    __slots__ = ("_hub", "_missed", "_queue", "_tail", "_tally", "_wire", "cursor", "deflate", "mask")

    def __init__(self, *, wire: Wire, hub: Snapshots, tally: Tally, deflate: bool) -> None:
        self._wire = wire
        self._hub = hub
        self._tally = tally
        self._queue: deque[Frame] | None = None
        self._tail = 0
        self._missed: tuple[int, int] | None = None
        self.deflate = deflate
        self.mask = 0
        self.cursor = -1
        """The highest sequence number that was written, queued or given up for this client."""

    def start(self, frames: list[Frame], *, gap: tuple[int, int] | None = None) -> None:
        """Begin anew with a snapshot or a replay; what still waited is forgotten, it is older."""
        self._missed = None
        self._tail = 0
        self._queue = deque(frames)
        if frames:
            self.cursor = max(self.cursor, frames[-1].seq)
        if gap is not None:
            self._write(_gap(*gap), 1)
        self.drain()

    def offer(self, volley: Volley) -> None:
        """Take the frames of one moment: write them, or let them wait where others wait already."""
        if volley.seq <= self.cursor and volley.frames:
            return
        if self._missed is None and not self._queue and not self._wire.paused:
            data, count = volley.wire(self.mask, deflate=self.deflate)
            self.cursor = max(self.cursor, volley.seq)
            if data:
                self._write(data, count)
            return
        for frame in volley.frames:
            if frame.bit & self.mask and frame.seq > self.cursor:
                self._wait(frame)
        self.cursor = max(self.cursor, volley.seq)

    def drain(self) -> None:
        """Write what waits, until the wire is full again."""
        wire = self._wire
        while not wire.paused:
            if self._queue:
                self._write(self._queue.popleft().wire(deflate=self.deflate), 1)
                self._tail = min(self._tail, len(self._queue))
            elif self._missed is not None:
                gap, self._missed = self._missed, None
                self._write(_gap(*gap), 1)
                frames = self._hub.snapshot_for(self)
                self._queue = deque(frames)
                self.cursor = max(self.cursor, frames[-1].seq if frames else -1)
            else:
                self._queue = None
                return

    def _write(self, data: bytes, count: int) -> None:
        self._tally.bytes += len(data)
        self._tally.frames += count
        self._wire.write(data)

    def _wait(self, frame: Frame) -> None:
        if self._missed is not None:
            self._missed = (self._missed[0], frame.seq)
            self._tally.dropped += 1
            return
        if self._queue is None:
            self._queue = deque()
        self._queue.append(frame)
        self._tail += 1
        oldest = self._queue[-self._tail]
        if frame.moment - oldest.moment > _PATIENCE or self._tail > _LONGEST_TAIL:
            self._missed = (oldest.seq, frame.seq)
            self._tally.dropped += self._tail
            for _ in range(self._tail):
                self._queue.pop()
            self._tail = 0


def _gap(first: int, last: int) -> bytes:
    return text(b'{"t":"gap","from":%d,"to":%d}' % (first, last))
