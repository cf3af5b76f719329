"""Where connections over TLS wait until they speak, so that silent ones cost a socket and nothing more.

A handshake costs 55 KiB of buffers and a millisecond or two of CPU. So a socket gets them only once its first bytes are
there and look like TLS, and only so many at once: the rest wait as they are, the newest is served first, and whoever
dawdles in a handshake while others wait is cut off.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import socket
import ssl
from collections import Counter, OrderedDict
from collections.abc import Callable

import structlog

from bongsu.http.crowd import is_loopback
from bongsu.http.limits import ServerLimits

FAREWELL = 2.0
"""Seconds that the end of a TLS connection may take: whoever hangs is cut off."""
_DAWDLES = 1.0
"""Seconds after which a handshake goes when others wait for its place: far clients take half of that."""
_FOR_NEWCOMERS = 4
"""Of so many handshakes one is kept for those who have just spoken."""
_AT_A_TIME = 100
"""Connections accepted before others get their turn."""
_BREATH = 1.0
"""Seconds without accepting when the machine has no more files or memory."""
_EXHAUSTED = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))
_TLS_RECORD = b"\x16"
"""How each handshake begins (RFC 8446, 5.1)."""


class _Visitor:
    """An accepted socket; `deadline` is for what it is at: silent, waiting, or in a handshake that others wait for."""

    __slots__ = ("address", "begun", "connection", "deadline", "task")

    def __init__(self, connection: socket.socket, address: str, deadline: float) -> None:
        self.connection = connection
        self.address = address
        self.deadline = deadline
        self.begun = False
        self.task: asyncio.Task[None] | None = None


class Porch:
    """Accepts on a bound socket and makes a protocol for each connection whose handshake succeeds.

    `refused` is told of each that goes, with the reason: `silent` (said nothing in time), `crowded` (made room),
    `address` (more than its share), `handshake` (failed, or late), `no-tls`.
    """

    def __init__(
        self,
        make: Callable[[], asyncio.BaseProtocol],
        sock: socket.socket,
        *,
        tls: ssl.SSLContext,
        limits: ServerLimits,
        refused: Callable[[str], None],
        seconds: float | None = None,
    ) -> None:
        """`limits` bound sockets that wait (as connections) and handshakes; `seconds` is how long each of the two may
        take, `limits.head_seconds` where None.
        """
        self._make = make
        self._sock = sock
        self._tls = tls
        self._limits = limits
        self._refused = refused
        self._given = seconds
        self._loop = asyncio.get_running_loop()
        self._silent: OrderedDict[_Visitor, None] = OrderedDict()
        self._spoke: OrderedDict[_Visitor, None] = OrderedDict()
        self._shaking: OrderedDict[_Visitor, None] = OrderedDict()
        self._by_address: Counter[str] = Counter()
        self._timer: asyncio.Handle | None = None
        self._due = 0.0
        """When it goes off, by the loop's time; uvloop's own handle can't tell where that is now already."""
        self._open = False

    def open(self, backlog: int) -> None:
        """Begin to accept."""
        self._sock.setblocking(False)
        self._sock.listen(backlog)
        self._open = True
        self._loop.add_reader(self._sock, self._accept)

    def close(self) -> None:
        """Accept nothing more, and let go of whoever hasn't come in yet; the socket itself is closed too."""
        if not self._open:
            return
        self._open = False
        self._loop.remove_reader(self._sock)
        self._sock.close()
        if self._timer is not None:
            self._timer.cancel()
        for one in [*self._silent, *self._spoke]:
            self._send_off(one)
        for one in self._shaking:
            if one.task is not None:
                one.task.cancel()

    async def wait_closed(self) -> None:
        """Wait for handshakes that were under way."""
        await asyncio.gather(*(one.task for one in self._shaking if one.task is not None), return_exceptions=True)

    @property
    def _seconds(self) -> float:
        return self._limits.head_seconds if self._given is None else self._given

    @property
    def waiting(self) -> int:
        """Sockets that haven't begun a handshake."""
        return len(self._silent) + len(self._spoke)

    @property
    def shaking(self) -> int:
        """Handshakes under way."""
        return len(self._shaking)

    def _accept(self) -> None:
        for _ in range(_AT_A_TIME):
            try:
                connection, address = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _EXHAUSTED:
                    raise
                self._pause(error)
                return
            connection.setblocking(False)
            self._come(connection, str(address[0]) if isinstance(address, tuple) else "")

    def _pause(self, error: OSError) -> None:
        structlog.get_logger("bongsu.http").error("no connection can be accepted", reason=error.strerror)
        self._loop.remove_reader(self._sock)
        self._loop.call_later(_BREATH, self._resume)

    def _resume(self) -> None:
        if self._open:
            self._loop.add_reader(self._sock, self._accept)

    def _come(self, connection: socket.socket, address: str) -> None:
        limits = self._limits
        counts = limits.count_loopback or not is_loopback(address)
        if counts and self._by_address[address] >= limits.connections_per_address:
            self._refused("address")
            connection.close()
            return
        if self.waiting >= limits.connections:
            self._refused("crowded")
            self._send_off(next(iter(self._silent or self._spoke)))
        visitor = _Visitor(connection, address, self._loop.time() + self._seconds)
        self._by_address[address] += 1
        self._silent[visitor] = None
        self._loop.add_reader(connection, self._hear, visitor)
        self._watch()

    def _hear(self, visitor: _Visitor) -> None:
        """Its first bytes are there, or its end."""
        try:
            first = visitor.connection.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            first = b""
        if first != _TLS_RECORD:
            if first:
                self._refused("no-tls")
            self._send_off(visitor)
            return
        self._loop.remove_reader(visitor.connection)
        del self._silent[visitor]
        if len(self._shaking) < self._limits.handshakes:
            self._begin(visitor)
        else:
            visitor.deadline = self._loop.time() + self._seconds
            self._spoke[visitor] = None
            self._next()

    def _next(self) -> None:
        """Begin handshakes of those who wait where there is room: they don't get all of it, as newcomers come first."""
        room = self._limits.handshakes - self._limits.handshakes // _FOR_NEWCOMERS
        while self._spoke and self._open:
            if len(self._shaking) < room:
                self._begin(self._spoke.popitem()[0])
            elif not self._cut_off():
                break
        self._watch()

    def _begin(self, visitor: _Visitor) -> None:
        visitor.deadline = self._loop.time() + _DAWDLES
        self._shaking[visitor] = None
        visitor.task = self._loop.create_task(self._shake(visitor), name="bongsu-handshake")
        visitor.task.add_done_callback(functools.partial(self._shaken, visitor))

    def _cut_off(self) -> bool:
        """End the oldest handshake if it dawdles; whether its place is free."""
        oldest = next(iter(self._shaking))
        if self._loop.time() < oldest.deadline:
            return False
        del self._shaking[oldest]
        if oldest.task is not None:
            oldest.task.cancel()
        return True

    async def _shake(self, visitor: _Visitor) -> None:
        visitor.begun = True  # from here on the transport owns the socket
        await self._loop.connect_accepted_socket(
            self._make,
            visitor.connection,
            ssl=self._tls,
            ssl_handshake_timeout=self._seconds,
            ssl_shutdown_timeout=FAREWELL,
        )

    def _shaken(self, visitor: _Visitor, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, OSError):  # what TLS says of a peer always is one
            structlog.get_logger("bongsu.http").error("a connection couldn't be made", exc_info=error)
        if task.cancelled() or error is not None:
            self._refused("handshake")
        if not visitor.begun:
            visitor.connection.close()
        self._shaking.pop(visitor, None)
        self._gone(visitor)
        self._next()

    def _send_off(self, visitor: _Visitor) -> None:
        if visitor in self._silent:
            del self._silent[visitor]
            self._loop.remove_reader(visitor.connection)
        else:
            self._spoke.pop(visitor, None)
        visitor.connection.close()
        self._gone(visitor)

    def _gone(self, visitor: _Visitor) -> None:
        self._by_address[visitor.address] -= 1
        if not self._by_address[visitor.address]:
            del self._by_address[visitor.address]

    def _watch(self) -> None:
        """Have one timer, for the deadline that comes first."""
        if not self._open or not self.waiting:
            return
        some = (self._silent, self._spoke, self._shaking if self._spoke else {})
        first = min(next(iter(one)).deadline for one in some if one)
        if self._timer is not None:
            if self._due <= first:
                return
            self._timer.cancel()
        self._timer, self._due = self._loop.call_at(first, self._late), first

    def _late(self) -> None:
        self._timer = None
        now = self._loop.time()
        for some in (self._silent, self._spoke):
            while some and (oldest := next(iter(some))).deadline <= now:
                self._refused("silent" if some is self._silent else "handshake")
                self._send_off(oldest)
        self._next()


def can_wait() -> bool:
    """Whether the running loop can wait for a socket without reading from it: all can but Windows' proactor."""
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        try:
            loop.add_reader(ours, int)
        except NotImplementedError:
            return False
        loop.remove_reader(ours)
        return True
