"""Asks one target at intervals. A target that is away, hangs or answers nonsense is told as down, and harms nobody."""

from __future__ import annotations

import base64
import logging
import zlib
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from urllib.parse import urljoin

from bongsu.collect.checks.exchange import Answer, Exchanger, Request, shown
from bongsu.collect.checks.lookup import Lookup
from bongsu.collect.scrape.exposition import ExpositionError, parse
from bongsu.collect.scrape.translation import Rules, Translation
from bongsu.collect.threads import Threads
from bongsu.model.metric import Metric
from bongsu.model.sample import Labels, Sample, labels_of
from bongsu.ports import Clock
from bongsu.settings.scrape import ScrapeTarget

MOST_BYTES = 16 << 20
"""Of one scrape's text, inflated: some 100,000 series."""
_LARGE = 256 << 10
"""A longer text is read in a thread: the loop has others to serve."""
_THREADS = 4
_ACCEPT = "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.8,*/*;q=0.1"
_log = logging.getLogger(__name__)


class ScrapeFailed(Exception):
    """Nothing was read; the text says why, without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is asked, and what becomes of the answer."""

    rules: Rules
    request: Request = field(repr=False)
    interval: float
    timeout: float
    ca_file: str = ""


class ScrapeCollector:
    """Implements the port `Collector` for one target; never raises for what the target does."""

    def __init__(
        self,
        target: Target,
        *,
        exchanger: Exchanger,
        lookup: Lookup,
        clock: Clock,
        declare: Callable[[Metric], None],
        taken: Container[str],
    ) -> None:
        self.name = f"scrape:{target.rules.target}"
        self.interval = target.interval
        self.timeout = target.timeout + 5.0
        self._target = target
        self._exchanger = exchanger
        self._lookup = lookup
        self._clock = clock
        self._translation = Translation(target.rules, declare=declare, taken=taken)
        self._labels: Labels = labels_of(target=target.rules.target)
        self._trouble = ""

    async def collect(self) -> Iterable[Sample]:
        """One scrape: its samples, and how it went."""
        began = self._clock.monotonic()
        try:
            samples = await self._scrape()
            self._note("")
        except ScrapeFailed as error:
            samples = []
            self._note(str(error))
        took = (self._clock.monotonic() - began) * 1000
        figures = {
            "scrape_up": float(not self._trouble),
            "scrape_duration_ms": round(took, 3),
            "scrape_samples": float(len(samples)),
            "scrape_refused_total": float(self._translation.refused),
        }
        return [*samples, *(Sample(metric=name, value=value, labels=self._labels) for name, value in figures.items())]

    async def _scrape(self) -> list[Sample]:
        target = self._target
        answer = await self._exchanger.exchange(target.request, timeout=target.timeout, ca_file=target.ca_file)
        _judge(answer, target.request.url)
        if len(answer.body) < _LARGE:
            return self._read(answer)
        samples: list[Sample] = await self._lookup.in_thread(lambda: self._read(answer))
        return samples

    def _read(self, answer: Answer) -> list[Sample]:
        body = inflated(answer.body) if "gzip" in answer.headers.get("content-encoding", "") else answer.body
        openmetrics = answer.headers.get("content-type", "").startswith("application/openmetrics-text")
        try:
            return self._translation.samples(parse(body.decode("utf-8"), openmetrics=openmetrics))
        except UnicodeDecodeError:
            raise ScrapeFailed("its answer is no UTF-8 text") from None
        except ExpositionError as error:
            raise ScrapeFailed(f"its answer isn't what Prometheus reads: {error}") from None

    def _note(self, trouble: str) -> None:
        """Trouble is told when it begins, changes and ends, not each time."""
        if trouble == self._trouble:
            return
        where = shown(self._target.request.url)
        if trouble:
            _log.warning("scrape target %s (%s) can't be read: %s", self._target.rules.target, where, trouble)
        else:
            _log.info("scrape target %s (%s) is read again", self._target.rules.target, where)
        self._trouble = trouble


def inflated(body: bytes) -> bytes:
    """A gzip member unpacked, as far as a scrape may be long.

    Raises:
        ScrapeFailed: it is none, is cut off, or longer.
    """
    machine = zlib.decompressobj(31)
    try:
        text = machine.decompress(body, MOST_BYTES + 1)
    except zlib.error:
        raise ScrapeFailed("its answer says gzip and isn't") from None
    if len(text) > MOST_BYTES:
        raise ScrapeFailed(f"its answer is longer than {MOST_BYTES} bytes; expose less, or split it")
    if not machine.eof:
        raise ScrapeFailed("its compressed answer is cut off")
    return text


def _judge(answer: Answer, url: str) -> None:
    """Whether there is something to read.

    Raises:
        ScrapeFailed: there isn't.
    """
    if answer.status is None:
        raise ScrapeFailed(answer.detail or answer.failure)
    if 300 <= answer.status < 400:
        to = shown(urljoin(url, answer.headers.get("location", "")))
        raise ScrapeFailed(f"it redirects to {to}: redirects aren't followed, set url to where the metrics are")
    if answer.status != 200:
        raise ScrapeFailed(f"it answers {answer.status}")
    if answer.cut:
        raise ScrapeFailed(f"its answer is longer than {MOST_BYTES} bytes; expose less, or split it")


def target_of(one: ScrapeTarget) -> Target:
    """What a target's settings ask for."""
    return Target(
        rules=Rules(target=one.name, keep=tuple(one.keep), labels=one.labels, limit=one.limit),
        request=Request(url=one.url.get_secret_value(), headers=_headers(one), most=MOST_BYTES),
        interval=one.interval.seconds,
        timeout=one.timeout.seconds,
        ca_file=one.ca_file,
    )


def _headers(one: ScrapeTarget) -> dict[str, str]:
    headers = {
        "Accept": _ACCEPT,
        "Accept-Encoding": "gzip",
        "X-Prometheus-Scrape-Timeout-Seconds": f"{one.timeout.seconds:g}",
    }
    if one.bearer_token is not None:
        headers["Authorization"] = f"Bearer {one.bearer_token.get_secret_value()}"
    elif one.username or one.password is not None:
        password = one.password.get_secret_value() if one.password else ""
        headers["Authorization"] = "Basic " + base64.b64encode(f"{one.username}:{password}".encode()).decode()
    return headers | {name: value.get_secret_value() for name, value in one.headers.items()}


def scrapers(
    targets: Iterable[ScrapeTarget], *, clock: Clock, declare: Callable[[Metric], None], taken: Container[str]
) -> list[ScrapeCollector]:
    """A collector for each target; `declare` and `taken` as in `Translation`."""
    threads = Threads(limit=_THREADS, spare=_THREADS * 4, name="bongsu-scrape")
    lookup = Lookup(threads)
    exchanger = Exchanger(lookup=lookup, clock=clock)
    return [
        ScrapeCollector(target_of(one), exchanger=exchanger, lookup=lookup, clock=clock, declare=declare, taken=taken)
        for one in targets
    ]
