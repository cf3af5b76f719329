"""The certificate of our ports as figures."""

from __future__ import annotations

from collections.abc import Iterable

from bongsu.model.sample import Sample
from bongsu.ports import Clock
from bongsu.tls import ServedTls


class CertificateFigures:
    """Implements `Watched`: how long the certificate still holds, and whether its renewal works."""

    def __init__(self, tls: ServedTls, clock: Clock) -> None:
        self._tls = tls
        self._clock = clock

    def figures(self) -> Iterable[Sample]:
        """Days left, and whether the renewed files can't be used."""
        yield Sample(metric="bongsu_tls_certificate_days", value=self._tls.certificate.days(self._clock.now()))
        yield Sample(metric="bongsu_tls_renewal_failing", value=float(bool(self._tls.failing)))
