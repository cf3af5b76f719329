"""E-mail: encrypted and verified always, an HTML and a text part, headers that take no line break."""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bongsu.model.alert import Notice
from bongsu.model.errors import ChannelError
from bongsu.notify.cut import cut
from bongsu.notify.escape import header, line
from bongsu.notify.pace import Pace
from bongsu.notify.render import Renderer
from bongsu.notify.tools import PacedChannel, Tools
from bongsu.settings.notifications import Email, Notifications

if TYPE_CHECKING:
    from email.message import EmailMessage

    from aiosmtplib import SMTPException

TEXT_LIMIT = 50_000
SUBJECT_LIMIT = 160
_TLS_PORT = 465
"""The port on which TLS comes first (RFC 8314); on every other STARTTLS is asked for and insisted on."""
_ID = re.compile(r"[^A-Za-z0-9._-]")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")


def channels(settings: Notifications, tools: Tools) -> list[PacedChannel]:
    """The channel, where the settings have a server, somebody who sends and somebody to receive."""
    email = settings.email
    receivers = email.to or ([email.username] if email.username else [])
    sender = email.sender or email.username
    if not email.smtp_server or not sender or not receivers:
        return []
    return [EmailChannel(email, tools, sender=sender, receivers=receivers)]


class EmailChannel:
    """Sends through one mail server."""

    kind = "email"
    name = "email"
    pace = Pace(per_minute=30, burst=5)

    def __init__(self, settings: Email, tools: Tools, *, sender: str, receivers: list[str]) -> None:
        self._settings = settings
        self._tools = tools
        self._sender = sender
        self._receivers = receivers

    async def send(self, notice: Notice) -> str:
        """Deliver; the server's word of thanks (often its queue's id)."""
        import aiosmtplib

        settings = self._settings
        message = message_of(notice, self._tools.renderer, sender=self._sender, receivers=self._receivers)
        first = settings.smtp_port == _TLS_PORT
        try:
            client = aiosmtplib.SMTP(
                hostname=settings.smtp_server,
                port=settings.smtp_port,
                timeout=self._tools.time_out,
                use_tls=first,
                start_tls=None if first else True,
                tls_context=self._tools.http.tls(),
                local_hostname=_our_name(),
            )
            async with client:
                if settings.username and settings.password is not None:
                    await client.login(settings.username, settings.password.get_secret_value())
                refused, said = await client.send_message(message)
        except aiosmtplib.SMTPException as error:
            raise self._told(error) from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ChannelError(f"the mail server can't be reached: {reason}", kind="temporary") from None
        if refused:
            said = f"{said} ({len(refused)} of {len(self._receivers)} receivers refused)"
        return cut(line(self._tools.redactor.text(said)), 200)

    def _told(self, error: SMTPException) -> ChannelError:
        """Its class and a text without secrets: replies of servers quote what they were sent."""
        import aiosmtplib

        codes = [getattr(error, "code", 0)]
        if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
            codes = [one.code for one in error.recipients]
        detail = cut(line(self._tools.redactor.text(str(error.args[-1] if error.args else error))), 200)
        text = f"the mail server refuses: {detail}" if any(codes) else f"the mail server: {detail}"
        if isinstance(error, aiosmtplib.SMTPAuthenticationError) or 530 in codes or 535 in codes:
            return ChannelError(f"{text}; see email.username and email.password", kind="auth")
        if isinstance(error, aiosmtplib.SMTPNotSupported) or "STARTTLS extension" in detail:
            return ChannelError(f"{text}; only servers that encrypt (STARTTLS) are used", kind="auth")
        return ChannelError(text, kind="permanent" if all(500 <= code < 600 for code in codes) else "temporary")


def message_of(notice: Notice, renderer: Renderer, *, sender: str, receivers: list[str]) -> EmailMessage:
    """The mail. Its Message-ID is the notice's id, so that a second delivery is known as the same."""
    from email.message import EmailMessage  # 0.5 MiB with its rules for headers: only for who sends a mail
    from email.policy import SMTP
    from email.utils import format_datetime

    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = ", ".join(receivers)
    message["Subject"] = cut(header(renderer.content(notice).subject), SUBJECT_LIMIT)
    message["Date"] = format_datetime(datetime.fromtimestamp(notice.at / 1000, UTC))
    message["Message-ID"] = f"<{_ID.sub('-', notice.id)}@{line(sender).rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(renderer.text(notice, channel="email", target="plain", limit=TEXT_LIMIT))
    message.add_alternative(renderer.html(notice), subtype="html")
    return message


def _our_name() -> str:
    """How we greet: the machine's name; asking DNS for more could take seconds."""
    name = socket.gethostname()
    return name if _HOST.fullmatch(name) else "localhost"
