"""Temperatures, where the machine has sensors."""

from __future__ import annotations

from collections.abc import Sequence

import psutil

from bongsu.collect.untrusted import printable
from bongsu.model.sample import Sample, labels_of

MOST_SENSORS = 32


class TemperatureCollector:
    """All sensors, in a thread: some take milliseconds to answer."""

    name = "temperature"

    def __init__(self, *, interval: float = 10.0) -> None:
        self.interval = interval

    def collect(self) -> Sequence[Sample]:
        """Degrees Celsius by sensor, at most `MOST_SENSORS`; nothing where there are none."""
        samples: dict[str, Sample] = {}
        for chip, sensors in psutil.sensors_temperatures().items():
            for number, sensor in enumerate(sensors):
                name = printable(f"{chip} {sensor.label or number}".strip())
                if len(samples) < MOST_SENSORS:
                    value = float(sensor.current)
                    samples[name] = Sample(metric="temperature_celsius", value=value, labels=labels_of(sensor=name))
        return list(samples.values())

    def close(self) -> None:
        """Nothing is held open."""


def has_sensors() -> bool:
    """Whether this machine tells temperatures (virtual ones don't)."""
    name = "sensors_temperatures"  # not on every system
    return bool(getattr(psutil, name, dict)())
