"""Signatures of the marketplaces."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs

import bcrypt
import pytest

from bongsu.collect.marketplaces.credentials import (
    CredentialsError,
    coupang_authorization,
    filled,
    naver_signature,
    naver_token_form,
)

AT = 1_767_225_600_000  # 2026-01-01T00:00:00Z
SECRET = "$2a$04$abcdefghijklmnopqrstuu"


def test_coupang_signs_like_the_test_vector() -> None:
    """The header holds the signature of the reference's vector, and each part in its place."""
    header = coupang_authorization(
        access_key="ak",
        secret_key="secret",
        at=AT,
        method="GET",
        path="/v2/providers/seller_api/apis/api/v1/marketplace/meta/display-categories/0",
    )
    signature = "81e3440079bbf61d40bc3562289e750953e50a802afd5a6c20a06fc494836aee"
    assert header == (f"CEA algorithm=HmacSHA256, access-key=ak, signed-date=260101T000000Z, signature={signature}")


def test_naver_signs_with_bcrypt_and_puts_all_in_the_body() -> None:
    """The sign is base64 of bcrypt over id and time, and the form holds all five parameters."""
    hashed = base64.b64decode(naver_signature(client_id="id", client_secret=SECRET, timestamp=AT))
    assert bcrypt.checkpw(f"id_{AT}".encode(), hashed)
    form = parse_qs(naver_token_form(client_id="id", client_secret=SECRET, timestamp=AT).decode())
    assert {name: form[name] for name in form if name != "client_secret_sign"} == {
        "client_id": ["id"],
        "timestamp": [str(AT)],
        "grant_type": ["client_credentials"],
        "type": ["SELF"],
    }
    assert base64.b64decode(form["client_secret_sign"][0]) == hashed


def test_a_secret_cut_at_its_dollar_is_told_without_the_secret() -> None:
    """What a dotenv file made of the secret is refused with a hint, and never repeated."""
    with pytest.raises(CredentialsError) as raised:
        naver_signature(client_id="id", client_secret="$2ahunter2", timestamp=AT)
    assert "$2a$" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_eleven_street_is_asked_for_one_minute_in_koreas_time() -> None:
    """The path's window is one minute, written in KST whatever this machine's zone."""
    assert filled("/complete/{kst_minute_before}/{kst_minute}", AT) == "/complete/202601010859/202601010900"
