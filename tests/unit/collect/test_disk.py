"""Room on disks, local and remote."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from bongsu.collect.disk import DiskCollector, RemoteDiskCollector, room
from bongsu.collect.mounts import Mount
from bongsu.collect.threads import Threads


class Given:
    """Mounts under control."""

    def __init__(self, *mounts: Mount) -> None:
        self.given = mounts

    def mounts(self) -> tuple[Mount, ...]:
        return self.given

    def close(self) -> None:
        pass


def statvfs(*, blocks: int = 1000, free: int = 400, avail: int = 350, files: int = 100) -> os.statvfs_result:
    return os.statvfs_result((4096, 4096, blocks, free, avail, files, files // 4, files // 4, 0, 255))


@pytest.mark.guide("G001")
def test_use_as_df_has_it() -> None:
    """600 blocks used and 350 left to users are 63.2 %, though the disk has 1000: the rest is root's."""
    read = {sample.metric: sample.value for sample in room("/", statvfs())}
    assert read["disk_usage"] == pytest.approx(100 * 600 / 950)
    assert read["disk_used_bytes"] == 600 * 4096
    assert read["disk_free_bytes"] == 350 * 4096
    assert read["disk_total_bytes"] == 1000 * 4096
    assert read["disk_inodes_usage"] == 75


def test_what_has_no_size_gives_nothing() -> None:
    """Neither an empty file system nor one without a fixed number of files makes up a percentage."""
    assert room("/", statvfs(blocks=0, free=0, avail=0)) == []
    assert "disk_inodes_usage" not in {sample.metric for sample in room("/", statvfs(files=0))}


def test_a_mount_that_fails_hides_no_other() -> None:
    """One unreadable mount is left out; when none can be read that is an error."""

    def read(path: str) -> os.statvfs_result:
        if path == "/bad":
            raise PermissionError(13, "Permission denied")
        return statvfs()

    good, bad = Mount(path="/", kind="ext4"), Mount(path="/bad", kind="ext4")
    samples = DiskCollector(mounts=Given(bad, good), statvfs=read).collect()
    assert {sample.labels for sample in samples} == {(("mount", "/"),)}
    with pytest.raises(PermissionError):
        DiskCollector(mounts=Given(bad), statvfs=read).collect()
    assert list(DiskCollector(mounts=Given(), statvfs=read).collect()) == []


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


async def test_a_hung_network_mount_is_told_and_harms_no_other(gate: threading.Event) -> None:
    """The one that hangs answers 0 and isn't asked again until it came back; the other has its figures all the time."""
    asked: list[str] = []
    back = threading.Event()

    def read(path: str) -> os.statvfs_result:
        asked.append(path)
        if path == "/hung":
            gate.wait(30)
            back.set()
        return statvfs()

    mounts = Given(
        Mount(path="/", kind="ext4"),
        Mount(path="/hung", kind="nfs4", remote=True),
        Mount(path="/nas", kind="nfs4", remote=True),
    )
    collector = RemoteDiskCollector(mounts=mounts, statvfs=read, patience=1.0, threads=Threads(limit=2))
    for _ in range(3):
        samples = await collector.collect()
        answering = {dict(s.labels)["mount"]: s.value for s in samples if s.metric == "disk_answering"}
        assert answering == {"/hung": 0, "/nas": 1}
        assert {dict(s.labels)["mount"] for s in samples if s.metric == "disk_usage"} == {"/nas"}
    assert asked.count("/hung") == 1
    assert "/" not in asked
    gate.set()
    assert back.wait(10)
    collector._patience = 10
    samples = await collector.collect()
    assert {dict(s.labels)["mount"]: s.value for s in samples if s.metric == "disk_answering"} == {
        "/hung": 1,
        "/nas": 1,
    }
    shown = {dict(s.labels)["mount"] for s in samples if s.metric == "disk_usage"}
    assert shown == {"/nas"}, "what came back late is too old to be shown"
    samples = await collector.collect()
    assert {dict(s.labels)["mount"] for s in samples if s.metric == "disk_usage"} == {"/hung", "/nas"}
    collector.close()


async def test_a_network_mount_that_fails_is_told() -> None:
    """A stale handle is an answer of 0, not an exception."""

    def read(path: str) -> os.statvfs_result:
        raise OSError(116, "Stale file handle")

    collector = RemoteDiskCollector(mounts=Given(Mount(path="/nas", kind="nfs4", remote=True)), statvfs=read)
    samples = await collector.collect()
    assert [(sample.metric, sample.value) for sample in samples] == [("disk_answering", 0)]
    collector.close()


async def test_without_remote_mounts_there_is_nothing() -> None:
    """Most machines have none: no thread is started for them."""
    threads = Threads()
    collector = RemoteDiskCollector(mounts=Given(Mount(path="/", kind="ext4")), threads=threads)
    assert list(await collector.collect()) == []
    assert threads.alive == 0
    collector.close()
