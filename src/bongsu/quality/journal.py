"""The journal of events: what was acknowledged and is in no checkpoint yet, in files of numbered generations.

A file is a run of records: length and CRC-32 of what follows, then the record as MessagePack. A record that was cut
off by a crash ends the file: it was never acknowledged.
"""

from __future__ import annotations

import errno
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bongsu.model.errors import StorageFull, Unavailable
from bongsu.model.event import EventBatch, Field

_HEAD = struct.Struct("<II")
_PREFIX = "feeds.journal."
_LARGEST = 1 << 30
_FULL = (errno.ENOSPC, errno.EDQUOT)


class KeptField(msgspec.Struct, array_like=True):
    """A field's column."""

    value: bytes
    kind: bytes | None


class KeptBatch(msgspec.Struct, array_like=True):
    """The events of one feed; `names` are those of symbols from id `first_name` on, which no record before names."""

    feed: str
    arrived: int
    first_name: int
    names: list[str]
    symbol: bytes
    at: bytes
    seq: bytes | None
    session: bytes | None
    fields: dict[str, KeptField]


class Record(msgspec.Struct, array_like=True):
    """One body: its key ("" without), digest and receipt, and its events."""

    key: str
    digest: int
    accepted: int
    refused: int
    batches: list[KeptBatch]


def kept(batch: EventBatch, first_name: int, names: list[str]) -> KeptBatch:
    """A batch as it stands in a record."""
    return KeptBatch(
        feed=batch.feed,
        arrived=batch.arrived,
        first_name=first_name,
        names=names,
        symbol=batch.symbol.tobytes(),
        at=batch.at.tobytes(),
        seq=None if batch.seq is None else batch.seq.tobytes(),
        session=None if batch.session is None else batch.session.tobytes(),
        fields={
            name: KeptField(value=one.value.tobytes(), kind=None if one.kind is None else one.kind.tobytes())
            for name, one in batch.fields.items()
        },
    )


def batch_of(one: KeptBatch) -> EventBatch:
    """The batch of a record."""
    return EventBatch(
        feed=one.feed,
        arrived=one.arrived,
        symbol=np.frombuffer(one.symbol, np.int32),
        at=np.frombuffer(one.at, np.int64),
        seq=None if one.seq is None else np.frombuffer(one.seq, np.int64),
        session=None if one.session is None else np.frombuffer(one.session, np.int32),
        fields={
            name: Field(
                value=np.frombuffer(kept_field.value, np.float64),
                kind=None if kept_field.kind is None else np.frombuffer(kept_field.kind, np.uint8),
            )
            for name, kept_field in one.fields.items()
        },
    )


def encoded(record: Record) -> bytes:
    """A record as it is written."""
    body = msgspec.msgpack.encode(record)
    return _HEAD.pack(len(body), zlib.crc32(body)) + body


def generations(folder: Path) -> list[int]:
    """The numbers of the journals in a folder, rising."""
    numbers = [path.name.removeprefix(_PREFIX) for path in folder.glob(_PREFIX + "*")]
    return sorted(int(number) for number in numbers if number.isdecimal())


def path_of(folder: Path, number: int) -> Path:
    """Where a generation lies."""
    return folder / f"{_PREFIX}{number}"


def read(path: Path) -> Iterator[Record]:
    """The records of a file, up to the first that is torn or damaged."""
    decoder = msgspec.msgpack.Decoder(Record)
    with path.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            length, check = _HEAD.unpack(head)
            if length > _LARGEST:
                return
            body = file.read(length)
            if len(body) < length or zlib.crc32(body) != check:
                return
            yield decoder.decode(body)


class JournalFile:
    """The generation being written. Its methods block: call them in the journal's thread."""

    def __init__(self, folder: Path, number: int, *, sync: bool) -> None:
        self._folder = folder
        self.number = number
        self._sync = sync
        self._file = os.open(path_of(folder, number), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self.size = 0
        self._unsynced = False

    def write(self, records: Sequence[bytes]) -> None:
        """Append records; returns once they survive a crash of ours (or, where `sync` is set, power loss).

        Raises:
            StorageFull, Unavailable: nothing of them is in the file.
        """
        try:
            for record in records:
                view = memoryview(record)
                while view:
                    view = view[os.write(self._file, view) :]
            if self._sync:
                os.fdatasync(self._file)
        except OSError as error:
            os.ftruncate(self._file, self.size)
            os.lseek(self._file, self.size, os.SEEK_SET)
            raise told(error, self._folder) from None
        self._unsynced = True
        self.size += sum(map(len, records))

    def flush(self) -> None:
        """Make what was written survive power loss."""
        if self._unsynced and not self._sync:
            os.fdatasync(self._file)
            self._unsynced = False

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def told(error: OSError, folder: Path) -> StorageFull | Unavailable:
    """What the sender is told of a file that can't be written."""
    if error.errno in _FULL:
        return StorageFull("the disk of the data folder is full", hint="make room; the events were not taken")
    return Unavailable(f"the journal can't be written: {error.strerror}", hint=f"see {folder.name}", retry_after=5)
