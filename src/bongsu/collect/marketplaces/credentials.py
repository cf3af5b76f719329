"""How each marketplace wants to be asked: signatures, as pure functions of keys and time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlencode

KST = timezone(timedelta(hours=9))


class CredentialsError(Exception):
    """A key of the settings can't be used; the text says which and what to look at, never the key itself."""


def coupang_authorization(*, access_key: str, secret_key: str, at: int, method: str, path: str, query: str = "") -> str:
    """The header `Authorization` for Coupang: HMAC-SHA256 over date, method, path and query without separators.

    `at` is UTC ms; `query` comes without its `?`.
    """
    date = datetime.fromtimestamp(at / 1000, UTC).strftime("%y%m%dT%H%M%SZ")
    return (
        f"CEA algorithm=HmacSHA256, access-key={access_key}, signed-date={date}, "
        f"signature={coupang_signature(secret_key, date + method + path + query)}"
    )


def coupang_signature(secret_key: str, message: str) -> str:
    """Lowercase hex HMAC-SHA256."""
    return hmac.new(secret_key.encode(), message.encode(), hashlib.sha256).hexdigest()


def naver_signature(*, client_id: str, client_secret: str, timestamp: int) -> str:
    """`client_secret_sign`: base64 of bcrypt over `{client_id}_{timestamp}` with the secret as salt.

    Raises:
        CredentialsError: the secret is no bcrypt salt.
    """
    import bcrypt

    try:
        hashed = bcrypt.hashpw(f"{client_id}_{timestamp}".encode(), client_secret.encode())
    except ValueError:
        raise CredentialsError(
            "client_secret isn't complete: it begins with $2a$ or $2b$ and has 29 characters; "
            "a shell or a dotenv file of another program may have cut it at a $"
        ) from None
    return base64.b64encode(hashed).decode()


def naver_token_form(*, client_id: str, client_secret: str, timestamp: int) -> bytes:
    """The body that asks for a token: everything in the body, since parameters in the query are punished.

    Raises:
        CredentialsError: as `naver_signature`.
    """
    sign = naver_signature(client_id=client_id, client_secret=client_secret, timestamp=timestamp)
    form = {
        "client_id": client_id,
        "timestamp": str(timestamp),
        "grant_type": "client_credentials",
        "client_secret_sign": sign,
        "type": "SELF",
    }
    return urlencode(form).encode()


def filled(path: str, at: int) -> str:
    """The path with its `{kst_minute}` and `{kst_minute_before}` filled in, as 11st writes times (YYYYMMDDhhmm)."""
    now = datetime.fromtimestamp(at / 1000, KST)
    before = now - timedelta(minutes=1)
    return path.replace("{kst_minute_before}", f"{before:%Y%m%d%H%M}").replace("{kst_minute}", f"{now:%Y%m%d%H%M}")
