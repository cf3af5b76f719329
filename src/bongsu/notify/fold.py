"""What has waited long, made short: alerts over meanwhile become one summary, open ones are told once; pure.

A channel that was away for an hour must not pour out an hour of messages. Of each alert only the newest notice counts:
where it shows the alert open, that notice goes out and older ones are dropped; where it shows it over, the alert goes
into the summary. Plain messages are never folded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from bongsu.model.alert import SEVERITIES, Alert, Delivery, Notice

LISTED = 20
"""Alerts that a summary tells one by one; the others are counted."""
_ALONE = ("message", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What follows: a summary to be put into the outbox first, and deliveries that it and newer ones make needless."""

    summary: Notice | None
    dropped: tuple[Delivery, ...]


@dataclass(slots=True)
class _Entry:
    """One delivery, without its alerts: they are what takes memory."""

    bare: Delivery
    more: int
    kind: str
    alerts: int


class Fold:
    """Takes the waiting deliveries of one channel, oldest first, then tells what to do. Keeps a little of each."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._newest: dict[str, tuple[int, bool]] = {}
        """Alert → the place of its newest notice, and whether it is open there."""
        self._over: dict[str, Alert] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """The next of them, in order."""
        for delivery in deliveries:
            notice = delivery.notice
            place = len(self._entries)
            bare = replace(delivery, notice=replace(notice, alerts=(), text=""))
            self._entries.append(_Entry(bare, notice.more, notice.kind, len(notice.alerts)))
            if notice.kind in _ALONE:
                continue
            for alert in notice.alerts:
                known = self._newest.get(alert.id)
                if known is not None and not known[1] and alert.open:
                    continue  # over is over: an alert that begins anew has a new id
                self._newest[alert.id] = (place, alert.open)
                if alert.open:
                    self._over.pop(alert.id, None)
                else:
                    self._over[alert.id] = alert

    def result(self, *, now: int) -> Folded:
        """What to put and what to drop; nothing of either where folding would change nothing."""
        kept = {place for place, is_open in self._newest.values() if is_open}
        kept |= {place for place, entry in enumerate(self._entries) if entry.kind in _ALONE or not entry.alerts}
        over = [alert for alert_id, alert in self._over.items() if self._newest[alert_id][0] not in kept]
        dropped = [place for place in range(len(self._entries)) if place not in kept]
        more = sum(self._entries[place].more for place in dropped if self._entries[place].kind == "summary")
        if len(over) + more == 1 and over:
            alone = self._newest[over[0].id][0]
            if self._entries[alone].alerts == 1:  # a single end needs no summary: its own notice says it all
                dropped.remove(alone)
                over = []
        if [self._entries[place].kind for place in dropped] == ["summary"]:
            return Folded(summary=None, dropped=())
        needless = tuple(self._entries[place].bare for place in dropped)
        return Folded(summary=self._summary(over, more, needless, now) if over or more else None, dropped=needless)

    def _summary(self, over: list[Alert], more: int, needless: tuple[Delivery, ...], now: int) -> Notice:
        worst = sorted(over, key=lambda one: (-SEVERITIES.index(one.severity), one.fired_at or one.pending_at, one.id))
        pattern = needless[-1].notice
        # The same backlog gives the same id: a crash between putting and dropping makes no second summary.
        ids = "\n".join([pattern.channel, *sorted(one.notice.id for one in needless)])
        return Notice(
            id="summary-" + hashlib.blake2b(ids.encode("utf-8", "replace"), digest_size=12).hexdigest(),
            kind="summary",
            channel=pattern.channel,
            severity="info",
            at=now,
            alerts=tuple(worst[:LISTED]),
            more=more + max(0, len(worst) - LISTED),
            language=pattern.language,
        )


def next_of(due: list[Delivery]) -> Delivery:
    """Which of the due ones (worst first, then oldest) goes out now: the first, or an older one of its alerts.

    An alert that became worse between its fire and its end must not be told as over before it is told at all.
    """
    first = due[0]
    alerts = {alert.id for alert in first.notice.alerts}
    related = [one for one in due if alerts & {alert.id for alert in one.notice.alerts}]
    return min(related, key=lambda one: one.notice.at, default=first)
