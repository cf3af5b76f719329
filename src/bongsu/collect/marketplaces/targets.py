"""The marketplaces to watch, out of the settings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bongsu.calendars.window import window_of
from bongsu.collect.checks.exchange import shown
from bongsu.collect.checks.own import Unusable
from bongsu.collect.checks.tools import Tools
from bongsu.collect.checks.watch import Prober, Target
from bongsu.collect.marketplaces.probe import Ask, AskCoupang, AskElevenStreet, AskNaver, Judge, Marketplace, Place
from bongsu.collect.marketplaces.rules import NAMES, Name, ProviderRules, RulesError, rules_of
from bongsu.settings.marketplaces import Coupang, ElevenStreet, Naver
from bongsu.settings.marketplaces import Marketplace as MarketplaceSettings
from bongsu.settings.model import Settings


def marketplaces(settings: Settings, tools: Tools, *, simulated: bool) -> Iterable[Target]:
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
            prober = Marketplace(
                _ask(one, Judge(place, exchanger=tools.exchanger, clock=tools.clock), tools), clock=tools.clock
            )
        except (RulesError, MissingKey) as error:
            prober = Unusable(str(error), clock=tools.clock)
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


def _ask(one: Coupang | Naver | ElevenStreet, judge: Judge, tools: Tools) -> Ask:
    keys = _keys(one)
    if isinstance(one, Coupang):
        access_key, secret_key = _all(keys, "marketplaces.coupang", ("access_key", "secret_key"))
        return AskCoupang(judge, access_key=access_key, secret_key=secret_key, vendor_id=one.vendor_id)
    if isinstance(one, Naver):
        client_id, client_secret = _all(keys, "marketplaces.naver", ("client_id", "client_secret"))
        return AskNaver(judge, client_id=client_id, client_secret=client_secret, in_thread=tools.lookup.in_thread)
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
