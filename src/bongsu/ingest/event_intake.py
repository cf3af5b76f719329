"""Where bodies of events are decoded, journaled by the feeds and acknowledged: the port `EventIntake`."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

from bongsu.feed_ports import EventTaker
from bongsu.ingest.event_columnar import HINT, ColumnarEvents
from bongsu.ingest.event_columns import EventColumns, batches, joined, screen
from bongsu.ingest.event_rows import RowEvents
from bongsu.ingest.in_flight import HeldBody, InFlight
from bongsu.ingest.inflate import inflate
from bongsu.ingest.intake import JSON, NDJSON, OUTCOMES
from bongsu.ingest.limits import HOUR_MS, IntakeLimits
from bongsu.ingest.refusals import CODES, Refusals
from bongsu.ingest.senders import SenderRates
from bongsu.ingest.symbol_ids import FeedIds
from bongsu.model.errors import BadRequest, BongsuError, NothingAcceptable, TooLarge, TooMany, UnsupportedType
from bongsu.model.event import EventBatch, FeedTable
from bongsu.model.sample import Receipt, Sample, labels_of
from bongsu.ports import Clock

FUTURE_MS = 24 * HOUR_MS
"""How far ahead of our clock an event may be and still be taken: a wrong clock is for the score to tell."""

_KEY_LENGTH = 255
_HEAD = 64
_SPACE = b" \t\r\n"


class EventIntake:
    """Takes bodies of events: a JSON array of rows, NDJSON, or columns; plain, gzip or zstd.

    A body is decoded completely before anything of it is taken, in runs short enough not to hold up the
    event loop. Nothing is answered before `taker.take` returned.
    """

    def __init__(
        self,
        *,
        table: FeedTable,
        taker: EventTaker,
        clock: Clock,
        limits: IntakeLimits | None = None,
        past_ms: int = 24 * HOUR_MS,
    ) -> None:
        self._taker = taker
        self._clock = clock
        self._limits = limits or IntakeLimits()
        self._past = past_ms
        self._rates = SenderRates(clock=clock, limits=self._limits)
        ids = FeedIds(table)
        self._rows = RowEvents(ids)
        self._columnar = ColumnarEvents(ids)
        self._in_flight = InFlight(self._limits.in_flight_bytes)
        self._under_way: dict[str, asyncio.Future[None]] = {}
        self._outcomes: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
        self._refused: Counter[str] = Counter(dict.fromkeys(CODES, 0))
        self._accepted = self._repeated = 0

    def bound(self, limits: IntakeLimits, *, past_ms: int) -> None:
        """Hold to these limits from now on."""
        self._past = past_ms
        self._limits = self._rates.limits = limits
        self._in_flight.limit = limits.in_flight_bytes

    async def take(self, body: bytes, *, content_type: str, encoding: str, sender: str, key: str = "") -> Receipt:
        """Take one body of events and return once what was accepted survives a crash.

        A body with the `key` of one taken before counts once: the answer tells what the first one did.

        Raises:
            BadRequest, TooLarge, UnsupportedType, NothingAcceptable, TooMany, Unavailable, StorageFull
        """
        outcome = "failed"
        try:
            receipt = await self._once(body, content_type, encoding, sender, key)
            outcome = "taken"
        except BongsuError as error:
            outcome = "overloaded" if error.status == TooMany.status else "refused" if error.status < 500 else "failed"
            raise
        finally:
            self._outcomes[outcome] += 1
        return receipt

    def figures(self) -> Iterable[Sample]:
        """Bodies by outcome, events taken, and events refused by reason."""
        for outcome, count in self._outcomes.items():
            yield Sample(metric="bongsu_events_bodies_total", value=float(count), labels=labels_of(outcome=outcome))
        yield Sample(metric="bongsu_events_accepted_total", value=float(self._accepted))
        yield Sample(metric="bongsu_events_repeated_bodies_total", value=float(self._repeated))
        for code, count in self._refused.items():
            if count:
                yield Sample(metric="bongsu_events_refused_total", value=float(count), labels=labels_of(reason=code))

    async def _once(self, body: bytes, content_type: str, encoding: str, sender: str, key: str) -> Receipt:
        media = content_type.partition(";")[0].strip().lower()
        if media not in (JSON, NDJSON):
            raise UnsupportedType(f"Content-Type {media or 'is missing'}", hint=f"send {JSON} or {NDJSON}")
        if len(key) > _KEY_LENGTH:
            raise BadRequest(f"Idempotency-Key has {len(key)} characters; at most {_KEY_LENGTH} are read")
        self._rates.begin(sender)
        if not key:
            return await self._held(body, media, encoding, sender, key)
        while (other := self._under_way.get(key)) is not None:
            await asyncio.wait([other])
        done = self._under_way[key] = asyncio.get_running_loop().create_future()
        try:
            earlier = self._taker.earlier(key, zlib.crc32(body))
            if earlier is not None:
                self._repeated += 1
                return earlier
            return await self._held(body, media, encoding, sender, key)
        finally:
            del self._under_way[key]
            done.set_result(None)

    async def _held(self, body: bytes, media: str, encoding: str, sender: str, key: str) -> Receipt:
        with self._in_flight.body() as held:
            held.hold(len(body))
            if len(body) > self._limits.body_bytes:
                raise TooLarge(
                    f"the body has {len(body)} bytes; at most {self._limits.body_bytes} are taken",
                    hint="send several bodies",
                )
            content = await self._inflate(body, encoding, held)
            refusals = Refusals(self._limits.refusals_listed)
            found = await self._decode(content, media, refusals)
            accepted = sum(len(batch) for batch in found)
            self._rates.spend(sender, accepted + refusals.total)
            receipt = Receipt(accepted=accepted, refused=refusals.listed(), unlisted=refusals.unlisted)
            if accepted:
                await self._taker.take(found, key=key, digest=zlib.crc32(body), receipt=receipt)
            self._accepted += accepted
            self._refused.update(refusals.counts)
            if refusals.total and not accepted:
                raise NothingAcceptable(receipt.refused, unlisted=receipt.unlisted)
            return receipt

    async def _inflate(self, body: bytes, encoding: str, held: HeldBody) -> bytes:
        pieces: list[bytes] = []
        for piece in inflate(body, encoding, self._limits.inflated_bytes):
            if piece is body:
                return body
            held.hold(len(piece))
            if pieces:
                await asyncio.sleep(0)
            pieces.append(piece)
        return b"".join(pieces)

    async def _decode(self, content: bytes, media: str, refusals: Refusals) -> list[EventBatch]:
        arrived = self._clock.now()
        found: dict[str, list[EventBatch]] = {}
        count = 0
        for run, columns in enumerate(self._runs(content, media, refusals)):
            if run:
                await asyncio.sleep(0)
            if columns is None:
                continue
            count += len(columns)
            if count > self._limits.samples:
                raise TooLarge(f"the body holds more than {self._limits.samples} events", hint="send several bodies")
            taken = screen(columns, refusals, first=arrived - self._past, last=arrived + FUTURE_MS)
            for batch in batches(columns, taken, arrived):
                found.setdefault(batch.feed, []).append(batch)
        return [joined(same) for same in found.values()]

    def _runs(self, content: bytes, media: str, refusals: Refusals) -> Iterator[EventColumns | None]:
        if media == NDJSON:
            return self._rows.lines(content, refusals)
        first = content[:_HEAD].lstrip(_SPACE)[:1]
        if first == b"[":
            return self._rows.array(content, refusals)
        if first == b"{":
            return self._columnar.columns(content, refusals)
        raise BadRequest("the body is neither a JSON array of events nor a columnar object", hint=HINT)
