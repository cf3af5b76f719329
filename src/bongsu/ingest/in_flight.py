"""The bytes of all bodies between arrival and acknowledgement, bounded."""

from __future__ import annotations

from types import TracebackType

from bongsu.model.errors import TooMany


class InFlight:
    """Counts bytes; `with in_flight.body() as body: body.hold(n)` counts those of one body until it is done."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0

    def body(self) -> HeldBody:
        """A body of which nothing is held yet."""
        return HeldBody(self)

    def take(self, size: int) -> None:
        """Count further bytes.

        Raises:
            TooMany: there are too many already; these are not counted.
        """
        if self.size + size > self.limit:
            raise TooMany("too many bytes are being taken in at once", hint="send again in a moment", retry_after=1)
        self.size += size


class HeldBody:
    """The counted bytes of one body."""

    def __init__(self, in_flight: InFlight) -> None:
        self._in_flight = in_flight
        self._held = 0

    def hold(self, size: int) -> None:
        """Count further bytes of this body.

        Raises:
            TooMany: all bodies together are too large.
        """
        self._in_flight.take(size)
        self._held += size

    def __enter__(self) -> HeldBody:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._in_flight.size -= self._held
        self._held = 0
