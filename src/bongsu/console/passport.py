"""What the console shows the server: a token of its own, and the cookie of whoever asks the console.

The server that starts the console gives it a token (`BONGSU_CONSOLE_TOKEN`) with which it may pass on cookies and the
visitor's address; a console that starts its server makes the token itself. A console that joined a running server
passes the cookie alone, and reads its own figures with `BONGSU_TOKEN`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie

CONSOLE_TOKEN = "BONGSU_CONSOLE_TOKEN"  # noqa: S105 (the variable's name)  # nosec B105
OWN_TOKEN = "BONGSU_TOKEN"  # noqa: S105 (the variable's name)  # nosec B105
COOKIE = "bongsu_session"


def console_token(environment: Mapping[str, str] = os.environ) -> str:
    """The token with which this console passes on cookies; empty where it has none."""
    return environment.get(CONSOLE_TOKEN, "")


def own_token(environment: Mapping[str, str] = os.environ) -> str:
    """The token with which the pages read; empty where there is none."""
    return console_token(environment) or environment.get(OWN_TOKEN, "")


def make_console_token(environment: MutableMapping[str, str] = os.environ) -> None:
    """Make one for the server that this console starts, which takes it from its environment."""
    environment.setdefault(CONSOLE_TOKEN, f"bgs_{secrets.token_urlsafe(32)}")


def drop_console_token(environment: MutableMapping[str, str] = os.environ) -> None:
    """Show it no more: the server that answers is not the one that we started."""
    environment.pop(CONSOLE_TOKEN, None)


def cookie_in(header: str) -> str:
    """The visitor's session in a `Cookie` header; empty where there is none."""
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def shown(cookie: str, token: str) -> dict[str, str]:
    """The headers that tell the server who asks the console. Without a cookie nobody does, whatever the token may."""
    if token:
        return {"authorization": f"Bearer {token}", "x-bongsu-session": cookie}
    return {"cookie": f"{COOKIE}={cookie}"} if cookie else {}
