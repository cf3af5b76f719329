"""Where the server is that this console shows, as it is handed from the launcher to the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bongsu.console.words import Language, language_of

SECTION = "bongsu"
"""The section of Streamlit's secrets that carries the place: the one official way to hand values to a page script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`rest_url` is how this process reaches the server; browsers reach the live socket at `public_url` + `/live`
    where that is set, else on the page's own host at `live_port`. `starts` says that this console starts the server
    itself where none answers; `log` names the file that tells why if it doesn't come up;
    `certificate` is the file of the certificate that the server shows, empty where it speaks no TLS.
    """

    rest_url: str
    live_port: int = 8765
    public_url: str = ""
    language: Language = "ko"
    starts: bool = False
    log: str = ""
    certificate: str = ""

    def live(self) -> dict[str, Any]:
        """Where browsers find the server, as live views are told."""
        return {
            "origin": self.public_url or self.rest_url,
            "livePort": self.live_port,
            "secure": bool(self.certificate),
            "publicUrl": self.public_url,
        }

    def secrets(self) -> dict[str, Any]:
        """As a section of Streamlit's secrets."""
        return {SECTION: asdict(self)}


def place_in(secrets: Mapping[str, Any]) -> Place:
    """The place that a launcher put into the secrets.

    Raises:
        KeyError: no launcher did, so the script was run by itself.
    """
    section = secrets[SECTION]
    return Place(
        rest_url=str(section["rest_url"]),
        live_port=int(section["live_port"]),
        public_url=str(section["public_url"]),
        language=language_of(str(section["language"])),
        starts=bool(section["starts"]),
        log=str(section["log"]),
        certificate=str(section["certificate"]),
    )


def url_of(host: str, port: int, *, secure: bool = False) -> str:
    """The address for one's own requests to a server that listens on `host`; `secure`: over TLS."""
    reachable = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - read, not bound
    if ":" in reachable and not reachable.startswith("["):
        reachable = f"[{reachable}]"
    return f"http{'s' if secure else ''}://{reachable}:{port}"
