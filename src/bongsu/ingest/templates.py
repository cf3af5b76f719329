"""Rows by their template: who sends the same series in the same order again changes nothing but values and times.

Once an order was seen twice, the text of each row up to its value is remembered. A body that has it, byte for byte, is
those rows again: what is left are numbers, which simdjson reads at once. Everything else is read as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bongsu.ingest.number_array import plain_numbers
from bongsu.ingest.trails import Trails
from bongsu.model.sample import Float64s, Int32s, Int64s

TEMPLATES = 16
"""Orders remembered at once."""

SIZE = 8 << 20
"""Bytes of text remembered in all."""

_DIGITS = 13
_EARLIEST, _LATEST = 10 ** (_DIGITS - 1), 10**_DIGITS - 1
"""Times of so many digits: from 2001 to 2286."""

PATIENCE = 3
"""Bodies in a row that may differ from a template before it is looked at only now and then."""

_NOW_AND_THEN = 64
_COMMA, _EXPONENTS = ord(","), (ord("e"), ord("E"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How somebody writes JSON: what stands between two rows, before a value, and between it and its time."""

    between: bytes
    value: bytes
    at: bytes


STYLES = (
    Style(between=b"},{", value=b'"value":', at=b',"at":'),
    Style(between=b"}, {", value=b'"value": ', at=b', "at": '),
)


@dataclass(slots=True, kw_only=True)
class Template:
    """One order: the rows' texts up to their values, and their series."""

    style: Style
    heads: list[bytes]
    series: Int32s
    size: int = 0
    misses: int = 0
    """Bodies in a row that differed."""

    @property
    def worth(self) -> bool:
        """Whether comparing the next body with it is worth while."""
        return self.misses <= PATIENCE or self.misses % _NOW_AND_THEN == 0

    def cut(self, begin: int) -> None:
        """Forget the rows from `begin` on. What was given out of it before stays as it is."""
        self.size -= _size_of(self.heads[begin:])
        del self.heads[begin:]
        self.series = self.series[:begin]

    def go_on(self, heads: list[bytes], series: Int32s) -> None:
        """Remember further rows."""
        self.heads += heads
        self.series = np.concatenate((self.series, series))
        self.size += _size_of(heads)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Columns in step."""

    series: Int32s
    at: Int64s
    value: Float64s


class Templates:
    """The templates of several senders, told apart by a body's first row; bounded."""

    def __init__(self, trails: Trails) -> None:
        self._trails = trails
        self._known: dict[bytes, Template] = {}
        self._epoch = trails.epoch

    def passage(self) -> Passage:
        """For one body."""
        return Passage(self)

    def find(self, head: bytes) -> Template | None:
        """The template of bodies whose first row begins like this."""
        self._trails.refresh()
        if self._epoch != self._trails.epoch:  # the ids in them may be no longer right
            self._epoch = self._trails.epoch
            self._known.clear()
        return self._known.get(head)

    def begin(self, head: bytes) -> Template:
        """A new one, still without rows."""
        while len(self._known) >= TEMPLATES or (self._known and self.room < 0):
            del self._known[next(iter(self._known))]
        style = next(style for style in STYLES if head.endswith(style.value))
        made = self._known[head] = Template(style=style, heads=[], series=np.empty(0, np.int32))
        return made

    @property
    def room(self) -> int:
        """Bytes that may still be remembered."""
        return SIZE - sum(one.size for one in self._known.values())


class Passage:
    """One body on its way along a template, run by run."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        self._template: Template | None = None
        self._head = b""
        self._tried = True
        self._missed = False

    def read(self, text: bytes, begin: int) -> Found | None:
        """The rows of this run (a JSON array, from the body's row `begin` on) if they are those of the template.

        None: read them as any others.
        """
        if begin == 0:
            self._head = _head_of(text)
            self._template = self._templates.find(self._head) if self._head else None
            self._tried = self._template is None or self._template.worth
        template = self._template
        if template is None or not self._tried:
            return None
        found = _read(text, template, begin)
        if found is None:
            self._missed = True
            template.cut(begin)
        return found

    def learn(self, text: bytes, begin: int, read: Found) -> None:
        """Remember the rows of this run, which `read` holds as they were read otherwise, for the next body."""
        if not self._head or not self._tried:
            return
        template = self._template
        if template is None and begin == 0:
            template = self._template = self._templates.begin(self._head)
        if template is None or len(template.heads) != begin:
            return
        heads = _heads_of(text, template.style, read)
        if heads is not None and _size_of(heads) <= self._templates.room:
            template.go_on(heads, read.series)

    def end(self) -> None:
        """The body is read: whether its template is worth looking at next time."""
        if self._template is not None:
            self._template.misses = self._template.misses + 1 if self._missed or not self._tried else 0


def _read(text: bytes, template: Template, begin: int) -> Found | None:
    if begin >= len(template.heads):
        return None
    rows = _inside(text).split(template.style.between)
    end = begin + len(rows)
    if end > len(template.heads):
        return None
    numbers = numbers_of(list(map(bytes.removeprefix, rows, template.heads[begin:end])), template.style)
    return None if numbers is None else Found(series=template.series[begin:end], at=numbers[0], value=numbers[1])


def _size_of(heads: Sequence[bytes]) -> int:
    """Bytes that these take in memory, about."""
    return sum(map(len, heads)) + 40 * len(heads)


def _head_of(text: bytes) -> bytes:
    """The first row up to its value; nothing where it is written in a style we don't know."""
    first = _inside(text[: text.find(b"}", text.find(b'"value"')) + 1] + b"]")
    for style in reversed(STYLES):
        place = first.rfind(style.value)
        if place >= 0:
            return first[: place + len(style.value)]
    return b""


def _inside(text: bytes) -> bytes:
    """An array of objects without the brackets around all of it; nothing where it is none."""
    first, last = text.find(b"{"), text.rfind(b"}")
    if text[:first].strip() != b"[" or text[last + 1 :].strip() != b"]":
        return b""
    return text[first + 1 : last]


def _heads_of(text: bytes, style: Style, read: Found) -> list[bytes] | None:
    """The rows' texts up to their values, where with these the text gives the very columns that were read."""
    rows = _inside(text).split(style.between)
    heads = [row[: row.rfind(style.value) + len(style.value)] for row in rows]
    numbers = numbers_of([row[len(head) :] for row, head in zip(rows, heads, strict=True)], style)
    if numbers is None or not np.array_equal(numbers[0], read.at) or not np.array_equal(numbers[1], read.value):
        return None
    return heads


def numbers_of(rests: Sequence[bytes], style: Style) -> tuple[Int64s, Float64s] | None:
    """Times and values out of what is left of rows; None unless each is a value and a time, and nothing else.

    A rest is `12.34,"at":1700000000000`. One after the other, without the letters of `"at":`, they are an array of
    numbers. So many commas and letters, where they must be, leave no room for anything but two numbers a row; a time of
    13 characters without an exponent and between 10^12 and 10^13, is 13 digits.
    """
    count, text = len(rests), b",".join(rests)
    bare = text.translate(None, b'"at: ')
    if len(text) - len(bare) != count * (len(style.at) - 1):
        return None
    signs = np.frombuffer(text, np.uint8)
    commas = np.flatnonzero(signs == _COMMA)
    if len(commas) != 2 * count - 1:
        return None
    ends = commas[0::2]
    widths = np.append(commas[1::2], len(text)) - ends
    if not bool((widths == len(style.at) + _DIGITS).all()) or not _stands_at(text, ends, style.at):
        return None
    if not _exponents_in_values(signs, bare, ends, len(style.at) + _DIGITS):
        return None
    numbers = plain_numbers(b"".join((b"[", bare, b"]")), np.float64)
    if numbers is None or len(numbers) != 2 * count:
        return None
    value, at = np.ascontiguousarray(numbers[0::2]), numbers[1::2]
    if at.min() < _EARLIEST or at.max() > _LATEST:
        return None
    return at.astype(np.int64), value


def _exponents_in_values(signs: NDArray[np.uint8], bare: bytes, ends: Int64s, width: int) -> bool:
    """Whether no exponent stands in the `width` bytes behind a value's end."""
    if b"e" not in bare and b"E" not in bare:
        return True
    places = np.flatnonzero(np.isin(signs, _EXPONENTS))
    before = np.searchsorted(ends, places) - 1
    return bool(((before < 0) | (places - ends[before] >= width)).all())


def _stands_at(text: bytes, places: Int64s, token: bytes) -> bool:
    """Whether the token (four to eight bytes) stands at each of the places, which have its length behind them."""
    four = np.ndarray(len(text) - 3, "<u4", text, strides=(1,))
    for offset in (0, len(token) - 4):
        wanted = int.from_bytes(token[offset : offset + 4], "little")
        if not bool((four[places + offset] == wanted).all()):
            return False
    return True
