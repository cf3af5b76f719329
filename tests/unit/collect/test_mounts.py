"""Which mounts are disks that can fill up."""

from __future__ import annotations

import pytest

from bongsu.collect.mounts import MountTable, choose

NODEV = frozenset(("proc", "sysfs", "tmpfs", "overlay", "nfs4", "zfs", "cgroup2", "fuse", "autofs"))


def line(device: str, path: str, kind: str, source: str = "/dev/x", root: str = "/") -> str:
    return f"22 27 {device} {root} {path} rw,relatime shared:1 - {kind} {source} rw"


@pytest.mark.parametrize(
    ("lines", "paths"),
    [
        ([line("8:1", "/", "ext4"), line("0:5", "/proc", "proc"), line("0:6", "/run", "tmpfs")], ["/"]),
        ([line("8:1", "/", "ext4"), line("7:1", "/snap/core/1", "squashfs")], ["/"]),
        ([line("8:1", "/", "ext4"), line("8:1", "/srv/copy", "ext4", root="/data")], ["/"]),
        ([line("8:2", "/var/lib/x/mount", "xfs", root="/part"), line("8:2", "/data", "xfs")], ["/data"]),
        ([line("0:40", "/", "overlay"), line("8:1", "/file/hosts", "ext4", root="/h")], ["/"]),
        ([line("8:1", "/file/h", "ext4", root="/h"), line("8:1", "/longer/path", "ext4", root="/v")], ["/longer/path"]),
        ([line("8:1", "/", "ext4"), line("0:41", "/var/lib/docker/overlay2/a/merged", "overlay")], ["/"]),
        ([line("0:30", "/tank", "zfs", "tank"), line("0:31", "/tank/a", "zfs", "tank/a")], ["/tank", "/tank/a"]),
        ([line("8:1", "/", "ext4"), line("8:17", r"/mnt/my\040disk", "ext4")], ["/", "/mnt/my disk"]),
        ([line("8:1", "/", "ext4"), line("0:50", "/auto", "autofs")], ["/"]),
        ([line("8:1", "/", "ext4"), line("8:1", "/", "tmpfs")], []),
    ],
)
def test_the_choice(lines: list[str], paths: list[str]) -> None:
    """Disks once each, not memory, images, overlays, single files or what is hidden beneath another mount."""
    chosen = choose(lines, NODEV, is_file=lambda path: path.startswith("/file/"))
    assert [mount.path for mount in chosen] == paths


def test_what_can_hang_is_remote() -> None:
    """Network and FUSE mounts are marked, local disks are not."""
    lines = [
        line("8:1", "/", "ext4"),
        line("0:50", "/nas", "nfs4", "nas:/a"),
        line("0:51", "/cloud", "fuse.s3fs", "s3fs"),
        line("8:33", "/win", "fuseblk"),
    ]
    chosen = {mount.path: mount.remote for mount in choose(lines, NODEV | {"fuse.s3fs"})}
    assert chosen == {"/": False, "/nas": True, "/cloud": True, "/win": True}


def test_two_shares_of_one_server_are_two_disks() -> None:
    """Their device number may be the same; their source isn't."""
    lines = [line("0:50", "/a", "nfs4", "nas:/a"), line("0:50", "/b", "nfs4", "nas:/b")]
    assert [mount.path for mount in choose(lines, NODEV)] == ["/a", "/b"]


def test_the_number_is_bounded() -> None:
    """Of a thousand mounts sixty-four are watched, those nearest the root."""
    lines = [line(f"9:{number}", f"/very/deep/{number}", "ext4") for number in range(1000)] + [line("8:1", "/", "ext4")]
    chosen = choose(lines, NODEV)
    assert len(chosen) == 64
    assert chosen[0].path == "/"


def test_the_real_table_can_be_read() -> None:
    """This machine has a root, and asking twice reads the table once."""
    table = MountTable()
    first = table.mounts()
    assert "/" in [mount.path for mount in first]
    assert table.mounts() is first
    table.close()
    assert table.mounts() == first, "a closed table opens again"
    table.close()
