"""One client's connection: WebSocket on asyncio, with `websockets` for the protocol and nothing in between."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection
from typing import TYPE_CHECKING, Final, cast

import msgspec
from websockets.datastructures import MultipleValuesError
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import Protocol, Side, State
from websockets.server import ServerProtocol
from websockets.typing import BytesLike

from bongsu.live.command import Allowance, BadCommand, decode
from bongsu.live.door import Handshake, Pass, Refused
from bongsu.live.frame import text
from bongsu.live.topics import EVERY, mask_of
from bongsu.live.watcher import Watcher

if TYPE_CHECKING:
    from bongsu.live.gateway import Gateway

_DEFLATE: Final = ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)
_SHARED_WINDOW_BITS: Final = 15
_WRITE_BUFFER: Final = 64 * 1024
_MOST_OWED: Final = 64 * 1024  # bytes of answers waiting for a client that sends without reading
_HANDSHAKE_SIZE: Final = 16 * 1024
_COMMAND_SIZE: Final = 4096
_NOTSENT_LOWAT: Final = 16 * 1024  # the kernel would queue megabytes of old frames for a slow client
_FAULTS: Final = 8
_TCP_NOTSENT_LOWAT: Final = cast("int | None", getattr(socket, "TCP_NOTSENT_LOWAT", None))


class Connection(asyncio.Protocol):
    """From handshake to close. The hub writes through `paused` and `write`."""

    __slots__ = (
        "_allowance",
        "_faults",
        "_fragments",
        "_gateway",
        "_head",
        "_owed",
        "_pass",
        "_paths",
        "_transport",
        "_watcher",
        "_ws",
        "deadline",
        "heard",
        "paused",
        "peer",
        "silent",
    )

    def __init__(self, gateway: Gateway, *, paths: Collection[str]) -> None:
        self._gateway = gateway
        self._paths = paths
        self._head: bytearray | None = bytearray()
        self._ws: Protocol | None = None
        self._transport: asyncio.Transport | None = None
        self._watcher: Watcher | None = None
        self._allowance: Allowance | None = None
        self._fragments: bytearray | None = None
        self._owed = 0
        self._pass: Pass | None = None
        self._faults = 0
        self.paused = False
        self.peer = ""
        self.heard = True
        """Whether anything came from the client since this was last set to False."""
        self.silent = 0
        """How many sweeps in a row found that nothing was heard."""
        self.deadline = 0.0
        """When the gateway aborts this connection, should it still be opening or closing."""

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A socket was accepted, or uvicorn hands one over."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(_WRITE_BUFFER, 0)
        peer = transport.get_extra_info("peername")
        self.peer = str(peer[0]) if isinstance(peer, tuple) else ""
        self._gateway.opening(self)

    def data_received(self, data: bytes) -> None:
        """Bytes of the handshake, or of frames."""
        self.heard = True
        if self._head is not None:
            data = self._read_head(self._head, data)
        if self._ws is not None and data:
            self._ws.receive_data(data)
            for event in self._ws.events_received():
                if isinstance(event, Frame):
                    self._on_frame(event)
            self._flush(self._ws)

    def eof_received(self) -> bool:
        """The client will send no more: nothing is left to say to it, and the transport closes."""
        if self._ws is not None:
            self._ws.receive_eof()
            self._flush(self._ws)
        return False

    def connection_lost(self, _exc: Exception | None) -> None:
        """The socket is gone."""
        self._transport = None
        self._leave()
        self._gateway.gone(self)

    def pause_writing(self) -> None:
        """The write buffer is full."""
        self.paused = True

    def resume_writing(self) -> None:
        """The write buffer is empty: send what waited, or the latest."""
        self.paused = False
        self._owed = 0
        if self._watcher is not None:
            self._watcher.drain()

    # The hub and the gateway call these

    def write(self, data: bytes) -> None:
        """Send bytes that are whole frames."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def begin(self) -> None:
        """Give a client that has said nothing the default subscription."""
        if self._watcher is not None:
            self._gateway.hub.join(self._watcher, mask=self._permitted())

    def ended(self) -> bool:
        """Whether the pass it was let in with doesn't hold any more."""
        return self._pass is not None and self._pass.ended()

    def ping(self) -> None:
        """Ask the peer's WebSocket for a sign of life."""
        if self._ws is not None and self._ws.state is State.OPEN and not self.paused:
            self._ws.send_ping(b"")
            self._flush(self._ws)

    def close(self, code: int, reason: str = "") -> None:
        """Begin the closing handshake; the gateway aborts what takes too long."""
        self._leave()
        if self._ws is None:
            self.abort()
        elif self._ws.state is State.OPEN:
            self._ws.send_close(code, reason)
            self._flush(self._ws)

    def abort(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    # The handshake

    def _read_head(self, head: bytearray, data: bytes) -> bytes:
        """Gather the request up to its empty line and answer it; returns what came after it."""
        searched = max(0, len(head) - 3)
        head += data
        end = head.find(b"\r\n\r\n", searched)
        if max(end, len(head) if end < 0 else 0) > _HANDSHAKE_SIZE:
            self._gateway.count_refused("handshake")
            self.abort()
        elif end >= 0:
            self._head = None
            self._answer(bytes(head[: end + 4]))
            return bytes(head[end + 4 :])
        return b""

    def _answer(self, head: bytes) -> None:
        handshake = ServerProtocol(extensions=(_DEFLATE,), logger=self._gateway.protocol_log)
        handshake.receive_data(head)
        for request in handshake.events_received():
            if isinstance(request, Request):
                handshake.send_response(self._response(handshake, request))
        if handshake.state is State.OPEN:
            self._open(handshake)
        else:
            if handshake.handshake_exc is not None:
                self._gateway.count_refused("handshake")
            self._flush(handshake)

    def _response(self, handshake: ServerProtocol, request: Request) -> Response:
        refused = self._refusal(request)
        if refused is None:
            return handshake.accept(request)
        self._gateway.count_refused(refused.reason)
        response = handshake.reject(refused.status, refused.detail + "\n")
        if refused.retry_after is not None:
            response.headers["Retry-After"] = str(refused.retry_after)
        return response

    def _refusal(self, request: Request) -> Refused | None:
        path, _, query = request.path.partition("?")
        if path not in self._paths:
            return Refused(status=404, reason="path", detail=f"live frames are at {sorted(self._paths)[-1]}")
        try:
            headers = {name.lower(): request.headers[name] for name in request.headers}
        except MultipleValuesError as error:
            return Refused(status=400, reason="handshake", detail=f"the header {error} is there more than once")
        admitted = self._gateway.admit(Handshake(path=path, query=query, headers=headers, peer=self.peer))
        if isinstance(admitted, Refused):
            return admitted
        self._pass = admitted
        return None

    def _permitted(self) -> int:
        return EVERY if self._pass is None else mask_of(self._pass.topics)

    def _open(self, handshake: ServerProtocol) -> None:
        """Go on with a protocol that doesn't keep the request: its headers weigh more than all the rest."""
        transport = self._transport
        if transport is None:
            return
        ws = self._ws = Protocol(Side.SERVER, max_size=_COMMAND_SIZE, logger=self._gateway.protocol_log)
        ws.extensions = handshake.extensions
        deflate = any(
            isinstance(one, PerMessageDeflate) and one.local_max_window_bits == _SHARED_WINDOW_BITS
            for one in ws.extensions
        )
        raw = transport.get_extra_info("socket")
        if raw is not None and _TCP_NOTSENT_LOWAT is not None:
            raw.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, _NOTSENT_LOWAT)
        self._watcher = self._gateway.hub.watcher(self, deflate=deflate)
        transport.write(b"".join(handshake.data_to_send()) + self._gateway.hub.greet())
        self._gateway.opened(self)

    # Commands

    def _on_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            self._leave()
        elif self._watcher is None:
            return
        elif frame.opcode is Opcode.TEXT or frame.opcode is Opcode.CONT:
            self._on_text(frame.data, last=frame.fin)
        elif frame.opcode is Opcode.BINARY:
            self._gateway.count_closed("binary")
            self.close(CloseCode.UNSUPPORTED_DATA, "commands are JSON text")

    def _on_text(self, data: BytesLike, *, last: bool) -> None:
        if self._fragments is not None or not last:
            self._fragments = (self._fragments or bytearray()) + data
            data = self._fragments
        if last:
            self._fragments = None
            self._command(bytes(data))

    def _command(self, data: bytes) -> None:
        gateway = self._gateway
        if self._allowance is None:
            self._allowance = gateway.allowance()
        if not self._allowance.take(gateway.now()):
            self._fault("too-many", "too many commands; wait a second")
            return
        try:
            command = decode(data)
        except BadCommand as error:
            self._fault("bad-command", str(error))
            return
        asked = EVERY if command.topics is None else mask_of(command.topics)
        if command.topics is not None and asked & ~self._permitted():
            self._fault("forbidden", "one of these topics isn't permitted to you")
            return
        if self._watcher is not None:
            gateway.subscribed(self)
            gateway.hub.join(
                self._watcher,
                mask=asked & self._permitted(),
                interval_ms=command.interval_ms,
                resume=None if command.resume is None else (command.resume.boot, command.resume.seq),
            )

    def _fault(self, code: str, detail: str) -> None:
        """Tell the client what was wrong; who keeps on is shown the door."""
        self._gateway.count_fault(code)
        self._faults += 1
        body = msgspec.json.encode({"t": "error", "code": code, "detail": detail[:200]})
        self.write(text(body))
        if self._faults >= _FAULTS:
            self._gateway.count_closed("faults")
            self.close(CloseCode.POLICY_VIOLATION, "too many faulty commands")

    # Output

    def _flush(self, ws: Protocol) -> None:
        """Write what the protocol has to say, and close the socket when it says so."""
        transport = self._transport
        if transport is None:
            return
        for data in ws.data_to_send():
            if not data:
                transport.close()
                continue
            self.write(data)
            if self.paused:
                self._owed += len(data)
        if ws.state is not State.OPEN:
            self._leave()
            self._gateway.closing(self)
        elif self._owed > _MOST_OWED:
            self._gateway.count_closed("flood")
            self.abort()

    def _leave(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            self._gateway.hub.leave(watcher)
