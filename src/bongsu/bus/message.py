"""What the owner tells: values as columns, the names of series once, events. Pure: bytes in, bytes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import numpy as np

from bongsu.model.metric import Metric, Topic
from bongsu.model.sample import Batch, Float64s, Int64s, Labels

LATEST = "latest_metrics"
"""The key that holds the latest values, as the guide calls it."""
LATEST_SECONDS = 300
"""For how long they are kept once the owner falls silent."""

VERSION = 1

Happening = Literal["alert", "check", "mark"]


class Unreadable(Exception):
    """A message of another version, or none of ours."""


class Known(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What an id of the owner's stands for, told before or with its first value."""

    id: int
    metric: str
    labels: Labels


class Event(msgspec.Struct, array_like=True, frozen=True):
    """Something that is told at once: the arguments of the hub's `announce`."""

    kind: Happening
    topic: Topic | None
    body: dict[str, Any]


class Message(msgspec.Struct, array_like=True, frozen=True):
    """One message of the owner.

    `boot` is the owner's start, `term` its claim's, `number` counts its messages from 1; `at` is when it was made (UTC
    ms). `epoch` rises when series vanish. `declared` explains the metrics among `known` that aren't built in.
    `series` (int32), `times` (int64, UTC ms) and `values` (float64) are columns of equal length in little-endian bytes.
    """

    version: int
    boot: str
    term: int
    number: int
    at: int
    epoch: int
    declared: list[Metric] = []
    known: list[Known] = []
    series: bytes = b""
    times: bytes = b""
    values: bytes = b""
    events: list[Event] = []

    def columns(self) -> tuple[Int64s, Int64s, Float64s]:
        """Ids of the owner's, times and values."""
        ids = np.frombuffer(self.series, "<i4").astype(np.int64)
        times = np.frombuffer(self.times, "<i8").astype(np.int64)
        values = np.frombuffer(self.values, "<f8").astype(np.float64)
        if not len(ids) == len(times) == len(values):
            raise Unreadable("columns of different lengths")
        return ids, times, values


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One of the latest values."""

    metric: str
    labels: dict[str, str]
    value: float
    at: int


class Latest(msgspec.Struct, frozen=True):
    """What `latest_metrics` holds: the body of `GET /api/v1/metrics`, and beside it what a viewer needs to go on.

    `ids` are the owner's, in the order of `metrics`; `number` is the last message whose values are surely in it;
    `catalogue` explains the metrics that aren't built in.
    """

    version: int
    boot: str
    term: int
    number: int
    at: int
    epoch: int
    ids: list[int]
    catalogue: list[Metric]
    metrics: list[Entry]


_message = msgspec.msgpack.Decoder(Message)
_latest = msgspec.json.Decoder(Latest)
_encoder = msgspec.msgpack.Encoder()


def encoded(message: Message) -> bytes:
    """The message as it goes over the bus."""
    return _encoder.encode(message)


def decoded(data: bytes) -> Message:
    """The message.

    Raises:
        Unreadable: it is none of this version.
    """
    try:
        message = _message.decode(data)
    except (msgspec.DecodeError, ValueError) as error:
        raise Unreadable(str(error)) from error
    if message.version != VERSION:
        raise Unreadable(f"version {message.version}")
    return message


def packed(batch: Batch) -> Mapping[str, bytes]:
    """The columns of a batch as bytes, under the message's names."""
    return {
        "series": batch.series.astype("<i4", copy=False).tobytes(),
        "times": batch.at.astype("<i8", copy=False).tobytes(),
        "values": batch.value.astype("<f8", copy=False).tobytes(),
    }


def latest_of(data: bytes) -> Latest:
    """What `latest_metrics` says.

    Raises:
        Unreadable: somebody else wrote it, or another version.
    """
    try:
        latest = _latest.decode(data)
    except (msgspec.DecodeError, ValueError) as error:
        raise Unreadable(str(error)) from error
    if latest.version != VERSION or len(latest.ids) != len(latest.metrics):
        raise Unreadable(f"version {latest.version}")
    return latest


def head_of_latest(message: Message, catalogue: list[Metric]) -> bytes:
    """The beginning of `latest_metrics`, up to its ids."""
    head = {
        "version": VERSION,
        "boot": message.boot,
        "term": message.term,
        "number": message.number,
        "at": message.at,
        "epoch": message.epoch,
        "catalogue": catalogue,
    }
    return msgspec.json.encode(head)[:-1]
