"""Events of feeds on the wire: in columns, each body under a key of its own, so that one tried again counts once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from bongsu.client.wire import CHUNK, Asked
from bongsu.model.event import Event


def events_asked(events: Iterable[Event]) -> Iterator[Asked]:
    """`POST /api/v1/events`, as many times as it takes; reads no further than what is sent next."""
    rest = iter(events)
    while chunk := list(islice(rest, CHUNK)):
        key = {"idempotency-key": secrets.token_hex(16)}
        yield Asked(method="POST", path="/api/v1/events", parameters={}, body=body_of(chunk), headers=key)


def body_of(events: list[Event]) -> bytes:
    """The events as one columnar body."""
    places: dict[tuple[str, str], int] = {}
    index = [places.setdefault((one.feed, one.symbol), len(places)) for one in events]
    names = dict.fromkeys(name for one in events for name in one.fields)
    body: dict[str, object] = {
        "feeds": [feed for feed, _ in places],
        "symbols": [symbol for _, symbol in places],
        "index": index,
        "at": [one.at for one in events],
        "fields": {name: [one.fields.get(name) for one in events] for name in names},
    }
    if any(one.seq is not None for one in events):
        body["seq"] = [one.seq for one in events]
    if any(one.session is not None for one in events):
        body["session"] = [one.session for one in events]
    return msgspec.json.encode(body)
