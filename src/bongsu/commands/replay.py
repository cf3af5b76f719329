"""`bongsu replay FILE --feed F --speed 10x`: plays a recorded feed into a running server with its original spacing."""

from __future__ import annotations

import asyncio
import csv
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bongsu.client import AsyncClient, Event
from bongsu.clock import SystemClock
from bongsu.commands.config import read
from bongsu.commands.server import RunningServer, Where
from bongsu.commands.words import Words
from bongsu.model.errors import BongsuError
from bongsu.ports import Clock

TIMES = ("at", "time", "timestamp", "datetime", "event_time")
SYMBOLS = ("symbol", "code", "ticker", "종목", "종목코드")
_SECONDS = 100_000_000_000
"""Numbers below are seconds, those above milliseconds."""

_TOGETHER = 0.1
"""Seconds of events that are sent in one body."""

Send = Callable[[Iterable[Event]], Awaitable[object]]


class UnreadableLine(Exception):
    """A line of the file is no event; the text names the line and what is wrong."""


def run(words: Words, file: Path, *, feed: str, speed: str, where: Where) -> int:
    """Play the file; 1 where it can't be read or isn't taken."""
    try:
        factor = factor_of(speed)
    except ValueError:
        print(words("replay_speed", speed=speed), file=sys.stderr)
        return 1
    loaded = read(words, where.config)
    if loaded is None:
        return 1
    try:
        count = asyncio.run(_play(file, feed, factor, where.server(loaded.settings)))
    except (OSError, UnicodeDecodeError, UnreadableLine) as error:
        print(words("replay_unreadable", file=file, reason=error), file=sys.stderr)
        return 1
    except BongsuError as error:
        print(words("replay_refused", reason="; ".join(filter(None, (error.detail, error.hint)))), file=sys.stderr)
        return 1
    print(words("replay_done", count=count, feed=feed))
    return 0


def factor_of(speed: str) -> float:
    """The number in `10x`.

    Raises:
        ValueError: there is none above 0.
    """
    factor = float(speed.strip().lower().removesuffix("x"))
    if not 0 < factor <= 1_000_000:
        raise ValueError(speed)
    return factor


async def _play(file: Path, feed: str, factor: float, server: RunningServer) -> int:
    async with AsyncClient(server.url, ca=server.tls) as client:
        return await play(events_of(file, feed), client.send_events, clock=SystemClock(), factor=factor)


async def play(events: Iterable[Event], send: Send, *, clock: Clock, factor: float) -> int:
    """Send events spaced as they were recorded, `factor` times as fast, with present times; how many there were."""
    begun, wall = clock.monotonic(), clock.now()
    first: int | None = None
    waiting: list[Event] = []
    count = 0
    due = 0.0
    for event in events:
        first = event.at if first is None else first
        after = (event.at - first) / 1000.0 / factor
        if waiting and after > due + _TOGETHER:
            count += await _send(waiting, send, clock, begun + due + _TOGETHER)
            waiting = []
        if not waiting:
            due = after
        waiting.append(msgspec.structs.replace(event, at=wall + round(after * 1000)))
    return count + await _send(waiting, send, clock, begun + due + _TOGETHER)


async def _send(events: list[Event], send: Send, clock: Clock, moment: float) -> int:
    await clock.sleep_until(moment)
    if events:
        await send(events)
    return len(events)


def events_of(file: Path, feed: str) -> Iterator[Event]:
    """The events of a CSV or NDJSON file, in its order.

    Raises:
        UnreadableLine: a line is no event.
        OSError, UnicodeDecodeError: the file can't be read.
    """
    with file.open(encoding="utf-8-sig", newline="") as lines:
        head = lines.read(1)
        lines.seek(0)
        rows = _json_rows(lines) if head in ("{", "") else _csv_rows(lines)
        for number, row in rows:
            yield _event(row, feed, number)


def _json_rows(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                row = msgspec.json.decode(line, type=dict[str, object])
            except msgspec.DecodeError as error:
                raise UnreadableLine(f"line {number}: {error}") from None
            fields = row.pop("fields", None)
            yield number, {**row, **(fields if isinstance(fields, dict) else {})}


def _csv_rows(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, object]]]:
    reader = csv.DictReader(lines)
    for row in reader:
        yield (
            reader.line_num,
            {
                name.strip(): text if name.strip().lower() in SYMBOLS else _value(text)
                for name, text in row.items()
                if name
            },
        )


def _value(text: str | list[str] | None) -> object:
    """A cell as a number where it is one."""
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        return text.strip()


def _event(row: dict[str, object], feed: str, number: int) -> Event:
    given = {name.lower(): name for name in row}
    time_name = next((given[name] for name in TIMES if name in given), None)
    symbol_name = next((given[name] for name in SYMBOLS if name in given), None)
    if time_name is None or symbol_name is None:
        raise UnreadableLine(f"line {number}: needs a time ({', '.join(TIMES)}) and a symbol ({', '.join(SYMBOLS)})")
    seq, session = row.get("seq"), row.get("session")
    rest = {name: row[name] for name in row if name not in (time_name, symbol_name, "seq", "session", "feed")}
    return Event(
        feed=feed,
        symbol=str(row[symbol_name]).strip(),
        at=_time(row[time_name], number),
        seq=int(seq) if isinstance(seq, int | float) else None,
        session=session if isinstance(session, str | int) else None,
        fields={name: value for name, value in rest.items() if isinstance(value, int | float | str | bool)},
    )


def _time(value: object, number: int) -> int:
    if isinstance(value, int | float):
        return round(value * 1000) if abs(value) < _SECONDS else round(value)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise UnreadableLine(f"line {number}: {value!r} is no time") from None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
