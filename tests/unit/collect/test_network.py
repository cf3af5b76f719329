"""Network rates and the choice of interfaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.collect.network import Interfaces, NetworkCollector
from tests.fakes.clock import VirtualClock

HEAD = "Inter-|   Receive                |  Transmit\n face |bytes    packets errs drop …\n"


def row(name: str, received: int, sent: int, *, errors: int = 0, drops: int = 0) -> str:
    return f"{name:>6}: {received} {received // 100} {errors} {drops} 0 0 0 0 {sent} {sent // 100} 0 0 0 0 0 0\n"


def table(proc: Path, *rows: str) -> None:
    (proc / "net").mkdir(exist_ok=True)
    (proc / "net" / "dev").write_text(HEAD + "".join(rows))


def hardware(root: Path, *names: str) -> Interfaces:
    for name in names:
        (root / name / "device").mkdir(parents=True)
    return Interfaces(root)


@pytest.mark.guide("G002")
async def test_rates_by_interface(clock: VirtualClock, proc: Path, tmp_path: Path) -> None:
    """Receive rate first, then what was sent, the sum of both, packets, errors and drops; loopback isn't traffic."""
    collector = NetworkCollector(clock=clock, proc=proc, interfaces=hardware(tmp_path / "net", "eth0"))
    table(proc, row("lo", 5000, 5000), row("eth0", 1000, 100))
    assert list(collector.collect()) == []
    await clock.advance(2)
    table(proc, row("lo", 9000, 9000), row("eth0", 5000, 700, errors=4, drops=2))
    samples = list(collector.collect())
    assert {sample.labels for sample in samples} == {(("interface", "eth0"),)}
    assert samples[0].metric == "network_receive_bytes_per_second"
    read = {sample.metric: sample.value for sample in samples}
    assert read["network_receive_bytes_per_second"] == 2000
    assert read["network_transmit_bytes_per_second"] == 300
    assert read["network_throughput_bytes_per_second"] == 2300
    assert read["network_receive_packets_per_second"] == 20
    assert read["network_errors_per_second"] == 2
    assert read["network_drops_per_second"] == 1
    collector.close()


async def test_an_interface_that_comes_back_starts_anew(clock: VirtualClock, proc: Path, tmp_path: Path) -> None:
    """After its counters began again there is a gap of one reading, not a spike and not a negative rate."""
    collector = NetworkCollector(clock=clock, proc=proc, interfaces=hardware(tmp_path / "net", "eth0"))
    table(proc, row("eth0", 10**12, 10**12))
    collector.collect()
    await clock.advance(1)
    table(proc, row("eth0", 500, 500))
    assert list(collector.collect()) == []
    await clock.advance(1)
    table(proc, row("eth0", 700, 500))
    assert list(collector.collect())[0].value == 200  # noqa: RUF015 - a list is meant
    collector.close()


async def test_new_interfaces_are_seen_and_silent_ones_left_out(
    clock: VirtualClock, proc: Path, tmp_path: Path
) -> None:
    """An interface that is plugged in appears; one that never carried a byte doesn't."""
    collector = NetworkCollector(clock=clock, proc=proc, interfaces=hardware(tmp_path / "net", "eth0", "eth1", "eth2"))
    table(proc, row("eth0", 1000, 0), row("eth2", 0, 0))
    collector.collect()
    for received in (1, 2, 3):
        await clock.advance(1)
        table(proc, row("eth0", 1000, 0), row("eth1", received, 0), row("eth2", 0, 0))
        samples = list(collector.collect())
    assert {dict(sample.labels)["interface"] for sample in samples} == {"eth0", "eth1"}
    collector.close()


@pytest.mark.parametrize(
    ("real", "names", "chosen"),
    [
        (["eno1"], ["lo", "eno1", "docker0", "veth12ab", "wg0"], ("eno1",)),
        ([], ["lo", "eth0", "ifb0"], ("eth0",)),
        ([], ["lo", "docker0", "br-12", "cali77"], ()),
        (["eth0", "eth1"], ["lo", "eth0", "eth1", "bond0"], ("eth0", "eth1")),
    ],
)
def test_the_choice(tmp_path: Path, real: list[str], names: list[str], chosen: tuple[str, ...]) -> None:
    """Hardware where there is some; in a container what isn't plumbing."""
    assert hardware(tmp_path, *real).choose(names) == chosen
