"""Connection limit: if it is reached, an idle connection is closed, of the address with most connections first."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Protocol

# Largest share of all connections for one address.
MAX_SHARE = 0.75


class Connection(Protocol):
    """A connection that can be closed."""

    @property
    def idle(self) -> bool:
        """True if the server waits for the client: closing the connection loses no response."""

    def evict(self) -> None:
        """Close the connection."""


class Connections:
    """The open connections of one process."""

    def __init__(self) -> None:
        self._count, self._by_address = 0, dict[str, dict[Connection, None]]()

    def add(self, newcomer: Connection, address: str, limit: float) -> bool:
        """Add a connection. False if it exceeds `limit` or its address's share, and no idle one can be closed."""
        own = self._by_address.setdefault(address, {})
        own[newcomer] = None
        self._count += 1
        if len(own) > MAX_SHARE * limit:
            return self._evict_idle(own, newcomer)
        if self._count < limit:
            return True
        # Only addresses with at least as many connections lose one.
        larger = [group for group in self._by_address.values() if len(group) >= len(own)]
        return any(self._evict_idle(group, newcomer) for group in sorted(larger, key=len, reverse=True))

    def remove(self, connection: Connection, address: str) -> None:
        """Remove a closed connection."""
        own = self._by_address.get(address, {})
        if connection in own:
            del own[connection]
            self._count -= 1
        if not own:
            self._by_address.pop(address, None)

    def _evict_idle(self, group: Mapping[Connection, None], newcomer: Connection) -> bool:
        """Close the oldest idle connection of a group; False if none is idle."""
        oldest = next((candidate for candidate in group if candidate is not newcomer and candidate.idle), None)
        if oldest is None:
            return False
        oldest.evict()
        return True


@lru_cache(1024)
def counted_address(host: str) -> str:
    """The address for counting: of IPv6 the 64 bits of the network, since a client chooses the others itself."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.version == 4 or address.ipv4_mapped:
        return host
    return str(int(address) >> 64)


def _closing_response(status: bytes, reason: bytes, headers: bytes = b"") -> bytes:
    """An error response that closes the connection; `headers`: further header lines."""
    body = b'{"detail": "%b"}' % reason
    head = b"HTTP/1.1 %b\r\nconnection: close\r\ncontent-type: application/json\r\n%bcontent-length: %d\r\n\r\n"
    return head % (status, headers, len(body)) + body


TIMEOUT = _closing_response(b"408 Request Timeout", b"the request was sent too slowly")
HEADERS_TOO_LARGE = _closing_response(
    b"431 Request Header Fields Too Large", b"the headers of the request are too large"
)
TOO_MANY_CONNECTIONS = _closing_response(
    b"503 Service Unavailable", b"too many connections: retry in one second", b"retry-after: 1\r\n"
)
