"""Every service that Apprise knows (https://github.com/caronc/apprise), by its address.

Needs the extra `bongsu[apprise]`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from bongsu.model.alert import Notice, Severity
from bongsu.model.errors import ChannelError
from bongsu.notify.escape import line
from bongsu.notify.pace import Pace
from bongsu.notify.tools import PacedChannel, Tools
from bongsu.settings.inner import is_inner
from bongsu.settings.notifications import Notifications

TEXT_LIMIT = 4_000
"""Apprise cuts or splits further where a service takes less."""
_WEBHOOKS = frozenset(("json", "jsons", "xml", "xmls", "form", "forms"))
"""Those that ask any host; where others have a host stands a token as often, which no resolver is to learn of."""
_TYPES: dict[Severity, str] = {"info": "info", "warning": "warning", "error": "failure", "critical": "failure"}


def channels(settings: Notifications, tools: Tools) -> list[PacedChannel]:
    """A channel for each address of the settings: `apprise:1`, `apprise:2`…"""
    return [
        AppriseChannel(number, url.get_secret_value(), tools) for number, url in enumerate(settings.apprise, start=1)
    ]


class AppriseChannel:
    """Sends through one address, in a thread of its own: Apprise blocks."""

    kind = "apprise"
    pace = Pace(per_minute=20, burst=3)

    def __init__(self, number: int, url: str, tools: Tools) -> None:
        self.name = f"apprise:{number}"
        self._url = url
        self._tools = tools
        self._service: Any = None
        self._thread: ThreadPoolExecutor | None = None
        self._busy: asyncio.Future[bool] | None = None

    async def send(self, notice: Notice) -> str:
        """Deliver; Apprise gives no receipt.

        A try that ran into its time-out goes on in its thread; until it comes back, no other is begun.
        """
        if self._busy is not None and not self._busy.done():
            raise ChannelError("the try before still hangs", kind="temporary")
        renderer = self._tools.renderer
        content = renderer.content(notice)
        text = renderer.text(notice, channel="apprise", target="plain", limit=TEXT_LIMIT)
        kind = "success" if notice.kind in ("resolved", "summary") else _TYPES[notice.severity]
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="notify-apprise")
        work = asyncio.get_running_loop().run_in_executor(self._thread, self._notify, line(content.subject), text, kind)
        self._busy = work
        if not await asyncio.shield(work):
            raise ChannelError(f"Apprise could not deliver through {self.name}; its log says why", kind="temporary")
        return ""

    def close(self) -> None:
        """Let go of the thread; one that hangs is left behind."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)

    def _notify(self, title: str, text: str, kind: str) -> bool:
        check(self._url, self.name)
        if self._service is None:
            self._service = _service(self._url, self.name)
        return bool(self._service.notify(body=text, title=title, notify_type=kind, body_format="text"))


def check(url: str, name: str) -> None:
    """Look at where the address leads; Apprise resolves it again itself, so this is no more than a look.

    Raises:
        ChannelError: to a link-local address or a metadata service.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    found = [host]
    if parts.scheme in _WEBHOOKS:
        with contextlib.suppress(OSError, UnicodeError):
            found += [str(address[0]) for *_, address in socket.getaddrinfo(host, None)]
    if any(map(is_inner, found)):
        raise ChannelError(f"{name} isn't asked: it leads to a link-local address or a metadata service", kind="auth")


def _service(url: str, name: str) -> Any:
    try:
        import apprise
    except ModuleNotFoundError:
        raise ChannelError(
            "the package apprise is missing: python3 -m pip install 'bongsu[apprise]'", kind="auth"
        ) from None
    service = apprise.Apprise()
    if not service.add(url):
        raise ChannelError(f"Apprise doesn't understand the address of {name}", kind="auth")
    return service
