"""Between what we speak of and the JSON text in which it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec
import structlog
from msgspec.structs import replace

from bongsu.model.alert import SEVERITIES, Alert, AuditEntry, Delivery, Notice, Silence, Transition

T = TypeVar("T")

_DAY = 86_400_000
_log = structlog.get_logger(__name__)
_encoder = msgspec.json.Encoder()

ALERT = msgspec.json.Decoder(Alert)
TRANSITION = msgspec.json.Decoder(Transition)
NOTICE = msgspec.json.Decoder(Notice)
SILENCE = msgspec.json.Decoder(Silence)
AUDIT_ENTRY = msgspec.json.Decoder(AuditEntry)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery but for its notice and for what has columns of its own."""

    attempts: int
    error: str
    receipt: str
    channel_used: str
    done_at: int | None


STANDING = msgspec.json.Decoder(Standing)


def text_of(thing: object) -> str:
    """Its JSON text. Characters that no database takes (lone surrogates) become question marks."""
    try:
        return _encoder.encode(thing).decode()
    except UnicodeEncodeError:
        return _encoder.encode(_clean(msgspec.to_builtins(thing))).decode()


def readable(decoder: msgspec.json.Decoder[T], texts: Iterable[str]) -> list[T]:
    """The things in these texts; one that can't be read is told and left out: the others matter more."""
    found = []
    for text in texts:
        try:
            found.append(decoder.decode(text))
        except msgspec.DecodeError as error:
            _log.error("record_unreadable", cause=str(error), text=text[:200], action="it is left out")
    return found


def words_of(alert: Alert) -> str:
    """What a search looks through: message (in all languages), metric and labels, in small letters, a line each."""
    said = [alert.message, *(text for _, text in alert.messages)]
    parts = [*said, alert.metric, *(f"{name}={value}" for name, value in alert.labels)]
    return searchable("\n".join(part.replace("\n", " ") for part in parts))


def searchable(text: str) -> str:
    """Small letters, without what a database doesn't take (PostgreSQL no NUL, none lone surrogates)."""
    return _clean_text(text.lower().replace("\x00", "\ufffd"))


def gist_of(step: Transition) -> str | None:
    """Equal for updates that tell nothing but a newer value; None for any other step."""
    if step.change != "updated":
        return None
    alert = step.alert
    return f"{alert.severity} {alert.no_data:d} {alert.clearing_at is not None:d}"


def row_of_alert(alert: Alert) -> dict[str, object]:
    """Its row, but for `heard`."""
    return {
        "id": alert.id,
        "phase": alert.phase,
        "pending_at": alert.pending_at,
        "fired_at": alert.fired_at,
        "resolved_at": alert.resolved_at,
        "words": words_of(alert),
        "body": text_of(alert),
    }


def row_of_notice(notice: Notice) -> dict[str, object]:
    """The row of a notice that nobody has tried to deliver yet."""
    return {
        "id": notice.id,
        "channel": notice.channel,
        "rank": SEVERITIES.index(notice.severity),
        "at": notice.at,
        "notice": text_of(notice),
        **standing_of(Delivery(notice=notice, next_at=notice.at)),
    }


def standing_of(delivery: Delivery) -> dict[str, object]:
    """The columns that change while it is on its way, but for `ended`."""
    return {
        "state": delivery.state,
        "next_at": delivery.next_at,
        "standing": text_of(
            Standing(
                attempts=delivery.attempts,
                error=delivery.error,
                receipt=delivery.receipt,
                channel_used=delivery.channel_used,
                done_at=delivery.done_at,
            )
        ),
    }


def delivery_of(bare: Delivery, standing: Standing) -> Delivery:
    """The delivery with how it stands."""
    return replace(bare, **msgspec.structs.asdict(standing))


def last_of(silence: Silence) -> int | None:
    """The moment from which a silence is over for good; None where it comes back for ever."""
    ends: list[int] = [] if silence.ended_at is None else [silence.ended_at]
    if not silence.repeats:
        ends.append(silence.ends_at)
    elif silence.until is not None:
        ends.append(silence.until + _DAY)
    return min(ends, default=None)


def _clean(thing: object) -> object:
    if isinstance(thing, str):
        return _clean_text(thing)
    if isinstance(thing, dict):
        return {_clean(name): _clean(value) for name, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_clean(one) for one in thing]
    return thing


def _clean_text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
