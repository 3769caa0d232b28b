"""The number of connections that one address may hold, in a unit test and with the sockets of a real process."""

import socket
import time
from contextlib import ExitStack

import pytest

from pipelines.serving.__main__ import MAX_CONNECTIONS
from pipelines.web.connections import Connections, counted_address
from tests.pipelines.serving.conftest import running

ASK = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
FULL = 8


class Fake:
    """A connection; `busy` ones are being answered."""

    def __init__(self, held, address, busy=False):
        self.held, self.address, self.idle, self.open = held, address, not busy, True

    def evict(self):
        self.open = False
        self.held.remove(self, self.address)


def open_connections(held, address, count=1, busy=False):
    """Open so many connections from an address; the connections, and True if the last had room."""
    made = [Fake(held, address, busy) for _ in range(count)]
    room = [held.add(one, address, FULL) for one in made]
    return made, room[-1]


def still(connections):
    return [one.open for one in connections]


def test_one_address_has_three_quarters_and_makes_room_for_its_own_new_ones_the_oldest_first():
    held = Connections()
    those, room = open_connections(held, "a", 8)
    assert room
    assert still(those) == [False] * 2 + [True] * 6
    others, room = open_connections(held, "b")
    assert room
    assert still(others) == [True]
    assert sum(still(those)) == 6


def test_who_is_being_answered_is_never_closed_for_another():
    held = Connections()
    busy, _ = open_connections(held, "a", 5, busy=True)
    idle, room = open_connections(held, "a", 2)
    assert room
    assert still(busy + idle) == [True] * 5 + [False, True]
    idle[1].idle = False
    _, room = open_connections(held, "a")
    assert not room
    assert still(busy + idle) == [True] * 5 + [False, True]


def test_where_all_is_full_who_holds_most_makes_room():
    held = Connections()
    most, _ = open_connections(held, "a", 5)
    few, _ = open_connections(held, "b", 2)
    _, room = open_connections(held, "c")
    assert room
    assert still(most) == [False, *[True] * 4]
    assert still(few) == [True, True]


def test_nobody_makes_room_for_an_address_that_holds_more():
    held = Connections()
    open_connections(held, "a", 5, busy=True)
    few, _ = open_connections(held, "b", 2)
    _, room = open_connections(held, "a")
    assert not room
    assert still(few) == [True, True]


def test_what_was_closed_counts_no_more():
    held = Connections()
    for _ in range(5):
        made, room = open_connections(held, "a", 6, busy=True)
        assert room
        for one in made * 2:
            held.remove(one, "a")
    rooms = [open_connections(held, f"address {number}", busy=True)[1] for number in range(FULL + 2)]
    assert rooms == [True] * (FULL - 1) + [False] * 3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("127.0.0.1", "127.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
    ],
)
def test_an_address_of_ipv6_is_its_network(one, other, same):
    assert (counted_address(one) == counted_address(other)) is same


def connected(stack, port, source):
    found = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
    return stack.enter_context(found)


def answered(port, source):
    """The status of an answer over a new connection from this address, and its seconds."""
    begun = time.monotonic()
    with ExitStack() as stack:
        connection = connected(stack, port, source)
        connection.sendall(ASK)
        said = connection.recv(4096)
    return int(said.split(b" ")[1]), time.monotonic() - begun


@pytest.mark.parametrize(
    "said",
    [
        b"",
        ASK[:20],
        b"POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nContent-Type: application/json\r\n\r\n",
    ],
    ids=["nothing", "half a head", "no body"],
)
def test_idle_connections_of_one_address_keep_no_other_waiting_and_not_itself(tmp_path, many_files, said):
    with running(tmp_path) as service, ExitStack() as stack:
        port = service.http.base_url.port
        for _ in range(MAX_CONNECTIONS):
            connected(stack, port, "127.0.0.1").sendall(said)
        for source in ("127.0.0.2", "127.0.0.1", "127.0.0.3"):
            status, seconds = answered(port, source)
            assert status == 200, source
            assert seconds < 5


def test_two_addresses_that_hold_all_make_room_for_a_third(tmp_path, many_files):
    with running(tmp_path) as service, ExitStack() as stack:
        port = service.http.base_url.port
        for source in ("127.0.0.1", "127.0.0.2"):
            for _ in range(MAX_CONNECTIONS // 2):
                connected(stack, port, source)
        assert [answered(port, "127.0.0.3")[0] for _ in range(20)] == [200] * 20
        assert service.http.get("/healthz").status_code == 200


def test_a_connection_that_is_kept_between_requests_makes_room_without_a_word(tmp_path, many_files):
    with running(tmp_path) as service, ExitStack() as stack:
        port = service.http.base_url.port
        kept = connected(stack, port, "127.0.0.2")
        kept.sendall(ASK.replace(b"Connection: close\r\n", b""))
        assert kept.recv(4096).startswith(b"HTTP/1.1 200")
        for _ in range(MAX_CONNECTIONS):
            connected(stack, port, "127.0.0.2")
        while part := kept.recv(4096):
            assert b"HTTP/1.1" not in part
