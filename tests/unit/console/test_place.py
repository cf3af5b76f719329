from __future__ import annotations

import pytest

from bongsu.console.place import Place, place_in, url_of


def test_a_place_survives_the_secrets() -> None:
    """What a launcher puts into Streamlit's secrets comes out equal."""
    place = Place(
        rest_url="http://127.0.0.1:8080", live_port=1, public_url="https://a", language="en", starts=True, log="l"
    )
    assert place_in(place.secrets()) == place


def test_a_script_run_by_itself_is_told_apart() -> None:
    """Without a launcher there is no place."""
    with pytest.raises(KeyError):
        place_in({})


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("::1", "http://[::1]:8080"),
        ("monitor.lan", "http://monitor.lan:8080"),
    ],
)
def test_addresses_to_listen_on_become_addresses_to_ask(host: str, url: str) -> None:
    """A server that listens everywhere is asked on this machine; IPv6 stands in brackets."""
    assert url_of(host, 8080) == url
