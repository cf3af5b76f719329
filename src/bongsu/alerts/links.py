"""Links with which somebody acknowledges from a message: signed, of limited life, for one notice each.

A link can do one thing, acknowledge the alerts of its notice. The key is made once and lies beside the records.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from bongsu.model.alert import Notice
from bongsu.model.errors import Gone, NotFound, Unavailable
from bongsu.ports import Clock

KEY_FILE = "acknowledge.key"
_KEY_BYTES = 32
_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,64})\.([0-9a-z]{1,12})\.([A-Za-z0-9_-]{43})", re.ASCII)


class AcknowledgeLinks:
    """Makes links and reads them back.

    Args:
        public_url: where people's browsers reach us; without it there are no links.
        lasts: for how long a link works, ms.
    """

    def __init__(self, key: bytes, *, public_url: str | None, lasts: int, clock: Clock) -> None:
        self._key = key
        self._public_url = public_url
        self._lasts = lasts
        self._clock = clock

    def url(self, notice: Notice) -> str | None:
        """The link for a notice that tells of open alerts; None for others, and without `public_url`."""
        if self._public_url is None or not any(alert.phase == "firing" for alert in notice.alerts):
            return None
        expires = f"{self._clock.now() + self._lasts:x}"
        return f"{self._public_url}/ack/{notice.id}.{expires}.{self._sign(notice.id, expires)}"

    def notice_of(self, token: str) -> str:
        """The id of the notice whose alerts the token may acknowledge.

        Raises:
            NotFound: it is none of ours. Gone: its time is over.
        """
        match = _TOKEN.fullmatch(token)
        if match is None or not hmac.compare_digest(match[3], self._sign(match[1], match[2])):
            raise NotFound("this link is none of ours", hint="open the one in the message")
        if int(match[2], 16) <= self._clock.now():
            raise Gone("this link's time is over", hint="acknowledge on the board")
        return match[1]

    def _sign(self, notice_id: str, expires: str) -> str:
        mac = hmac.new(self._key, f"acknowledge\x00{notice_id}\x00{expires}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()


def key_in(folder: Path | None) -> bytes:
    """The key in that folder, made there (for its owner alone to read) if there is none; without a folder a new one.

    Raises:
        Unavailable: the file can't be read or written.
    """
    if folder is None:
        return secrets.token_bytes(_KEY_BYTES)
    file = folder / KEY_FILE
    try:
        if not _whole(file):
            _make(file)
        return file.read_bytes()[:_KEY_BYTES]
    except OSError as error:
        raise Unavailable(f"{file} can't be read or written: {error}", hint="see its rights") from error


def _whole(file: Path) -> bool:
    return file.exists() and file.stat().st_size >= _KEY_BYTES


def _make(file: Path) -> None:
    """Write a new key aside and move it into place: nobody ever reads half of one."""
    aside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_bytes(_KEY_BYTES))
        os.fsync(handle)
    finally:
        os.close(handle)
    aside.replace(file)
