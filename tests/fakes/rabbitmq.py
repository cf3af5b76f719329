"""A small stand-in of RabbitMQ: the handshake of AMQP 0-9-1 and passive declarations, answered as the real one does."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Mapping

END = b"\xce"


class LittleRabbit:
    """Lets `user` in with `password` to the vhost `/`; `queues` are its queues with (messages, consumers)."""

    def __init__(
        self, queues: Mapping[str, tuple[int, int]], *, user: str = "shop", password: str = "s3cret-pw"
    ) -> None:
        self.queues = dict(queues)
        self._user = user
        self._password = password
        self._server: asyncio.Server
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Listen no more."""
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            assert await reader.readexactly(8) == b"AMQP\x00\x00\x09\x01"
            version = b"\x07versionS" + struct.pack("!I", 6) + b"3.13.7"
            start = b"\x00\x09" + struct.pack("!I", len(version)) + version
            send(writer, 0, (10, 10), start + text(b"PLAIN AMQPLAIN") + text(b"en_US"))
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            kind, channel, size = struct.unpack("!BHI", await reader.readexactly(7))
            payload = await reader.readexactly(size)
            assert await reader.readexactly(1) == END
            assert kind == 1
            method, body = struct.unpack("!HH", payload[:4]), payload[4:]
            if method == (10, 11):
                if f"\0{self._user}\0{self._password}".encode() not in body:
                    assert b"authentication_failure_close" in body
                    refuse(writer, 403, b"ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.")
                    return
                writer.write(struct.pack("!BHI", 8, 0, 0) + END)
                send(writer, 0, (10, 30), struct.pack("!HIH", 2047, 131072, 60))
            elif method == (10, 40):
                if body[1 : 1 + body[0]] != b"/":
                    refuse(writer, 530, b"NOT_ALLOWED - vhost not found")
                    return
                send(writer, 0, (10, 41), b"\x00")
            elif method == (20, 10):
                send(writer, channel, (20, 11), struct.pack("!I", 0))
            elif method == (50, 10):
                self._declare(writer, channel, body)
            elif method == (10, 50):
                send(writer, 0, (10, 51), b"")
                return

    def _declare(self, writer: asyncio.StreamWriter, channel: int, body: bytes) -> None:
        name = body[3 : 3 + body[2]].decode()
        assert body[3 + body[2]] & 1, "only a passive declaration leaves everything as it is"
        if name in self.queues:
            counts = struct.pack("!II", *self.queues[name])
            send(writer, channel, (50, 11), bytes([len(name.encode())]) + name.encode() + counts)
        else:
            why = b"NOT_FOUND - no queue"
            send(
                writer, channel, (20, 40), struct.pack("!H", 404) + bytes([len(why)]) + why + struct.pack("!HH", 50, 10)
            )


def text(data: bytes) -> bytes:
    """A long string."""
    return struct.pack("!I", len(data)) + data


def send(writer: asyncio.StreamWriter, channel: int, method: tuple[int, int], body: bytes) -> None:
    """One method frame."""
    payload = struct.pack("!HH", *method) + body
    writer.write(struct.pack("!BHI", 1, channel, len(payload)) + payload + END)


def refuse(writer: asyncio.StreamWriter, code: int, why: bytes) -> None:
    """Close the connection, with the reason."""
    send(writer, 0, (10, 50), struct.pack("!H", code) + bytes([len(why)]) + why + struct.pack("!HH", 0, 0))
