"""A certificate authority of the tests: nobody trusts it but who is given its file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import trustme


class Authority:
    """`ca.pem` in its folder names it; `issue` writes `cert.pem` and `key.pem` as certbot would."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._ca = trustme.CA()
        self.file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(self.file)

    def issue(self, *names: str, into: Path | None = None, until: datetime | None = None) -> Path:
        """A new certificate for the names (localhost's without any), and its key; returns the folder they are in."""
        folder = into or self._folder
        folder.mkdir(parents=True, exist_ok=True)
        issued = self._ca.issue_cert(*(names or ("localhost", "127.0.0.1", "::1")), not_after=until)
        for part, (name, text) in enumerate(
            (("key.pem", issued.private_key_pem.bytes()), ("cert.pem", issued.cert_chain_pems[0].bytes()))
        ):
            new = folder / f".{part}"
            new.write_bytes(text)
            new.replace(folder / name)
        return folder
