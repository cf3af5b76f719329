"""Names, passwords, keys and the waits after failures: what is decided without anything around it."""

from __future__ import annotations

import re
import unicodedata

import pytest

from bongsu.access.backoff import FORGOTTEN, LONGEST_WAIT, Backoff
from bongsu.access.keys import digest_of, new_cookie, new_token
from bongsu.access.names import fault_of_name, fault_of_title, name_of
from bongsu.access.passwords import common, fault_of_password, form_of


@pytest.mark.parametrize("name", ["kim", "민수", "k.lee@example.kr", "a", "ops-1", "김_철수+야간"])
def test_names_that_are_taken(name: str) -> None:
    """Letters of any script, digits and a few signs make a name."""
    assert fault_of_name(name_of(name)) == ""


@pytest.mark.parametrize("name", ["", " ", ".kim", "kim lee", "me", "Me", "a/b", "a\nb", "k" * 65, "<b>", "kim\x00"])
def test_names_that_are_not(name: str) -> None:
    """Nothing that an address, a log line or a page could misread."""
    assert fault_of_name(name_of(name))


def test_one_name_however_it_is_typed() -> None:
    """Capitals, spaces around it and a Mac's decomposed Hangul are the same account."""
    assert name_of(" Kim ") == name_of("kim") == name_of("ＫＩＭ")
    assert name_of(unicodedata.normalize("NFD", "민수")) == "민수"


def test_titles_of_tokens() -> None:
    """A token is called by something that people can read on one line."""
    assert fault_of_title("prometheus 수집") == ""
    assert fault_of_title(" ")
    assert fault_of_title("a\nb")
    assert fault_of_title("x" * 65)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("123456789", "at least 10"),
        ("x" * 257, "at most 256"),
        ("Password123", "first that anybody tries"),
        ("qwer123456", "first that anybody tries"),
        ("ababababab", "first that anybody tries"),
        ("minsu-minsu-1", "account's name"),
        ("correct horse battery", ""),
        ("비밀번호는길게쓰자", "at least 10"),
        ("비밀번호는 길게 쓰자", ""),
        ("a" * 9 + "bcdef", ""),
    ],
)
def test_passwords(password: str, fault: str) -> None:
    """Length counts; what everybody tries first and what is hardly more than the name is refused."""
    told = fault_of_password(password, name="minsu")
    assert (fault in told) if fault else told == ""
    assert password not in told


def test_the_list_of_common_passwords_is_of_use() -> None:
    """Each entry would otherwise be long enough, and is written as it is looked for."""
    assert len(common()) > 60
    assert {one for one in common() if len(one) < 10 or one != one.casefold()} == set()


def test_one_password_however_the_keyboard_composes_it() -> None:
    """What a Mac sends decomposed is the same password."""
    assert form_of(unicodedata.normalize("NFD", "비밀번호는 길게")) == "비밀번호는 길게"


def test_keys_are_long_and_only_their_digest_is_kept() -> None:
    """256 bits in each cookie and token, a prefix by which scanners know a token, a digest from which it isn't had."""
    token, cookie = new_token(), new_cookie()
    assert re.fullmatch(r"bgs_[\w-]{43}", token)
    assert re.fullmatch(r"[\w-]{43}", cookie)
    assert len({new_cookie() for _ in range(100)}) == 100
    assert re.fullmatch("[0-9a-f]{64}", digest_of(token))


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    """Five may fail; from then on each failure doubles the wait."""
    backoff = Backoff(free=5)
    waits = []
    now = 0.0
    for _ in range(20):
        backoff.failed("kim", now)
        waits.append(backoff.wait("kim", now))
        now += waits[-1]
    assert waits[:8] == [0, 0, 0, 0, 1, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT
    assert backoff.wait("lee", now) == 0


def test_a_success_forgets_and_so_does_half_a_day() -> None:
    """Who succeeds begins anew, and so does who hasn't failed for twelve hours."""
    backoff = Backoff(free=2)
    for _ in range(4):
        backoff.failed("kim", 0.0)
    assert backoff.wait("kim", 0.0) == 4
    backoff.forget("kim")
    assert backoff.wait("kim", 0.0) == 0
    for _ in range(4):
        backoff.failed("kim", 0.0)
    backoff.failed("kim", FORGOTTEN + 1)
    assert backoff.wait("kim", FORGOTTEN + 1) == 0


def test_one_success_does_not_clear_an_address() -> None:
    """Who has an account can't use it to try others' for ever from the same address."""
    backoff = Backoff(free=3)
    for _ in range(5):
        backoff.failed("10.0.0.7", 0.0)
    backoff.take_back("10.0.0.7")
    assert backoff.wait("10.0.0.7", 0.0) == 4
    other = Backoff(free=3)
    other.failed("10.0.0.8", 0.0)
    other.take_back("10.0.0.8")
    other.take_back("unknown")
    assert len(other) == 0


def test_only_so_many_are_remembered() -> None:
    """A million names tried take no more memory than the table has room for."""
    backoff = Backoff(free=1, keys=100)
    for number in range(1_000):
        backoff.failed(f"name-{number}", 0.0)
    assert len(backoff) == 100
    assert backoff.wait("name-999", 0.0) > 0
