"""Series by the sender's own spelling: (metric, labels as sent) → id, so that known series cost one look-up."""

from __future__ import annotations

import json

import msgspec

from bongsu.ingest.columns import REFUSED
from bongsu.ingest.gate import SampleGate
from bongsu.ingest.limits import GateLimits
from bongsu.ingest.names import shown
from bongsu.ingest.reading import UNREADABLE
from bongsu.ingest.refusals import Refused

Spelling = tuple[str, bytes]

NO_LABELS = msgspec.Raw(b"{}")


class SeriesIds(dict[Spelling, int]):
    """A bounded cache in front of the series table.

    `ids[metric, raw_labels]` gives the id, or `REFUSED` (which isn't kept) where the gate refuses the series;
    `why` then tells the reason. Call `refresh` before each run of look-ups: ids that the table forgot
    must not be used again.
    """

    def __init__(self, gate: SampleGate, *, entries: int = 200_000, size: int = 32 << 20) -> None:
        super().__init__()
        self._gate = gate
        self._entries = entries
        self._size = size
        self._held = 0
        self._epoch = gate.table.epoch
        self._reasons: dict[Spelling, tuple[str, str]] = {}
        self.dropped = 0
        """How often everything was dropped: ids learned from here before may be no longer right."""

    def refresh(self) -> None:
        """Forget reasons, and everything if the table forgot ids since or the cache is full."""
        self._reasons.clear()
        if self._epoch != self._gate.table.epoch or len(self) >= self._entries or self._held > self._size:
            self.clear()
            self._held = 0
            self._epoch = self._gate.table.epoch
            self.dropped += 1

    def __missing__(self, spelling: Spelling) -> int:
        if spelling in self._reasons:
            return REFUSED
        try:
            found = self.learn(spelling)
        except Refused as refused:
            self._reasons[spelling] = refused.code, refused.detail
            return REFUSED
        self._held += len(spelling[0]) + len(spelling[1])
        if self._held <= self._size and len(self) < self._entries:
            self[spelling] = found
        return found

    def learn(self, spelling: Spelling) -> int:
        """The id of a series seen for the first time.

        Raises:
            Refused: the name or a label is faulty, or there are too many series.
        """
        longest = _longest_labels(self._gate.limits)
        if len(spelling[1]) > longest:  # a million of them would hold up everybody for seconds
            raise Refused("bad-labels", f"the labels take {len(spelling[1])} bytes; at most {longest} are read")
        return self._gate.identify(spelling[0], label_pairs(spelling[1]))

    def why(self, spelling: Spelling) -> Refused:
        """The reason for which a look-up since the last `refresh` gave `REFUSED`."""
        return Refused(*self._reasons[spelling])


def _longest_labels(limits: GateLimits) -> int:
    """Bytes that the most and longest labels allowed can take as JSON, each character as `\\uXXXX`."""
    return limits.labels * (6 * (limits.name_length + limits.label_value_bytes) + 8)


def label_pairs(raw: bytes) -> list[tuple[object, object]]:
    """Label pairs as sent, in their order and with doubles; `null` stands for none.

    Raises:
        Refused: it isn't an object, or not to be read.
    """
    if raw in (b"{}", b"null"):
        return []
    try:
        plain = _TEXTS.decode(raw)
        if raw.count(b'"') == 4 * len(plain):  # at least four quotes a member: none came twice
            return list(plain.items())
    except UNREADABLE:
        pass  # said below, of the member that is faulty
    try:
        msgspec.json.decode(raw)  # refuses what the parser below lets through: NaN, lone surrogates, control characters
        found = json.loads(raw, object_pairs_hook=_Pairs)
    except (*UNREADABLE, ValueError) as error:
        raise Refused("bad-labels", f"labels can't be read: {error}") from None
    if not isinstance(found, _Pairs):
        raise Refused("bad-labels", f"labels are {shown(found)}; they must be an object of text values")
    return list(found)


_TEXTS = msgspec.json.Decoder(dict[str, str])


class _Pairs(list[tuple[object, object]]):
    """The members of one JSON object, doubles included."""
