"""The certificate that our ports show, kept in step with its files."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable
from pathlib import Path
from typing import Protocol, TypeAlias

import structlog

from bongsu.tls.certificate import Certificate, KeyFiles, TlsError, read, reason

LOOK_SECONDS = 5.0
"""Between two looks at the files."""
SOON_DAYS = 14.0
"""Before its end a certificate is worth a word in the log: certbot renews thirty days ahead."""

_Stamp: TypeAlias = tuple[tuple[int, int, int], ...]


class Sleeper(Protocol):
    """What is used of a clock."""

    def now(self) -> int:
        """Wall time, UTC ms."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    def sleep_until(self, moment: float) -> Awaitable[None]:
        """Wait until `monotonic()` reaches `moment`."""
        ...


class ServedTls:
    """One context for all ports. `look` takes in renewed files: new connections get the new certificate, those that
    stand go on. A renewed pair that can't be used changes nothing, is told in the log, and counts as `failing`.

    Raises:
        TlsError: the files can't be used.
    """

    def __init__(self, files: KeyFiles) -> None:
        self._adopt(files, _made(files), read(files.certificate))

    @classmethod
    def around(cls, context: ssl.SSLContext, files: KeyFiles) -> ServedTls:
        """The same for a context that somebody else made of these files (uvicorn, for Streamlit)."""
        one = cls.__new__(cls)
        one._adopt(files, context, read(files.certificate))
        return one

    def _adopt(self, files: KeyFiles, context: ssl.SSLContext, certificate: Certificate) -> None:
        self.files = files
        self.context = context
        """TLS 1.2 and newer with Python's choice of ciphers."""
        self.certificate = certificate
        self.failing = ""
        """Why the renewed files can't be used; empty while they can."""
        self._seen = _stamp(files)
        self._told_end = False
        self._log = structlog.get_logger("bongsu.tls")

    def look(self, now: int) -> bool:
        """Take in files that changed since the last look; whether a new certificate is shown from now on."""
        self._tell_end(now)
        stamp = _stamp(self.files)
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            certificate = read(self.files.certificate)
            _made(self.files)  # a key that doesn't fit would leave the context in use with half of each
            self.context.load_cert_chain(self.files.certificate, self.files.key, lambda: self.files.password)
        except TlsError as error:
            self.failing = error.detail
            self._log.error("the renewed certificate can't be used; the old one is shown further", reason=error.detail)
            return False
        except (OSError, ssl.SSLError, ValueError) as error:
            self.failing = reason(error)
            self._log.error("the renewed certificate can't be used; the old one is shown further", reason=self.failing)
            return False
        self.failing, self.certificate, self._told_end = "", certificate, False
        self._log.info("certificate renewed", names=certificate.names, days=round(certificate.days(now)))
        return True

    async def follow(self, clock: Sleeper) -> None:
        """Look every five seconds, until cancelled."""
        while True:
            self.look(clock.now())
            await clock.sleep_until(clock.monotonic() + LOOK_SECONDS)

    def _tell_end(self, now: int) -> None:
        days = self.certificate.days(now)
        if days < SOON_DAYS and not self._told_end:
            self._told_end = True
            say = self._log.error if days < 0 else self._log.warning
            say("the certificate has ended" if days < 0 else "the certificate ends soon", days=round(days, 1))


def _made(files: KeyFiles) -> ssl.SSLContext:
    """A context with this certificate.

    Raises:
        TlsError: it and the key can't be read, or don't belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    for path in (files.certificate, files.key):
        try:
            path.read_bytes()
        except OSError as error:
            raise TlsError(f"{path} can't be read: {reason(error)}") from None
    try:
        context.load_cert_chain(files.certificate, files.key, lambda: files.password)
    except (OSError, ssl.SSLError, ValueError) as error:
        hint = "the key must belong to the certificate; an encrypted key needs server.tls.password"
        raise TlsError(f"{files.certificate} and {files.key} can't be used: {reason(error)}", hint=hint) from None
    return context


def _stamp(files: KeyFiles) -> _Stamp:
    return tuple(_stamp_of(path) for path in (files.certificate, files.key))


def _stamp_of(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
