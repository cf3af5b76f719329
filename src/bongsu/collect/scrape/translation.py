"""From a target's series to ours: names, labels, kinds; histograms become quantiles; what is too much is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bongsu.collect.scrape.exposition import Exposition, ExpositionError, Family, Pairs, series_of
from bongsu.collect.scrape.histogram import SHARES, Bucket, increase, quantiles
from bongsu.model.metric import Kind, Metric, undeclared
from bongsu.model.sample import Labels, Sample

TAKEN_PREFIX = "scraped_"
"""Put before a name that is ours: a target's `cpu_usage` must not be taken for this machine's by a threshold."""

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,199}", re.ASCII)
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]{0,199}", re.ASCII)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONGEST = 200
"""Letters of a label's value: longer ones are cut."""
_MOST_LABELS = 30
_PARTS = {
    "histogram": ("_bucket", "_sum", "_count", "_created"),
    "gaugehistogram": ("_bucket", "_gsum", "_gcount"),
    "summary": ("_sum", "_count", "_created"),
    "counter": ("_total", "_created"),
    "info": ("_info",),
}
_REMEMBERED = 240
"""Scrapes after which a series that is gone is forgotten: an hour at 15 s."""

Role = Literal["value", "bucket", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What of a target is taken, and how: names that begin with one of `keep` (all without), `labels` added to each
    series, at most `limit` series.
    """

    target: str
    keep: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    limit: int = 5_000


@dataclass(slots=True)
class _Known:
    """One series of the target: what becomes of it, and in which scrape it was there last."""

    role: Role
    metric: str = ""
    labels: Labels = ()
    bound: float = math.nan
    seen: int = 0


class Translation:
    """One target's series, remembered from scrape to scrape: each is taken apart once only."""

    def __init__(self, rules: Rules, *, declare: Callable[[Metric], None], taken: Container[str]) -> None:
        """`declare` puts a metric into the catalogue; `taken` are the names that are our own."""
        self._rules = rules
        self._declare = declare
        self._taken = taken
        self._known: dict[str, _Known] = {}
        self._passed: set[str] = set()
        self._declared: set[str] = set()
        self._buckets: dict[tuple[str, Labels], list[Bucket]] = {}
        self._scrapes = 0
        self.refused = 0
        """Series refused so far, over all scrapes."""

    def samples(self, exposition: Exposition) -> list[Sample]:
        """What is taken of a scrape. Values that are no number (NaN, Inf) say nothing and are left out."""
        self._scrapes += 1
        if self._scrapes % _REMEMBERED == 0:
            self._forget()
        found: list[Sample] = []
        buckets: dict[tuple[str, Labels], list[Bucket]] = {}
        keep = self._rules.keep
        for text, value in exposition.series:
            if (keep and not text.startswith(keep)) or text in self._passed:
                continue
            known = self._known.get(text) or self._learn(text, exposition.families)
            if known is None:
                self.refused += 1
                continue
            known.seen = self._scrapes
            if known.role == "value":
                if math.isfinite(value):
                    found.append(Sample(metric=known.metric, labels=known.labels, value=value))
            elif known.role == "bucket" and math.isfinite(value):
                buckets.setdefault((known.metric, known.labels), []).append((known.bound, value))
        found += self._reduced(buckets)
        return found

    def _learn(self, text: str, families: Mapping[str, Family]) -> _Known | None:
        """Take a new series apart; None refuses it, each time it comes."""
        if len(self._known) >= self._rules.limit:
            return None
        try:
            name, pairs = series_of(text)
        except ExpositionError:
            return None
        known = self._make(name, pairs, families)
        if known is not None and known.role == "none":
            self._passed.add(text)
        elif known is not None:
            self._known[text] = known
        return known

    def _make(self, name: str, pairs: Pairs, families: Mapping[str, Family]) -> _Known | None:
        base, suffix, family = _family(name, families)
        if suffix == "_created":
            return _Known("none")
        if suffix == "_bucket":
            bound = _bound(pairs)
            labels = self._labels(tuple(pair for pair in pairs if pair[0] != "le"))
            if family.kind == "gaugehistogram":
                return _Known("none")
            metric = self._name(base)
            if bound is None or labels is None or metric is None:
                return None
            return _Known("bucket", metric, labels, bound)
        metric, labels = self._name(name), self._labels(pairs)
        if metric is None or labels is None:
            return None
        counts = family.kind == "counter" or (family.kind in ("histogram", "summary") and suffix in ("_sum", "_count"))
        self._tell(metric, "counter" if counts else None, family)
        return _Known("value", metric, labels)

    def _name(self, name: str) -> str | None:
        if not _NAME.fullmatch(name):
            return None
        if name in self._taken or name.startswith("bongsu_"):
            name = TAKEN_PREFIX + name
        return name if len(name) <= _LONGEST else None

    def _labels(self, pairs: Pairs) -> Labels | None:
        """Ours win over the target's own, which are kept as `exported_…`, as Prometheus does."""
        ours = {**self._rules.labels, "target": self._rules.target}
        found: dict[str, str] = {}
        for label, value in pairs:
            if not _LABEL.fullmatch(label):
                return None
            if value:
                found[f"exported_{label}" if label in ours else label] = _UNPRINTABLE.sub(" ", value[:_LONGEST])
        return tuple(sorted((found | ours).items())) if len(found) <= _MOST_LABELS else None

    def _tell(self, metric: str, kind: Kind | None, family: Family) -> None:
        """The catalogue learns what the target says of its metric."""
        if metric in self._declared:
            return
        self._declared.add(metric)
        guessed = undeclared(metric)
        text = _UNPRINTABLE.sub(" ", family.text[:_LONGEST])
        self._declare(
            Metric(
                name=metric,
                kind=kind or ("counter" if family.kind == "untyped" and guessed.kind == "counter" else "gauge"),
                unit=guessed.unit,
                topic="custom",
                title_ko=metric,
                title_en=metric,
                ko=text,
                en=text,
            )
        )

    def _reduced(self, buckets: dict[tuple[str, Labels], list[Bucket]]) -> Iterator[Sample]:
        """Quantiles of what each histogram observed since the scrape before; nothing where nothing was."""
        before, self._buckets = self._buckets, buckets
        for (metric, labels), now in buckets.items():
            now.sort()
            if (metric, labels) not in before:
                continue
            values = quantiles(increase(before[metric, labels], now))
            if any(map(math.isnan, values)):
                continue
            self._tell(metric, None, Family("histogram"))
            for share, value in zip(SHARES, values, strict=True):
                with_share = tuple(sorted((*labels, ("quantile", f"{share:g}"))))
                yield Sample(metric=metric, labels=with_share, value=value)

    def _forget(self) -> None:
        """Series that come no more make room for others."""
        last = self._scrapes - _REMEMBERED
        self._known = {text: known for text, known in self._known.items() if known.seen > last}
        self._passed.clear()


def _family(name: str, families: Mapping[str, Family]) -> tuple[str, str, Family]:
    """The family a sample belongs to, with the part of its name that comes after the family's."""
    if name in families:
        family = families[name]
        return name, "", family
    for kind, suffixes in _PARTS.items():
        for suffix in suffixes:
            base = name.removesuffix(suffix)
            if base != name and base in families and families[base].kind == kind:
                return base, suffix, families[base]
    return name, "", Family()


def _bound(pairs: Pairs) -> float | None:
    text = dict(pairs).get("le", "")
    try:
        bound = float(text)
    except ValueError:
        return None
    return None if math.isnan(bound) else bound
