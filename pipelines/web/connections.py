"""Connections by address: where there is no room, idle ones make it, of the address that holds most first."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Protocol

# Of all connections, what one address may hold.
SHARE = 0.75


class Connection(Protocol):
    """Of one client."""

    @property
    def idle(self) -> bool:
        """Whether the client is waited for, so that no answer is lost where it is closed."""

    def evict(self) -> None:
        """Close it."""


class Connections:
    """Those of one process."""

    def __init__(self) -> None:
        self._count, self._by_address = 0, dict[str, dict[Connection, None]]()

    def admit(self, newcomer: Connection, address: str, limit: float) -> bool:
        """Hold it; False where that makes `limit` of all, or too many of one address, and none of them is idle."""
        own = self._by_address.setdefault(address, {})
        own[newcomer] = None
        self._count += 1
        if len(own) > SHARE * limit:
            return self._evicted(own, newcomer)
        if self._count < limit:
            return True
        # Nobody makes room for an address that holds more.
        larger = [those for those in self._by_address.values() if len(those) >= len(own)]
        return any(self._evicted(those, newcomer) for those in sorted(larger, key=len, reverse=True))

    def leave(self, connection: Connection, address: str) -> None:
        """It is closed."""
        own = self._by_address.get(address, {})
        if connection in own:
            del own[connection]
            self._count -= 1
        if not own:
            self._by_address.pop(address, None)

    def _evicted(self, those: Mapping[Connection, None], newcomer: Connection) -> bool:
        """Whether one of them was closed: the oldest that is idle."""
        oldest = next((one for one in those if one is not newcomer and one.idle), None)
        if oldest is None:
            return False
        oldest.evict()
        return True


@lru_cache(1024)
def network(host: str) -> str:
    """The address as it is counted: of IPv6 the 64 bits of its network, since the others are the client's to choose."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.version == 4 or address.ipv4_mapped:
        return host
    return str(int(address) >> 64)
