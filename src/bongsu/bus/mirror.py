"""The viewer's picture of what the owner measures: the owner's ids in terms of its own table, values in its own hub."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Protocol

import numpy as np

from bongsu.bus.message import Known, Latest, Message
from bongsu.model.catalogue import Catalogue
from bongsu.model.sample import Batch, Float64s, Int64s, labels_of
from bongsu.model.series import SeriesLimitReached, SeriesTable
from bongsu.ports import Announcer, Live

_UNKNOWN: Final = -1
_REFUSED: Final = -2


class Screens(Announcer, Live, Protocol):
    """The viewer's hub."""


class Mirror:
    """Takes in what the owner tells; nothing here waits or fails. Used on the event loop only.

    `own` are metrics of the viewer itself, which no word of the owner touches.
    """

    def __init__(
        self, *, table: SeriesTable, catalogue: Catalogue, screens: Screens, own: Collection[str] = ()
    ) -> None:
        self._table = table
        self._catalogue = catalogue
        self._screens = screens
        self._own = frozenset(own)
        self._ours: Int64s = np.zeros(0, np.int64)
        self.boot = ""
        self.term = 0
        self.number = 0
        """The last message taken in."""
        self._epoch = -1
        self._joining = False
        self._came: dict[int, int] = {}
        """Series told by a message, with its number, until the latest values are known to hold them."""
        self.wanted = 0
        """The message that the next reading of the latest values must cover, 0 while nothing is missing."""
        self.missed = 0

    @property
    def begun(self) -> bool:
        """Whether there is anything of the owner's at all."""
        return bool(self.boot)

    # The latest values

    def read(self, latest: Latest) -> bool:
        """Take in all values at once; False where they are older than what is wanted, or of a former owner."""
        if latest.term < self.term:
            return False
        self.term = latest.term
        if latest.boot != self.boot:
            self._begin(latest.boot, latest.number, latest.epoch)
            self._joining = True
        for metric in latest.catalogue:
            self._catalogue.declare(metric)
        self._learn(
            Known(i, one.metric, labels_of(one.labels)) for i, one in zip(latest.ids, latest.metrics, strict=True)
        )
        ids = np.array(latest.ids, np.int64)
        at = np.array([one.at for one in latest.metrics], np.int64)
        value = np.array([one.value for one in latest.metrics], np.float64)
        self._publish(ids, at, value)
        if latest.number < self.wanted:
            return False
        self.wanted = 0
        if latest.number >= self.number:
            self.number, self._epoch = latest.number, latest.epoch
        self._forget_others(ids, latest.number)
        return True

    def _forget_others(self, ids: Int64s, number: int) -> None:
        """Series of which the owner knew nothing any more at that message; those that came later stay."""
        self._came = {series: since for series, since in self._came.items() if since > number}
        kept = {*self._ours[ids].tolist(), *self._came}
        gone = [one.id for one in self._table if one.id not in kept and one.metric not in self._own]
        if gone:
            self._table.forget(gone)
            self._ours[np.isin(self._ours, gone)] = _UNKNOWN

    # Messages

    def take(self, message: Message) -> None:
        """Take in one message; `wanted` says afterwards whether something is missing."""
        if message.term < self.term or (message.boot == self.boot and message.number <= self.number):
            return  # the word of a former owner; or one that the latest values held already
        if message.boot != self.boot:
            self._begin(message.boot, message.number, message.epoch)
            self.wanted = message.number
        elif message.number != self.number + 1:
            self.missed += 0 if self._joining else message.number - self.number - 1
            self.wanted = max(self.wanted, message.number - 1)
        if message.epoch != self._epoch:
            self.wanted = message.number
        self._joining = False
        self.number, self.term, self._epoch = message.number, message.term, message.epoch
        for metric in message.declared:
            self._catalogue.declare(metric)
        self._learn(message.known)
        self._came |= {int(self._ours[one.id]): message.number for one in message.known}
        if not self._publish(*message.columns()):
            self.wanted = message.number
        for event in message.events:
            self._screens.announce(event.kind, event.body, topic=event.topic)

    def lost(self) -> None:
        """The connection is lost, and with it what is told until it is back: the latest values must be newer then."""
        self.wanted = max(self.wanted, self.number + 1)

    def _begin(self, boot: str, number: int, epoch: int) -> None:
        """Another start of the owner, with ids of its own."""
        self.boot, self.number, self._epoch = boot, number, epoch
        self._came = {}
        self.wanted = 0  # what was wanted is counted in another start's numbers
        self._ours = np.zeros(0, np.int64)

    def _learn(self, names: Iterable[Known]) -> None:
        for one in names:
            if one.id >= len(self._ours):
                more = np.full(one.id + one.id // 2 + 64 - len(self._ours), _UNKNOWN, np.int64)
                self._ours = np.concatenate([self._ours, more])
            try:
                self._ours[one.id] = self._table.intern(one.metric, one.labels)
            except SeriesLimitReached:
                self._ours[one.id] = _REFUSED

    def _publish(self, ids: Int64s, at: Int64s, value: Float64s) -> bool:
        """Show the values; False where one is of a series whose name isn't known."""
        if not len(ids):
            return True
        inside = ids < len(self._ours)
        ours = (
            np.where(inside, self._ours[np.where(inside, ids, 0)], _UNKNOWN)
            if len(self._ours)
            else np.full(len(ids), _UNKNOWN)
        )
        known = ours >= 0
        if known.any():
            self._screens.publish(Batch(series=ours[known].astype(np.int32), at=at[known], value=value[known]))
        return not bool((ours == _UNKNOWN).any())
