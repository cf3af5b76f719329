"""From all processes to what is shown of them."""

from __future__ import annotations

import pytest

from bongsu.collect.top import Groups, Seen, rates, top_list
from bongsu.model.sample import Sample


def seen(
    pid: int, name: str = "x", *, cpu: float = 0.0, memory: int = 0, began: float = 1.0, kernel: bool = False
) -> Seen:
    return Seen(pid=pid, began=began, name=name, kernel=kernel, state="S", cpu=cpu, memory=memory, threads=1)


def named(samples: list[Sample], metric: str) -> dict[str, float]:
    return {dict(sample.labels)["process"]: sample.value for sample in samples if sample.metric == metric}


def test_cpu_is_per_cent_of_one_core() -> None:
    """3 s of CPU in 2 s are 150 %; a process that began since counts from its beginning, a reused pid as a new one."""
    now = [seen(1, cpu=13.0), seen(2, cpu=0.5, began=9.0), seen(3, cpu=1.0, began=9.0)]
    before = {(1, 1.0): 10.0, (3, 1.0): 100.0}
    assert rates(before, now, 2.0) == {1: 150.0, 2: 25.0, 3: 50.0}


def test_the_first_reading_knows_no_rates() -> None:
    """Without a reading before there is no rate, nor without time between."""
    assert rates(None, [seen(1, cpu=5.0)], 1.0) == {}
    assert rates({}, [seen(1, cpu=5.0)], 0.0) == {}


def test_the_list_holds_the_busiest_and_the_largest() -> None:
    """By CPU and by memory, each process once, the busiest first; unknown states are called so."""
    processes = [seen(pid, cpu=pid, memory=100 - pid) for pid in range(1, 50)]
    found = top_list(7, processes, {one.pid: float(one.pid) for one in processes}, rows=2)
    assert [row.pid for row in found.rows] == [49, 48, 2, 1]
    assert (found.at, found.total) == (7, 49)
    assert top_list(7, processes, {}, rows=1).rows[0].cpu is None


def test_processes_of_one_name_are_added_up() -> None:
    """Eight workers are one line; the kernel's own are one as well."""
    processes = [seen(pid, "worker", memory=10) for pid in range(8)]
    processes += [seen(100 + pid, f"kworker/{pid}", kernel=True) for pid in range(50)]
    samples = Groups().samples(processes, {one.pid: 2.0 for one in processes})
    assert named(samples, "process_cpu_usage") == {"worker": 16.0, "(kernel)": 100.0}
    assert named(samples, "process_memory_bytes")["worker"] == 80


def test_a_name_that_was_listed_stays_a_while() -> None:
    """Its line doesn't break off as soon as it is calm; after `linger` readings it does."""
    groups = Groups(top=1, linger=3)
    busy, calm = seen(1, "busy", memory=5), seen(2, "calm", memory=1)
    assert set(named(groups.samples([busy, calm], {1: 50.0, 2: 1.0}), "process_cpu_usage")) == {"busy"}
    kept = [
        set(named(groups.samples([calm, seen(1, "busy")], {1: 0.0, 2: 9.0}), "process_cpu_usage")) for _ in range(4)
    ]
    assert kept == [{"busy", "calm"}, {"busy", "calm"}, {"calm"}, {"calm"}]


def test_an_idle_process_is_not_listed_by_cpu() -> None:
    """Who used neither CPU nor memory isn't worth a line."""
    assert Groups().samples([seen(1, "idle")], {1: 0.0}) == []


@pytest.mark.parametrize("limit", [1, 20])
def test_names_cannot_explode(limit: int) -> None:
    """However many names a machine makes up, no more than the limit and "(others)" become series."""
    groups = Groups(top=5, limit=limit)
    names: set[str] = set()
    for turn in range(300):
        processes = [seen(pid, f"job-{turn}-{pid}", memory=pid + 1) for pid in range(10)]
        samples = groups.samples(processes, {one.pid: 1.0 for one in processes})
        listed = [sample.labels for sample in samples if sample.metric == "process_memory_bytes"]
        assert len(listed) == len(set(listed)), "each series once a reading"
        names |= set(named(samples, "process_memory_bytes"))
        assert len(listed) <= 20
    assert len(names) <= limit + 1
    assert "(others)" in names


def test_one_reading_is_bounded_as_well() -> None:
    """Where each reading has others on top and all live on, no more than four times `top` are listed."""
    groups = Groups(top=5, linger=60)
    for turn in range(50):
        processes = [seen(pid, f"job-{pid}", memory=1) for pid in range(100)]
        samples = groups.samples(processes, {(turn * 5 + step) % 100: 50.0 for step in range(5)})
        listed = named(samples, "process_memory_bytes")
        assert len(listed) <= 20
        assert {f"job-{(turn * 5 + step) % 100}" for step in range(5)} <= listed.keys(), "those of now are always in"
