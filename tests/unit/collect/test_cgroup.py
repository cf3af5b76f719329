"""Which control group's limits bind."""

from __future__ import annotations

from pathlib import Path

from bongsu.collect.cgroup import ControlGroup, CpuUse, MemoryUse

GIB = 1 << 30


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


V1 = {
    "memory/memory.limit_in_bytes": f"{GIB}\n",
    "memory/memory.usage_in_bytes": f"{GIB // 2}\n",
    "memory/memory.stat": "inactive_file 5\ntotal_inactive_file 12\n",
    "cpu/cpu.cfs_quota_us": "150000\n",
    "cpu/cpu.cfs_period_us": "100000\n",
    "cpuacct/cpuacct.usage": "2500000000\n",
}


def test_version_1(tmp_path: Path) -> None:
    """Limits of the mounted root, as most engines show their containers."""
    group = ControlGroup(root=tree(tmp_path, V1), own=tmp_path / "none")
    assert group.memory(16 * GIB) == MemoryUse(limit=GIB, used=GIB // 2 - 12)
    assert group.cpu(8) == CpuUse(cores=1.5, used=2.5)
    group.close()


def test_limits_above_the_machine_do_not_bind(tmp_path: Path) -> None:
    """The "unlimited" of version 1 is a huge number; a quota of more cores than there are binds nothing."""
    files = V1 | {"memory/memory.limit_in_bytes": "9223372036854771712\n", "cpu/cpu.cfs_quota_us": "-1\n"}
    group = ControlGroup(root=tree(tmp_path, files), own=tmp_path / "none")
    assert group.memory(16 * GIB) is None
    assert group.cpu(8) is None
    assert ControlGroup(root=tree(tmp_path, V1), own=tmp_path / "none").cpu(1) is None
    group.close()


def test_a_machine_of_its_own_has_no_limits(tmp_path: Path) -> None:
    """Neither an empty tree nor the root of version 2 binds, nor does the group of our own service."""
    own = tmp_path / "own"
    own.write_text("0::/system.slice/bongsu.service\n")
    root = tree(
        tmp_path / "cgroup",
        {
            "cgroup.controllers": "cpu memory",
            "system.slice/bongsu.service/memory.max": f"{GIB}\n",
            "system.slice/bongsu.service/memory.current": "1\n",
            "system.slice/bongsu.service/memory.stat": "",
        },
    )
    assert ControlGroup(root=root, own=own).memory(16 * GIB) is None
    assert ControlGroup(root=tmp_path / "nowhere", own=own).cpu(8) is None


def test_a_container_that_shares_the_hosts_view_is_found_by_its_path(tmp_path: Path) -> None:
    """With the host's whole tree mounted, the path of our group says which part is ours."""
    own = tmp_path / "own"
    own.write_text("0::/kubepods/pod1/abc\n")
    home = "kubepods/pod1/abc/"
    files = {"memory.max": f"{GIB}\n", "memory.current": "10\n", "memory.stat": "inactive_file 4\n"}
    root = tree(tmp_path / "cgroup", {"cgroup.controllers": "", **{home + name: text for name, text in files.items()}})
    group = ControlGroup(root=root, own=own)
    assert group.memory(16 * GIB) == MemoryUse(limit=GIB, used=6)
    group.close()
