"""Where bodies pushed to us are decoded, admitted and acknowledged: the port `Intake`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from bongsu.ingest.columnar import ColumnarDecoder
from bongsu.ingest.columns import Columns
from bongsu.ingest.gate import SampleGate
from bongsu.ingest.identity import SeriesIds
from bongsu.ingest.in_flight import HeldBody, InFlight
from bongsu.ingest.inflate import inflate
from bongsu.ingest.limits import IntakeLimits
from bongsu.ingest.refusals import Refusals
from bongsu.ingest.rows import RowDecoder
from bongsu.ingest.senders import SenderRates
from bongsu.model.errors import (
    BadRequest,
    BongsuError,
    NothingAcceptable,
    TooLarge,
    TooMany,
    Unavailable,
    UnsupportedType,
)
from bongsu.model.sample import Batch, Receipt, Sample, labels_of
from bongsu.ports import Clock, Taker

JSON = "application/json"
NDJSON = "application/x-ndjson"
OUTCOMES = ("taken", "refused", "overloaded", "failed")
HINT = 'send [{"metric", "labels", "value", "at"}, …], or {"series", "index", "at", "value"}'
_HEAD = 64
_SPACE = b" \t\r\n"
_ATTEMPTS = 3


class SampleIntake:
    """Takes bodies of samples: a JSON array of rows, NDJSON, or columns; plain, gzip or zstd.

    A body is decoded completely before anything of it is taken, in runs short enough not to hold up the
    event loop. Nothing is answered before `taker.take` returned.
    """

    def __init__(self, *, gate: SampleGate, taker: Taker, clock: Clock, limits: IntakeLimits | None = None) -> None:
        self._gate = gate
        self._taker = taker
        self._limits = limits or IntakeLimits()
        self._rates = SenderRates(clock=clock, limits=self._limits)
        ids = SeriesIds(gate)
        self._rows = RowDecoder(ids)
        self._columnar = ColumnarDecoder(ids)
        self._in_flight = InFlight(self._limits.in_flight_bytes)
        self._received = 0
        self._outcomes: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))

    def bound(self, limits: IntakeLimits) -> None:
        """Hold to these limits from now on."""
        self._limits = self._rates.limits = limits
        self._in_flight.limit = limits.in_flight_bytes

    async def take(self, body: bytes, *, content_type: str, encoding: str, sender: str) -> Receipt:
        """Take one body of samples and return once what was accepted is kept.

        Raises:
            BadRequest, TooLarge, UnsupportedType, NothingAcceptable, TooMany, Unavailable, StorageFull
        """
        self._received += len(body)
        outcome = "failed"
        try:
            with self._in_flight.body() as held:
                receipt = await self._take(body, _media_type(content_type), encoding, sender, held)
            outcome = "taken"
        except BongsuError as error:
            outcome = "overloaded" if error.status == TooMany.status else "refused" if error.status < 500 else "failed"
            raise
        finally:
            self._outcomes[outcome] += 1
        return receipt

    def figures(self) -> Iterable[Sample]:
        """Bodies by outcome, bytes received and in flight, senders watched."""
        for outcome, count in self._outcomes.items():
            yield Sample(metric="bongsu_intake_bodies_total", value=float(count), labels=labels_of(outcome=outcome))
        yield Sample(metric="bongsu_intake_received_bytes_total", value=float(self._received))
        yield Sample(metric="bongsu_intake_in_flight_bytes", value=float(self._in_flight.size))
        yield Sample(metric="bongsu_intake_senders", value=float(len(self._rates)))

    async def _take(self, body: bytes, media: str, encoding: str, sender: str, held: HeldBody) -> Receipt:
        if media not in (JSON, NDJSON):
            raise UnsupportedType(f"Content-Type {media or 'is missing'}", hint=f"send {JSON} or {NDJSON}")
        self._rates.begin(sender)
        held.hold(len(body))
        if len(body) > self._limits.body_bytes:
            raise TooLarge(
                f"the body has {len(body)} bytes; at most {self._limits.body_bytes} are taken",
                hint="send several bodies",
            )
        content = await self._inflate(body, encoding, held)
        batch, refusals = await self._decode(content, media)
        self._rates.spend(sender, len(batch) + refusals.total)
        if len(batch):
            await self._taker.take(batch)
        self._gate.count(len(batch), refusals)
        if refusals.total and not len(batch):
            raise NothingAcceptable(refusals.listed(), unlisted=refusals.unlisted)
        return Receipt(accepted=len(batch), refused=refusals.listed(), unlisted=refusals.unlisted)

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

    async def _decode(self, content: bytes, media: str) -> tuple[Batch, Refusals]:
        """The good samples of a body. Starts anew if ids were forgotten meanwhile (retention, at most hourly)."""
        table = self._gate.table
        for _ in range(_ATTEMPTS):
            epoch, count = table.epoch, 0
            refusals = Refusals(self._limits.refusals_listed)
            batches: list[Batch] = []
            for run, columns in enumerate(self._runs(content, media, refusals)):
                if run:
                    await asyncio.sleep(0)
                if columns is not None:
                    count += len(columns)
                    self._check_count(count)
                    batches.append(self._gate.screen(columns, refusals))
            if table.epoch == epoch:
                return _joined(batches), refusals
        raise Unavailable("series are being cleaned up", hint="send the body again", retry_after=1)

    def _check_count(self, count: int) -> None:
        if count > self._limits.samples:
            raise TooLarge(f"the body holds more than {self._limits.samples} samples", hint="send several bodies")

    def _runs(self, content: bytes, media: str, refusals: Refusals) -> Iterator[Columns | None]:
        if media == NDJSON:
            return self._rows.lines(content, refusals)
        first = content[:_HEAD].lstrip(_SPACE)[:1]
        if first == b"[":
            return self._rows.array(content, refusals)
        if first == b"{":
            return self._columnar.columns(content, refusals)
        raise BadRequest("the body is neither a JSON array of samples nor a columnar object", hint=HINT)


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _joined(batches: list[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    return Batch(
        series=np.concatenate([batch.series for batch in batches] or [np.empty(0, np.int32)]),
        at=np.concatenate([batch.at for batch in batches] or [np.empty(0, np.int64)]),
        value=np.concatenate([batch.value for batch in batches] or [np.empty(0, np.float64)]),
    )
