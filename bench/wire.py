"""An HTTP/1.1 client that costs next to nothing: one kept-open socket, one send, one buffer."""

from __future__ import annotations

import socket
from dataclasses import dataclass

_ROOM = 1 << 20
"""Bytes that an answer may have before its room grows."""


class Broken(ConnectionError):
    """The server closed the connection in the middle of an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of one answer."""

    status: int
    body: bytes


def get(target: str) -> bytes:
    """A request ready to be sent."""
    return f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(target: str, body: bytes, *, kind: str = "application/json") -> bytes:
    """A request with its body, ready to be sent."""
    head = f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection:
    """One connection; `ask` sends a request and returns once the last byte of the answer is here."""

    def __init__(self, port: int, *, host: str = "127.0.0.1", patience: float = 120.0) -> None:
        self._socket = socket.create_connection((host, port), patience)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._room = bytearray(_ROOM)
        self._begin = self._end = 0

    def ask(self, request: bytes) -> Answer:
        """Send and wait.

        Raises:
            Broken: the answer ended early.
        """
        self._socket.sendall(request)
        head = self._until(b"\r\n\r\n")
        status = int(head[9:12])
        fields = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
        }
        if fields.get(b"transfer-encoding", b"") == b"chunked":
            return Answer(status, self._chunks())
        return Answer(status, self._exactly(int(fields.get(b"content-length", b"0"))))

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _more(self) -> None:
        """Receive behind what is here already: no byte is copied a second time before the answer is whole."""
        if self._begin == self._end:
            self._begin = self._end = 0
        elif self._end == len(self._room):
            self._room += bytes(len(self._room))
        with memoryview(self._room) as room:
            count = self._socket.recv_into(room[self._end :])
        if not count:
            raise Broken(f"the server closed the connection after {self._end - self._begin} bytes of an answer")
        self._end += count

    def _until(self, mark: bytes) -> bytes:
        while (at := self._room.find(mark, self._begin, self._end)) < 0:
            self._more()
        taken = bytes(self._room[self._begin : at])
        self._begin = at + len(mark)
        return taken

    def _exactly(self, count: int) -> bytes:
        while self._end - self._begin < count:
            self._more()
        with memoryview(self._room) as room:
            taken = bytes(room[self._begin : self._begin + count])
        self._begin += count
        return taken

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self._until(b"\r\n").partition(b";")[0], 16):
            parts.append(self._exactly(size))
            self._until(b"\r\n")
        self._until(b"\r\n")
        return b"".join(parts)
