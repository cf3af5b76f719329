"""Where messages may go by what a name resolves to, whatever it says a moment later."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bongsu.model.errors import ChannelError
from bongsu.notify.http import Http


class Resolver:
    """Says something else each time it is asked, the last for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The next answer."""
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok" if b"host: hook.example" in head.lower() else b"")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1%eth0", "::ffff:169.254.169.254", "fd00:ec2::254"])
async def test_a_name_that_leads_inside_is_not_asked(address: str) -> None:
    """A webhook whose name resolves to a metadata service or a link-local address is refused, and said why."""
    http = Http(resolve=Resolver([address]))
    with pytest.raises(ChannelError, match="isn't asked: it leads to") as refused:
        await http.post("http://hook.example.kr/x", {}, service="webhook")
    assert refused.value.kind == "auth"
    await http.close()


async def test_what_was_looked_at_is_connected_to() -> None:
    """A name that says something harmless first and a metadata service next is asked once; inner ones among others
    are passed over.
    """
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        for first in (["127.0.0.1"], ["169.254.169.254", "127.0.0.1"]):
            resolver = Resolver(first, ["169.254.169.254"])
            http = Http(resolve=resolver)
            answer = await http.post(f"http://hook.example.kr:{port}/x", {}, service="webhook")
            assert (answer.status, resolver.asked) == (200, 1)
            await http.close()


async def test_an_unknown_name_is_told() -> None:
    """It is temporary, as it always was."""

    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError(-2, "Name or service not known")

    http = Http(resolve=unknown)
    with pytest.raises(ChannelError, match="can't be reached: Name or service not known") as failed:
        await http.post("http://hook.example.kr/x", {}, service="webhook")
    assert failed.value.kind == "temporary"
    await http.close()
