"""Times of the week as people write them: `weekday 09:00-18:00 Asia/Seoul`, `mon,thu`, `not holiday`.

spec   = clause *(";" clause)            open while any clause holds; no text at all: always
clause = *(days | times | ["not"] "holiday" | zone)   all parts of a clause must hold
days   = day *("," day) | "weekday" | "weekend" | "daily"; a day is mon or a range mon-fri
times  = HH:MM-HH:MM *("," HH:MM-HH:MM)  24:00 may end one; past midnight it belongs to the day it began on
zone   = an IANA name; one for the whole spec, Asia/Seoul without
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bongsu.calendars.holidays import korean_holidays

ZONE = "Asia/Seoul"
DAY = 1_440
"""Minutes."""

_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SETS = {"weekday": range(5), "weekend": range(5, 7), "daily": range(7)}
_KOREAN = {
    **dict(zip("월화수목금토일", _NAMES, strict=True)),
    "평일": "weekday",
    "주말": "weekend",
    "매일": "daily",
    "공휴일": "holiday",
}
_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)", re.ASCII)
_HOLIDAY_WORDS = {"holiday", "holidays"}
_EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Days and minutes of the day that hold together."""

    days: frozenset[int] = _EVERY_DAY
    """Days of the week, Monday being 0."""
    minutes: tuple[tuple[int, int], ...] = ((0, DAY),)
    """From and to in minutes since local midnight; `to` lies past 1,440 where the range crosses midnight."""
    holiday: bool | None = None
    """Whether the day must be a holiday, or must be none; None: either."""

    def begins(self, day: date, holidays: Collection[date]) -> bool:
        """Whether the ranges of this clause begin on that day."""
        return day.weekday() in self.days and (self.holiday is None or self.holiday == (day in holidays))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A weekly pattern in one time zone. `parse` makes one from text."""

    text: str
    clauses: tuple[Clause, ...]
    zone: ZoneInfo
    holidays: Collection[date] = field(repr=False)

    def contains(self, at_ms: int) -> bool:
        """Whether the pattern holds at that instant (UTC ms); a range holds from its start up to, not at, its end."""
        local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        today = local.date()
        return self._holds(today, minute) or self._holds(today - timedelta(days=1), minute + DAY)

    def _holds(self, day: date, minute: int) -> bool:
        return any(start <= minute < end for start, end in self.ranges(day))

    def ranges(self, day: date) -> Iterator[tuple[int, int]]:
        """The ranges that begin on that local day, in minutes since its midnight; they may touch or overlap."""
        for clause in self.clauses:
            if clause.begins(day, self.holidays):
                yield from clause.minutes

    def __str__(self) -> str:
        return self.text


def parse(text: str, *, zone: str = ZONE, holidays: Collection[date] | None = None) -> Weekly:
    """Read a pattern. `zone` holds where the text names none; `holidays` are the Korean ones if not given.

    Raises:
        ValueError: says which word is wrong, where it stands, and what may stand there.
    """
    named: set[str] = set()
    clauses = []
    begin = 0
    for part in text.split(";"):
        if part.strip() or ";" in text:
            clauses.append(_clause(text, begin, part, named))
        begin += len(part) + 1
    if len(named) > 1:
        raise ValueError(f"{text!r} names several time zones ({', '.join(sorted(named))}): one holds for all of it")
    return Weekly(
        text=text.strip(),
        clauses=tuple(clauses) or (Clause(),),
        zone=ZoneInfo(next(iter(named), zone)),
        holidays=korean_holidays() if holidays is None else holidays,
    )


class _Parts:
    """What a clause says so far; a part said twice is refused."""

    def __init__(self) -> None:
        self.days: frozenset[int] | None = None
        self.minutes: tuple[tuple[int, int], ...] | None = None
        self.holiday: bool | None = None

    def put_days(self, days: frozenset[int]) -> None:
        if self.days is not None:
            raise ValueError("stands beside other days: join them with a comma (mon,thu), or part clauses with ;")
        self.days = days

    def put_minutes(self, minutes: tuple[tuple[int, int], ...]) -> None:
        if self.minutes is not None:
            raise ValueError("stands beside other times: join them with a comma (09:00-12:00,13:00-18:00)")
        self.minutes = minutes

    def put_holiday(self, holiday: bool) -> None:
        if self.holiday is not None:
            raise ValueError("is said twice")
        self.holiday = holiday


def _clause(text: str, begin: int, part: str, zones: set[str]) -> Clause:
    found = _Parts()
    negated = False
    words = list(re.finditer(r"[^\s,]+(?:\s*,\s*[^\s,]+)*", part))
    for match in words:
        word = re.sub(r"\s", "", match[0])
        if word.lower() == "not" and not negated:
            negated = True
            continue
        try:
            _word(word, found, zones, negated=negated)
        except ValueError as error:
            raise ValueError(f"{word!r} at {begin + match.start() + 1} of {text!r} {error}") from None
        negated = False
    if negated or not words or "," in _rest(part, words):
        raise ValueError(f"{part.strip()!r} at {begin + 1} of {text!r} is not complete: {_MAY_BE}")
    return Clause(days=found.days or _EVERY_DAY, minutes=found.minutes or ((0, DAY),), holiday=found.holiday)


def _rest(part: str, words: list[re.Match[str]]) -> str:
    """What stands between the words."""
    ends = [0, *(match.end() for match in words)]
    starts = [*(match.start() for match in words), len(part)]
    return "".join(part[end:start] for end, start in zip(ends, starts, strict=True))


_MAY_BE = "write days (weekday, weekend, mon,thu, mon-fri), times (09:00-18:00), holiday, not holiday, a time zone"


def _word(word: str, found: _Parts, zones: set[str], *, negated: bool) -> None:
    plain = _KOREAN.get(word, word.lower())
    if plain in _HOLIDAY_WORDS:
        found.put_holiday(not negated)
    elif negated:
        raise ValueError("can't follow not: only holiday can")
    elif plain[0].isdigit():
        found.put_minutes(tuple(_minutes(one) for one in plain.split(",")))
    elif "/" in word or plain in {"utc", "gmt"}:
        zones.add(_zone(word))
    else:
        found.put_days(frozenset(day for one in plain.split(",") for day in _days(one)))


def _days(word: str) -> Iterator[int]:
    word = _KOREAN.get(word, word)
    if word in _SETS:
        yield from _SETS[word]
        return
    first, _, last = word.partition("-")
    start, end = _day(first), _day(last or first)
    yield from (day % 7 for day in range(start, end + 1 if end >= start else end + 8))


def _day(word: str) -> int:
    name = _KOREAN.get(word, word)
    position = next((i for i, short in enumerate(_NAMES) if name in (short, *_FULL[short])), None)
    if position is None:
        raise ValueError(f"is not understood: {_MAY_BE}")
    return position


_FULL = {
    "mon": ("monday",),
    "tue": ("tues", "tuesday"),
    "wed": ("wednesday",),
    "thu": ("thur", "thurs", "thursday"),
    "fri": ("friday",),
    "sat": ("saturday",),
    "sun": ("sunday",),
}


def _minutes(word: str) -> tuple[int, int]:
    match = _TIME.fullmatch(word)
    start, end = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (DAY, 0)
    if match is None or start >= DAY or end > DAY:
        raise ValueError("is no range of times: write 09:00-18:00, at most to 24:00")
    if start == end:
        raise ValueError("is empty: for the whole day write 00:00-24:00")
    return start, end if end > start else end + DAY


def _zone(name: str) -> str:
    known: Callable[[str], ZoneInfo] = ZoneInfo
    try:
        return known("UTC" if name.upper() in {"UTC", "GMT"} else name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is no time zone: write one such as Asia/Seoul") from None
