"""A metric: its name, kind, unit, topic and the sentence that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["gauge", "counter"]
Topic: TypeAlias = Literal["system", "shop", "checks", "feeds", "services", "alerts", "custom"]
TOPICS: tuple[Topic, ...] = ("system", "shop", "checks", "feeds", "services", "alerts", "custom")

_TOPIC_PREFIXES: tuple[tuple[str, Topic], ...] = (
    ("shop_", "shop"),
    ("feed_", "feeds"),
    ("service_", "services"),
    ("marketplace_", "checks"),
    ("check_", "checks"),
    ("connection_", "checks"),
    ("alert_", "alerts"),
    ("bongsu_", "system"),
)
_UNIT_SUFFIXES: tuple[tuple[str, str], ...] = (
    ("_bytes_per_second", "B/s"),
    ("_per_second", "1/s"),
    ("_bytes", "B"),
    ("_bytes_total", "B"),
    ("_seconds", "s"),
    ("_ms", "ms"),
    ("_percent", "%"),
    ("_ratio", ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One entry of the catalogue.

    `unit` is what a screen shows behind the figure (`%`, `B`, `B/s`, `s`, `ms`, `1/s`, or empty for a count);
    `ko` and `en` are one sentence each; `title_ko` and `title_en` are the few words a tile or
    an axis carries.
    """

    name: str
    kind: Kind = "gauge"
    unit: str = ""
    topic: Topic = "custom"
    title_ko: str = ""
    title_en: str = ""
    ko: str = ""
    en: str = ""
    labels: tuple[str, ...] = ()


def undeclared(name: str) -> Metric:
    """What can be told of a metric nobody declared: kind, unit and topic from its name alone."""
    kind: Kind = "counter" if name.endswith("_total") else "gauge"
    unit = next((unit for suffix, unit in _UNIT_SUFFIXES if name.endswith(suffix)), "")
    topic: Topic = next((topic for prefix, topic in _TOPIC_PREFIXES if name.startswith(prefix)), "custom")
    return Metric(name=name, kind=kind, unit=unit, topic=topic, title_ko=name, title_en=name)
