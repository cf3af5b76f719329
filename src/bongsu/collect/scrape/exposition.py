"""Prometheus' text format 0.0.4 and OpenMetrics 1.0, read line by line. Pure; it knows nothing of our names.

What a line says of its series stays one text (`http_requests_total{code="200"}`): it is the same again at every
scrape, so that whoever reads on looks it up instead of taking it apart. Sources: Prometheus, "Exposition formats";
OpenMetrics 1.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

Pairs = tuple[tuple[str, str], ...]
"""Label pairs in the order in which they stand."""

_KINDS = frozenset(
    (
        *("counter", "gauge", "histogram", "summary", "untyped"),
        *("unknown", "info", "stateset", "gaugehistogram"),
    )
)
_LABELLED = re.compile(r'[^\s{}"#]*[ \t]*\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}')
_LABEL = re.compile(
    r'[ \t]*(?:([a-zA-Z_][a-zA-Z0-9_]*)|"((?:[^"\\]|\\.)*)")[ \t]*'
    r'(?:=[ \t]*"((?:[^"\\]|\\.)*)")?[ \t]*(?:,|$)'
)
_ESCAPED = re.compile(r"\\(.)")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|[iI]nf(?:inity)?|[nN]a[nN])", re.ASCII)
_SHOWN = 60
_EOF = "# EOF"


class ExpositionError(ValueError):
    """The text isn't an exposition; says in which line and why."""


@dataclass(frozen=True, slots=True)
class Family:
    """What a target tells of a metric: `kind` is Prometheus' word for it (`untyped` where it says nothing)."""

    kind: str = "untyped"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Exposition:
    """One scrape: families by name, and each series as it is written with its value, in order.

    Values may be NaN or infinite. Times and exemplars are left out: a reading of ours is as old as its fetching.
    """

    families: Mapping[str, Family]
    series: list[tuple[str, float]]


def parse(text: str, *, openmetrics: bool = False) -> Exposition:
    """Read a scrape.

    Raises:
        ExpositionError: a line can't be read, or an OpenMetrics text ends before its `# EOF`.
    """
    kinds: dict[str, str] = {}
    helps: dict[str, str] = {}
    series: list[tuple[str, float]] = []
    ended = False
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip(" \t\r")
        if not stripped:
            continue
        if stripped[0] == "#":
            ended = ended or (openmetrics and stripped == _EOF)
            _describe(stripped, kinds, helps)
            continue
        try:
            series.append(_sample(stripped))
        except ExpositionError as error:
            raise ExpositionError(f"line {number}: {error}") from None
    if openmetrics and not ended:
        raise ExpositionError(f"the text ends without {_EOF}: it was cut off")
    names = kinds.keys() | helps.keys()
    families = {name: Family(kinds.get(name, "untyped"), helps.get(name, "")) for name in names}
    return Exposition(families, series)


def series_of(text: str) -> tuple[str, Pairs]:
    """Name and labels of a series as `parse` gives it.

    Raises:
        ExpositionError: its labels can't be read, or it has no name.
    """
    head, brace, rest = text.partition("{")
    name = head.rstrip(" \t")
    if not brace:
        return name, ()
    pairs: list[tuple[str, str]] = []
    body, place = rest[:-1].rstrip(" \t"), 0
    while place < len(body):
        found = _LABEL.match(body, place)
        if found is None:
            raise ExpositionError(f"its labels can't be read: {_shown(text)}")
        plain, quoted, value = found.groups()
        if value is not None:
            pairs.append((plain if quoted is None else _unescaped(quoted), _unescaped(value)))
        elif quoted is not None and not name:
            name = _unescaped(quoted)  # {"a name of any letters", label="…"}: Prometheus 3
        else:
            raise ExpositionError(f"a label without a value: {_shown(text)}")
        place = found.end()
    if not name:
        raise ExpositionError(f"no name: {_shown(text)}")
    return name, tuple(pairs)


def _sample(line: str) -> tuple[str, float]:
    if "{" in line:
        found = _LABELLED.match(line)
        if found is None:
            raise ExpositionError(f"its labels don't end: {_shown(line)}")
        series, parts = found[0], line[found.end() :].split()
    else:
        series, *parts = line.split()
    if not parts:
        raise ExpositionError(f"no value: {_shown(line)}")
    if len(parts) > 2 and parts[1] != "#" and parts[2] != "#":
        raise ExpositionError(f"more than a value and a time: {_shown(line)}")
    return series, _number(parts[0])


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):  # float() alone would take 1_000 and other alphabets' digits
        raise ExpositionError(f"{_shown(text)} is no number")
    return float(text)


def _describe(line: str, kinds: dict[str, str], helps: dict[str, str]) -> None:
    """A comment that tells a metric's kind or sentence; any other is passed over, as the formats want it."""
    parts = line.split(None, 3)
    if len(parts) < 3 or parts[0] != "#":
        return
    name = parts[2]
    if parts[1] == "TYPE" and len(parts) == 4 and parts[3].lower() in _KINDS:
        kinds[name] = parts[3].lower()
    elif parts[1] == "HELP" and len(parts) == 4:
        helps[name] = _unescaped(parts[3])


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
