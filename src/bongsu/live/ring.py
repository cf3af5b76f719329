"""The last frames of one group, for clients that come back."""

from __future__ import annotations

from collections import deque

from bongsu.live.frame import Frame


class Ring:
    """Frames by age. `floor` is the highest sequence number that can't be told any more."""

    def __init__(self, *, floor: int) -> None:
        self.floor = floor
        self.bytes = 0
        self._frames: deque[Frame] = deque()
        self._unweighed: list[Frame] = []

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def oldest(self) -> float | None:
        """The moment of the oldest frame, or None where there is none."""
        return self._frames[0].moment if self._frames else None

    def keep(self, frame: Frame) -> None:
        """Remember a frame, newer than all others."""
        self._frames.append(frame)
        self._unweighed.append(frame)

    def weigh(self) -> None:
        """Once the frames kept lately have been written to everyone: slim them and count their bytes."""
        for frame in self._unweighed:
            frame.slim()
            self.bytes += frame.weight
        self._unweighed.clear()

    def since(self, seq: int, mask: int) -> list[Frame] | None:
        """The frames after `seq` that a client with these topics would have got; None where some are gone."""
        if seq < self.floor:
            return None
        return [frame for frame in self._frames if frame.seq > seq and frame.bit & mask]

    def drop_oldest(self) -> None:
        """Forget one frame."""
        frame = self._frames.popleft()
        self.floor = frame.seq
        self.bytes -= frame.weight

    def drop_before(self, moment: float) -> None:
        """Forget the frames made before the moment."""
        while self._frames and self._frames[0].moment < moment:
            self.drop_oldest()
