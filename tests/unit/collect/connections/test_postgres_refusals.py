"""What PostgreSQL's refusals mean, in whatever language the server speaks."""

from __future__ import annotations

import pytest

from bongsu.collect.connections.postgres import refused

BEFORE = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: '


class Coded(Exception):
    """An error of the driver with its SQLSTATE."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("무언가 잘못되었습니다")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        ("28P01", "auth_failed", "credentials"),
        ("28000", "auth_failed", "credentials"),
        ("42501", "auth_failed", "credentials"),
        ("3D000", "config_error", "database"),
        ("53300", "down", "full"),
        ("57P03", "down", "starting"),
        ("57P01", "down", "starting"),
        ("XX000", "down", "connect"),
    ],
)
def test_a_code_says_it(code: str, state: str, reason: str) -> None:
    """Where the driver has an SQLSTATE the text doesn't matter."""
    found = refused(Coded(code))
    assert (found.state, found.reason) == (state, reason)


@pytest.mark.parametrize(
    ("text", "state", "reason"),
    [
        (BEFORE + 'FATAL:  password authentication failed for user "seller"', "auth_failed", "credentials"),
        (BEFORE + 'FATAL:  role "seller" does not exist', "auth_failed", "credentials"),
        (BEFORE + 'FATAL:  database "shop" does not exist', "config_error", "database"),
        (BEFORE + "FATAL:  sorry, too many clients already", "down", "full"),
        (BEFORE + "FATAL:  the database system is starting up", "down", "starting"),
        (BEFORE + '치명적오류:  사용자 "seller"의 password 인증을 실패했습니다', "auth_failed", "credentials"),
        (BEFORE + '치명적오류:  "shop" 데이터베이스 없음', "config_error", "database"),
        (BEFORE + "FATAL:  authentification par mot de passe échouée pour « seller »", "down", "server"),
        (BEFORE + "SCHWERWIEGEND:  Datenbank »shop« existiert nicht", "config_error", "database"),
        (BEFORE + "치명적오류:  최대 동시 접속자 수를 초과했습니다.", "down", "server"),
        (BEFORE + "Connection refused\n\tIs the server running on that host?", "down", "connect"),
        ("connection timeout expired", "down", "timeout"),
        (BEFORE + "server closed the connection unexpectedly", "down", "connect"),
        ("", "down", "connect"),
    ],
)
def test_a_text_says_it(text: str, state: str, reason: str) -> None:
    """A connection that doesn't come about has only a text: English, or told apart by the name that is quoted."""
    found = refused(Exception(text), ("seller", "shop"))
    assert (found.state, found.reason) == (state, reason)


def test_one_name_for_both_says_nothing() -> None:
    """Where role and database are called alike, a name in a foreign sentence doesn't tell which is meant."""
    found = refused(Exception(BEFORE + '치명적오류:  "shop" 데이터베이스 없음'), ("shop", "shop"))
    assert (found.state, found.reason) == ("down", "server")
    found = refused(Exception(BEFORE + 'FATAL:  database "shop" does not exist'), ("shop", "shop"))
    assert (found.state, found.reason) == ("config_error", "database")
