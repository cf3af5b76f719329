"""What our clients verify others by."""

from __future__ import annotations

import ssl
from pathlib import Path

from bongsu.tls.certificate import TlsError, read, reason


def authorities(file: Path | None = None) -> ssl.SSLContext:
    """The authorities of the system (`SSL_CERT_FILE` names others), of certifi, and of a file (PEM) besides.

    Raises:
        TlsError: the file can't be used.
    """
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if file is not None:
        try:
            context.load_verify_locations(file)
        except (OSError, ssl.SSLError) as error:
            raise TlsError(f"{file} holds no authority that can be read: {reason(error)}") from None
    return context


class OwnCertificate:
    """Verifies the server of this very machine: it must show exactly the certificate of its file, and hold its key.

    Our own clients come over loopback, and the certificate is for the name that people use. So the name isn't what is
    compared, and no authority is asked: only this one certificate is accepted. `refresh` takes in a renewed one.

    Raises:
        TlsError: the file can't be read.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = 0
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        self._take()

    def refresh(self) -> None:
        """Accept the renewed certificate too, if the file has changed; one that can't be read is left alone."""
        try:
            if self._file.stat().st_mtime_ns != self._seen:
                self._take()
        except (OSError, TlsError):
            return

    def _take(self) -> None:
        certificate = read(self._file)
        self._seen = self._file.stat().st_mtime_ns
        self.context.load_verify_locations(cadata=certificate.pem)
