"""Network by interface, from /proc/net/dev."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bongsu.collect.counter import Rates
from bongsu.collect.procfs import KeptFile
from bongsu.model.sample import Labels, Sample, labels_of
from bongsu.ports import Clock

MOST_INTERFACES = 64
"""A bound against machines that make interfaces by the hundred."""

_VIRTUAL = re.compile(
    r"lo\d*|(veth|docker|br-|virbr|cni|flannel|cali|cilium|lxc|ifb|dummy|tunl|sit|gre|erspan|ip6|ip_vti|kube|nodelocaldns|vnet"
    r"|tap|podman|utun|awdl|llw|anpi|gif|stf|bridge|ap\d).*"
)


class Interfaces:
    """Which interfaces tell of traffic that leaves or reaches the machine.

    Those with hardware behind them; where there is none (inside a container), those whose name isn't one that
    container engines and kernels give to their inner plumbing. Counting both would count each packet twice.
    """

    def __init__(self, net: Path = Path("/sys/class/net")) -> None:
        self._net = net

    def choose(self, names: Sequence[str]) -> tuple[str, ...]:
        """The names worth watching, at most `MOST_INTERFACES`."""
        real = [name for name in names if (self._net / name / "device").exists()]
        return tuple(real or [name for name in names if not _VIRTUAL.fullmatch(name)])[:MOST_INTERFACES]


class NetworkCollector:
    """Rates a second by interface: bytes, packets, errors, drops. An interface that never saw a byte is left out."""

    name = "network"
    inline = True

    def __init__(
        self,
        *,
        clock: Clock,
        interval: float = 1.0,
        proc: Path = Path("/proc"),
        interfaces: Interfaces | None = None,
    ) -> None:
        self.interval = interval
        self._clock = clock
        self._file = KeptFile(proc / "net" / "dev")
        self._interfaces = interfaces or Interfaces()
        self._rates: Rates[bytes] = Rates((64,) * 8)
        self._seen: tuple[bytes, ...] = ()
        self._labels: dict[bytes, Labels] = {}

    def collect(self) -> Sequence[Sample]:
        """Rates since the last reading; nothing at the first."""
        lines = self._file.read().split(b"\n")[2:-1]
        rows = {}
        for line in lines:
            key, _, rest = line.partition(b":")
            rows[key] = rest
        if tuple(rows) != self._seen:
            self._look(tuple(rows))
        counters = {key: _counters(rows[key]) for key in self._labels}
        samples: list[Sample] = []
        for key, rates in self._rates.of(counters, self._clock.monotonic()).items():
            if counters[key][0] or counters[key][4]:
                samples += interface_samples(self._labels[key], rates)
        return samples

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _look(self, seen: tuple[bytes, ...]) -> None:
        self._seen = seen
        by_name = {key.strip().decode(errors="replace"): key for key in seen}
        chosen = self._interfaces.choose(list(by_name))
        self._labels = {by_name[name]: labels_of(interface=name) for name in chosen}


def interface_samples(labels: Labels, rates: Sequence[float]) -> list[Sample]:
    """Samples from rates in the kernel's order: bytes, packets, errors and drops received, the same sent."""
    received, packets_in, errors_in, drops_in, sent, packets_out, errors_out, drops_out = rates
    return [
        Sample(metric="network_receive_bytes_per_second", value=received, labels=labels),
        Sample(metric="network_transmit_bytes_per_second", value=sent, labels=labels),
        Sample(metric="network_throughput_bytes_per_second", value=received + sent, labels=labels),
        Sample(metric="network_receive_packets_per_second", value=packets_in, labels=labels),
        Sample(metric="network_transmit_packets_per_second", value=packets_out, labels=labels),
        Sample(metric="network_errors_per_second", value=errors_in + errors_out, labels=labels),
        Sample(metric="network_drops_per_second", value=drops_in + drops_out, labels=labels),
    ]


def _counters(row: bytes) -> tuple[int, ...]:
    fields = row.split(None, 12)
    return (*map(int, fields[:4]), *map(int, fields[8:12]))
