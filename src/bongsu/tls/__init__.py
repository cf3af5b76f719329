"""TLS on both sides: the certificate that our ports show, and what our own clients verify others by.

Nothing here leaves a certificate unverified.
"""

from __future__ import annotations

from bongsu.tls.certificate import Certificate, KeyFiles, TlsError
from bongsu.tls.serving import ServedTls
from bongsu.tls.trust import OwnCertificate, authorities

__all__ = ["Certificate", "KeyFiles", "OwnCertificate", "ServedTls", "TlsError", "authorities"]
