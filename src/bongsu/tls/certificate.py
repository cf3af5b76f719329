"""A certificate in its file: for whom it is, until when, and under which key."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from bongsu.model.errors import Unavailable

DAY_MS = 86_400_000


class TlsError(Unavailable):
    """Certificate or key can't be used; the text names the file and the reason, never what stands in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFiles:
    """Where certificate (with its chain, as certbot's `fullchain.pem`) and private key lie, both PEM.

    `password` opens an encrypted key.
    """

    certificate: Path
    key: Path
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The first certificate of a file: the one that is shown; the others only vouch for it.

    `names` are the host names and addresses it is for; `ends_at` is UTC ms.
    """

    pem: str = field(repr=False)
    names: tuple[str, ...]
    ends_at: int

    def days(self, now: int) -> float:
        """Days until it ends, below zero once it has; `now` is UTC ms."""
        return (self.ends_at - now) / DAY_MS


def read(path: Path) -> Certificate:
    """The certificate of a file.

    Raises:
        TlsError: the file can't be read or holds none.
    """
    from cryptography import x509  # 7 MiB: only where TLS is spoken
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())[0]
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        told = [str(name.value) for name in names if isinstance(name, (x509.DNSName, x509.IPAddress))]
    except x509.ExtensionNotFound:
        told = []
    except (OSError, ValueError) as error:
        raise TlsError(f"{path} holds no certificate that can be read: {reason(error)}") from None
    return Certificate(
        pem=found.public_bytes(Encoding.PEM).decode(),
        names=tuple(told),
        ends_at=int(found.not_valid_after_utc.timestamp() * 1000),
    )


def reason(error: Exception) -> str:
    """Why, in a few words of the operating system or of OpenSSL."""
    if isinstance(error, ssl.SSLError):
        return error.reason.lower().replace("_", " ") if error.reason else "it can't be opened"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it isn't PEM" if isinstance(error, ValueError) else type(error).__name__
