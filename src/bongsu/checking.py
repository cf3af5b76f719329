"""Checks put together: marketplaces, generic checks and connections out of the settings, and the watch over them."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog

from bongsu.calendars.window import window_of
from bongsu.collect.checks.availability import Availability
from bongsu.collect.checks.exchange import Exchanger, shown
from bongsu.collect.checks.lookup import Lookup
from bongsu.collect.checks.metrics import METRICS
from bongsu.collect.checks.states import MemoryStates, StateStore, redis_states
from bongsu.collect.checks.watch import Measure, Prober, Target, Watch
from bongsu.collect.marketplaces.probe import (
    Ask,
    AskCoupang,
    AskElevenStreet,
    AskNaver,
    Judge,
    Marketplace,
    Place,
    Unusable,
)
from bongsu.collect.marketplaces.rules import NAMES, Name, ProviderRules, RulesError, rules_of
from bongsu.collect.threads import Threads
from bongsu.model.check import CheckStatus, Kind
from bongsu.model.sample import Sample
from bongsu.ports import Announcer, Clock, History
from bongsu.settings.marketplaces import Coupang, ElevenStreet, Naver
from bongsu.settings.marketplaces import Marketplace as MarketplaceSettings
from bongsu.settings.model import Settings

__all__ = ["METRICS", "Checking"]

_THREADS = 8
"""Name look-ups and drivers that block, at one time."""

_log = structlog.get_logger(__name__)


class Checking:
    """Everything that is asked at intervals whether it is well. `open` it, `start` it, `stop` it."""

    def __init__(self, *, watch: Watch, availability: Availability, store: StateStore, threads: Threads) -> None:
        """See `open`."""
        self._watch = watch
        self._availability = availability
        self._store = store
        self._threads = threads
        self._computing: asyncio.Task[None] | None = None

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        clock: Clock,
        measure: Measure,
        announcer: Announcer,
        history: History,
        simulated: bool = False,
    ) -> Checking:
        """Put it together; nothing is asked yet. `simulated`: what is watched are stand-ins, and screens say so."""
        threads = Threads(limit=_THREADS, spare=_THREADS * 4, name="bongsu-checks")
        lookup = Lookup(threads)
        store = _store(settings, clock)
        watch = Watch(clock=clock, measure=measure, announcer=announcer, store=store, chance=random.random)
        exchanger = Exchanger(lookup=lookup, clock=clock)
        for target in marketplaces(settings, exchanger=exchanger, lookup=lookup, clock=clock, simulated=simulated):
            watch.add(target)
        availability = Availability(watch=watch, history=history, clock=clock)
        return cls(watch=watch, availability=availability, store=store, threads=threads)

    async def start(self) -> None:
        """Begin to ask. Without anything to watch, nothing runs."""
        if not self._watch.targets:
            return
        await self._watch.start()
        self._computing = asyncio.create_task(self._availability.run(), name="bongsu-availability")

    async def stop(self) -> None:
        """End what is under way and let go of connections."""
        if self._computing is not None:
            self._computing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._computing
        await self._watch.stop()
        await self._store.close()
        self._threads.close()

    async def once(self) -> list[CheckStatus]:
        """Ask everything once, now, and tell how it stands."""
        return await self._watch.once()

    def statuses(self, kinds: Sequence[Kind]) -> list[CheckStatus]:
        """How all of these kinds stand, in the order of the settings."""
        return [one for kind in kinds for one in self._watch.statuses(kind)]

    def figures(self) -> Iterable[Sample]:
        """What it tells about itself; nothing where nothing is watched."""
        return [*self._watch.figures(), *self._store.figures()] if self._watch.targets else ()


def _store(settings: Settings, clock: Clock) -> StateStore:
    url = settings.redis.url
    if url is None:
        return MemoryStates(clock)
    try:
        return redis_states(url.get_secret_value(), clock=clock)
    except ModuleNotFoundError:
        _log.warning("redis.url is set but the package is missing: pip install 'bongsu[redis]'; states stay in memory")
    except ValueError:
        _log.warning("redis.url can't be read: it looks like redis://host:6379/0; states stay in memory")
    return MemoryStates(clock)


# -- marketplaces ----------------------------------------------------------------------------------------------------


def marketplaces(
    settings: Settings, *, exchanger: Exchanger, lookup: Lookup, clock: Clock, simulated: bool
) -> Iterable[Target]:
    """The marketplaces whose keys the settings hold."""
    section = settings.marketplaces
    found: dict[Name, Coupang | Naver | ElevenStreet] = {
        "coupang": section.coupang,
        "naver": section.naver,
        "11st": section.eleven_street,
    }
    zone = settings.monitoring.timezone
    for name in NAMES:
        one = found[name]
        if not one.enabled or not any(_keys(one)):
            continue
        prober: Prober
        rules = rules_of(name)
        try:
            rules = rules_of(name, one.rules)
            place = _place(one, rules, timeout=section.timeout_seconds, zone=zone)
            prober = Marketplace(_ask(one, Judge(place, exchanger=exchanger, clock=clock), lookup), clock=clock)
        except (RulesError, MissingKey) as error:
            prober = Unusable(str(error), clock=clock)
        yield Target(
            kind="marketplace",
            name=name,
            title_ko=rules.title.ko,
            title_en=rules.title.en,
            protocol=urlsplit(one.base_url or rules.base_url).scheme,
            address=shown(one.base_url or rules.base_url),
            interval_ms=round(section.interval_seconds * 1000),
            # a token may have to be asked for, and once more: three exchanges
            timeout=3 * section.timeout_seconds if name == "naver" else section.timeout_seconds,
            prober=prober,
            key_ends=_end_of_day(one.key_expires, zone),
            simulated=simulated,
        )


class MissingKey(Exception):
    """A marketplace has some of its keys but not all; the text names the setting."""


def _keys(one: Coupang | Naver | ElevenStreet) -> list[str]:
    if isinstance(one, Coupang):
        secrets = [one.access_key, one.secret_key]
    elif isinstance(one, Naver):
        secrets = [one.client_secret]
    else:
        secrets = [one.api_key]
    texts = [secret.get_secret_value() if secret else "" for secret in secrets]
    return [one.client_id, *texts] if isinstance(one, Naver) else texts


def _ask(one: Coupang | Naver | ElevenStreet, judge: Judge, lookup: Lookup) -> Ask:
    keys = _keys(one)
    if isinstance(one, Coupang):
        access_key, secret_key = _all(keys, "marketplaces.coupang", ("access_key", "secret_key"))
        return AskCoupang(judge, access_key=access_key, secret_key=secret_key, vendor_id=one.vendor_id)
    if isinstance(one, Naver):
        client_id, client_secret = _all(keys, "marketplaces.naver", ("client_id", "client_secret"))
        return AskNaver(judge, client_id=client_id, client_secret=client_secret, in_thread=lookup.in_thread)
    return AskElevenStreet(judge, api_key=keys[0])


def _all(keys: list[str], section: str, names: tuple[str, ...]) -> list[str]:
    missing = [f"{section}.{name}" for name, key in zip(names, keys, strict=True) if not key]
    if missing:
        raise MissingKey(f"{' and '.join(missing)} must be set too")
    return keys


def _place(one: MarketplaceSettings, rules: ProviderRules, *, timeout: float, zone: str) -> Place:
    return Place(
        base_url=one.base_url or rules.base_url,
        rules=rules,
        timeout=timeout,
        slow_ms=one.slow_ms or rules.slow_ms,
        ca_file=one.ca_file,
        windows=tuple(window_of(text, zone=zone) for text in one.maintenance),
    )


def _end_of_day(day: str | None, zone: str) -> int | None:
    """The end of that day in the zone, UTC ms."""
    if day is None:
        return None
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)) + timedelta(days=1)
    return round(midnight.timestamp() * 1000)
