"""Who is let in, who makes room, and how fast each address may ask."""

from __future__ import annotations

import pytest

from bongsu.http.crowd import Crowd
from bongsu.http.limits import ServerLimits
from bongsu.model.errors import TooMany, Unavailable
from tests.fakes.clock import VirtualClock

FAR = "198.51.100.7"


class Someone:
    """A connection that notes whether it was sent away."""

    def __init__(self) -> None:
        self.gone = False

    def dismiss(self) -> None:
        """As the crowd asks."""
        self.gone = True


def crowd(clock: VirtualClock | None = None, **limits: float) -> Crowd:
    """A crowd with these limits."""
    return Crowd(ServerLimits(**limits), clock or VirtualClock())  # type: ignore[arg-type]


def refused(of: Crowd) -> dict[str, float]:
    """What was refused, by reason."""
    return {dict(one.labels)["reason"]: one.value for one in of.figures() if one.metric == "bongsu_http_refused_total"}


def test_who_has_waited_longest_makes_room() -> None:
    """When all places are taken the longest waiting one goes; a request under way is never cut off."""
    guests, here = [Someone() for _ in range(3)], crowd(connections=3)
    for guest in guests:
        assert here.come(guest, FAR) is None
    here.ask(guests[0])
    here.ask(guests[1])
    here.wait(guests[1])  # asked once, and waits again: later than the third
    late = Someone()
    assert here.come(late, FAR) is None
    assert [guest.gone for guest in guests] == [False, False, True]
    assert len(here) == 3
    assert refused(here) == {"crowded": 1}


def test_fewer_may_wait_over_tls() -> None:
    """Of those that wait over TLS, before a request or after one, only so many stay; the others and the busy do."""
    guests, plain, here = [Someone() for _ in range(4)], Someone(), crowd(secure_waiting=2)
    assert here.come(plain, FAR) is None
    busy, first, second, third = guests
    here.come(busy, FAR, secure=True)
    here.ask(busy)
    for guest in (first, second):
        here.come(guest, FAR, secure=True)
    assert not any(guest.gone for guest in guests)
    here.come(third, FAR, secure=True)
    assert [guest.gone for guest in guests] == [False, True, False, False]
    here.wait(busy)
    assert [guest.gone for guest in guests] == [False, True, True, False]
    assert not plain.gone
    assert (len(here), here.waiting, refused(here)) == (3, 3, {"crowded": 2})


def test_with_everybody_busy_there_is_no_room() -> None:
    """All places busy: the newcomer is told to come back."""
    here, one = crowd(connections=1), Someone()
    here.come(one, FAR)
    here.ask(one)
    assert isinstance(here.come(Someone(), FAR), Unavailable)
    here.leave(one)
    assert here.come(Someone(), FAR) is None


def test_one_address_cannot_take_all_places() -> None:
    """One address has its share; others still come, and this machine's own programs aren't counted."""
    here = crowd(connections_per_address=2)
    assert here.come(Someone(), FAR) is None
    second = Someone()
    assert here.come(second, FAR) is None
    assert isinstance(here.come(Someone(), FAR), TooMany)
    assert here.come(Someone(), "198.51.100.8") is None
    assert all(here.come(Someone(), address) is None for address in ("127.0.0.1", "127.0.0.1", "::1", "::1", ""))
    here.leave(second)
    here.leave(second)
    assert here.come(Someone(), FAR) is None
    assert isinstance(here.come(Someone(), FAR), TooMany)


async def test_requests_are_bounded_by_time() -> None:
    """Five seconds' worth at once, then at the rate; the refusal says when to come back; others are unharmed."""
    clock = VirtualClock()
    here = crowd(clock, requests_per_second=2)
    for _ in range(10):
        here.spend(FAR)
    with pytest.raises(TooMany) as raised:
        here.spend(FAR)
    assert raised.value.retry_after == 1
    here.spend("198.51.100.8")
    await clock.advance(0.5)
    here.spend(FAR)
    with pytest.raises(TooMany):
        here.spend(FAR)
    assert refused(here) == {"rate": 2}


async def test_asking_while_refused_does_not_lengthen_the_wait() -> None:
    """Who hammers on gets through at the rate all the same: nothing is taken from his allowance when refused."""
    clock = VirtualClock()
    here = crowd(clock, requests_per_second=1)
    for _ in range(5):
        here.spend(FAR)
    for _ in range(7):
        await clock.advance(0.125)
        with pytest.raises(TooMany):
            here.spend(FAR)
    await clock.advance(0.125)
    here.spend(FAR)


def test_loopback_counts_only_where_asked() -> None:
    """This machine's programs are held to the limits per address with `count_loopback`."""
    free, held = crowd(requests_per_second=0.1), crowd(requests_per_second=0.1, count_loopback=True)
    for _ in range(10):
        free.spend("127.0.0.1")
    held.spend("127.0.0.1")
    with pytest.raises(TooMany):
        held.spend("127.0.0.1")


def test_the_table_of_addresses_is_bounded() -> None:
    """A flood from a million addresses is remembered by ten thousand at most."""
    here = crowd()
    for number in range(10_050):
        here.spend(f"198.51.{number >> 8}.{number & 255}")
    assert len(here._allowances) == 10_000
