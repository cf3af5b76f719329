"""What a change of settings would do: rules tried on the past, what retention lets go, how many samples a day."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bongsu.configuration.words import say
from bongsu.model.backtest import BackTest
from bongsu.model.errors import BongsuError, NotFound
from bongsu.model.rule import Rule
from bongsu.model.setting import Effect
from bongsu.ports import Clock, RuleBook
from bongsu.settings.duration import Duration
from bongsu.settings.model import Settings
from bongsu.settings.rules import body_of
from bongsu.settings_ports import Language

DAYS = 7
"""Days of the past on which rules are tried."""
RULES = 8
"""Rules tried at most: each takes a part of a second of one core."""
_DAY = 86_400_000
_TIERS = ("raw", "minute", "hour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What effects are read from.

    `given` makes the rules of settings; `oldest` tells when (UTC ms) the oldest that is held of each tier is from;
    `samples_a_day` counts what this machine's collectors would read with the settings; `series` are held now.
    """

    rules: RuleBook
    given: Callable[[Settings], Sequence[Rule]]
    oldest: Callable[[], Awaitable[Mapping[str, int]]]
    samples_a_day: Callable[[Settings], float]
    series: Callable[[], int]
    clock: Clock


async def effects_of(before: Settings, after: Settings, prospect: Prospect, language: Language) -> tuple[Effect, ...]:
    """The effects of going from one to the other, each as a sentence with its figures."""
    found = await _rules(before, after, prospect, language)
    found += await _retention(before, after, prospect, language)
    if before.monitoring.update_interval_seconds != after.monitoring.update_interval_seconds:
        found.append(_samples(before, after, prospect, language))
    if before.limits.series != after.limits.series:
        now, most = prospect.series(), after.limits.series
        text = say("series", language, before=f"{now:,}", after=f"{most:,}")
        found.append(Effect(kind="series", path="limits.series", text=text, before=now, after=most))
    return tuple(found)


def _samples(before: Settings, after: Settings, prospect: Prospect, language: Language) -> Effect:
    now, then = round(prospect.samples_a_day(before)), round(prospect.samples_a_day(after))
    text = say("samples", language, before=_rounded(now), after=_rounded(then))
    return Effect(kind="samples", path="monitoring.update_interval_seconds", text=text, before=now, after=then)


def _rounded(count: int) -> str:
    """Two figures that count: 1,234,567 is 1,200,000."""
    if count < 100:
        return str(count)
    unit = 10 ** (int(math.log10(count)) - 1)
    return f"{round(count / unit) * unit:,}"


# -- rules -----------------------------------------------------------------------------------------------------------


async def _rules(before: Settings, after: Settings, prospect: Prospect, language: Language) -> list[Effect]:
    if before.thresholds == after.thresholds and before.rules == after.rules:
        return []
    old = {rule.id: rule for rule in prospect.given(_in(before, language))}
    new = {rule.id: rule for rule in prospect.given(_in(after, language))}
    differing = [one for one in {**old, **new} if old.get(one) != new.get(one)]
    return [
        await _rule(old.get(one), new.get(one), prospect, language)
        for one in sorted(differing, key=lambda one: one not in new)[:RULES]
    ]


def _in(settings: Settings, language: Language) -> Settings:
    """The settings in this language: names of the thresholds' rules are in theirs."""
    return settings.model_copy(update={"monitoring": settings.monitoring.model_copy(update={"language": language})})


async def _rule(old: Rule | None, new: Rule | None, prospect: Prospect, language: Language) -> Effect:
    rule = new or old
    assert rule is not None
    path = f"thresholds.{rule.id}" if rule.source == "thresholds" else "rules"
    called = rule.name or rule.id
    if _overridden(rule.id, prospect):
        return Effect(kind="backtest", path=path, text=say("overridden", language, rule=called))
    count_old, count_new = await _fired(old, prospect), await _fired(new, prospect)
    facts = {"rule": called, "days": DAYS, "before": count_old, "after": count_new}
    if (new is None or count_new is None) and (old is None or count_old is None):
        code = "backtest_none"
    elif new is None:
        code = "backtest_off"
    else:
        code = "backtest_new" if count_old is None else "backtest"
    return Effect(kind="backtest", path=path, text=say(code, language, **facts), before=count_old, after=count_new)


def _overridden(rule_id: str, prospect: Prospect) -> bool:
    try:
        return prospect.rules.get(rule_id).source == "screen"
    except NotFound:
        return False


async def _fired(rule: Rule | None, prospect: Prospect) -> int | None:
    """How often it would have fired; None where there is nothing to try it on."""
    if rule is None:
        return None
    now = prospect.clock.now()
    try:
        found: BackTest = await prospect.rules.backtest(body_of(rule), start=now - DAYS * _DAY, end=now)
    except BongsuError:
        return None  # a rule that can't be tried on the past can still be set
    return found.count if found.series else None


# -- retention -------------------------------------------------------------------------------------------------------


async def _retention(before: Settings, after: Settings, prospect: Prospect, language: Language) -> list[Effect]:
    old, new = before.storage.retention, after.storage.retention
    changed = [tier for tier in _TIERS if getattr(old, tier) != getattr(new, tier)]
    if not changed:
        return []
    now, oldest = prospect.clock.now(), await prospect.oldest()
    return [
        _tier(tier, getattr(old, tier), getattr(new, tier), now - oldest[tier] if tier in oldest else None, language)
        for tier in changed
    ]


def _tier(tier: str, old: Duration, new: Duration, age: int | None, language: Language) -> Effect:
    shorter = "retention_fresh" if age is None else "retention_shorter" if age > new else "retention_nothing"
    code = "retention_longer" if new > old else shorter
    text = say(code, language, tier=say(tier, language), before=old, after=new, oldest=_aged(age or 0))
    return Effect(kind="retention", path=f"storage.retention.{tier}", text=text, before=old.seconds, after=new.seconds)


def _aged(age: int) -> str:
    """An age in its largest whole unit: 3d, 26h, 5m."""
    for unit, length, least in (("d", _DAY, 2), ("h", 3_600_000, 2), ("m", 60_000, 1)):
        if age >= least * length:
            return f"{age // length}{unit}"
    return f"{age // 1000}s"
