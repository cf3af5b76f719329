"""Requests answered within the call that read them: no task, no application in between.

Only what needs no waiting goes this way, and only its success: whatever else a request may lead to is left to the door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from bongsu.http.errors import WrongHost
from bongsu.server.endpoint import SMALL, accepts_gzip
from bongsu.server.gate import Gate
from bongsu.server.hosts import Hosts, Origins
from bongsu.server.points_text import Text


class Answering(Protocol):
    """From a query string to the JSON of the answer, in pieces; None where that takes longer."""

    def at_once(self, text: bytes) -> list[Text] | None:
        """Of a query string that was found in a request."""
        ...

    def usual_at_once(self, text: bytes) -> list[Text] | None:
        """Of what may be one; None too where it isn't plain: printable ASCII, no `#`."""
        ...


Lines = Sequence[tuple[bytes, bytes]]

_OTHERWISE = frozenset((b"origin", b"content-length", b"transfer-encoding", b"expect", b"upgrade"))
"""Headers that ask for more than this way can do."""


class AtOnce:
    """The paths that are answered so."""

    def __init__(
        self,
        answers: Mapping[bytes, Answering],
        *,
        hosts: Hosts,
        origins: Origins,
        headers: Iterable[tuple[bytes, bytes]],
        gate: Gate | None = None,
    ) -> None:
        """`headers` are those of every answer; what is answered so asks of the `gate` no more than to read."""
        self._gate = gate
        self._answers = answers
        self._hosts = hosts
        lines = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
        self._head = _lines((*lines, *origins.grant(None), *headers))
        self._head_of_long = self._head + b"vary: accept-encoding\r\n"

    def answer(self, url: bytes, headers: Lines) -> list[Text] | None:
        """What follows status line and date of the answer to a GET, in pieces; None where the door must see to it."""
        path, _, query = url.partition(b"?")
        answering = self._answers.get(path)
        if answering is None:
            return None
        host = None
        for name, value in headers:
            if name == b"host":
                host = value
            elif name in _OTHERWISE:
                return None
        if accepts_gzip(headers):
            return None
        try:
            self._hosts.check(host)
        except WrongHost:
            return None  # the door tells it
        return self._answer(answering.at_once, query, headers)

    def answer_again(self, path: bytes, query: bytes, headers: Lines) -> list[Text] | None:
        """The same where a request of just these headers was answered so before, to this path: only who asks is seen to
        anew. None too where the query string isn't plain: nobody has looked at it yet.
        """
        return self._answer(self._answers[path].usual_at_once, query, headers)

    def _answer(self, ask: Callable[[bytes], list[Text] | None], query: bytes, headers: Lines) -> list[Text] | None:
        if self._gate is not None and self._gate.visitors.closed and not self._gate.may_read(headers):
            return None
        try:
            body = ask(query)
        except Exception:  # noqa: BLE001 (the door meets it again, tells and logs it)
            return None
        if body is None:
            return None
        length = sum(map(len, body))
        head = self._head_of_long if length > SMALL else self._head
        return [b"%bcontent-length: %d\r\n\r\n" % (head, length), *body]


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)
