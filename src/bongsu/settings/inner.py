"""Addresses that only this machine's cloud answers at, and that nobody has a reason to send anything to.

Link-local addresses are the cloud's metadata services: whoever may write settings could have them asked for the keys of
the machine's own role. They are recognised in every spelling that the operating system takes (decimal, octal, hex,
IPv4 in IPv6). What a name resolves to is looked at by whoever connects (`collect.checks.lookup`, `notify.outward`).
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

_NAMES = frozenset(
    {"metadata.google.internal", "metadata.goog", "metadata", "instance-data", "instance-data.ec2.internal"}
)
_ADDRESSES = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")))
"""Metadata services outside of the link-local range: Alibaba, Oracle, AWS and Google over IPv6."""


def is_inner(host: str) -> bool:
    """Whether the host is link-local or a metadata service."""
    name = host.strip("[]").partition("%")[0].rstrip(".").lower()
    if name in _NAMES:
        return True
    address = _address(name)
    return address is not None and (address.is_link_local or address in _ADDRESSES)


def outer(url: str) -> str:
    """The address, if it doesn't lead to a metadata service.

    Raises:
        PydanticCustomError: it does.
    """
    if is_inner(urlsplit(url).hostname or ""):
        raise PydanticCustomError("inner_address", "must not be a link-local address or a metadata service")
    return url


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        try:
            return ipaddress.ip_address(socket.inet_aton(host))
        except OSError:
            return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
