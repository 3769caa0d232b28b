"""The usual port, the next free one where it is taken; the port that was asked for, or a refusal."""

import socket
from contextlib import ExitStack

import pytest

from flows.processes.ports import DEFAULTS, Ports
from flows.processes.starting import NEIGHBOURS, DidNotStart, PortTaken, open_port
from pipelines.web.listening import reserve_port

LOOPBACK = "127.0.0.1"


@pytest.fixture
def listening():
    """Take a free port of the loopback: `port = listening()`."""
    taken = []

    def listen(port=0):
        taken.append(socket.create_server((LOOPBACK, port)))
        return taken[-1].getsockname()[1]

    yield listen
    for server in taken:
        server.close()


@pytest.fixture
def open_at():
    """Open a port: `opened(wanted, usual)` returns its number."""
    with ExitStack() as stack:
        yield lambda *ports: stack.enter_context(open_port(*ports)).getsockname()[1]


def test_the_usual_port_or_the_next_free_one(listening, open_at):
    taken = listening()
    assert taken < open_at(None, taken) < taken + NEIGHBOURS


def test_a_port_just_left_is_free_again(open_at):
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((LOOPBACK, port)), server.accept()[0] as connection:
            connection.shutdown(socket.SHUT_RDWR)
    assert open_at(port, 1) == port
    reserve_port(LOOPBACK, port, listened=True).close()


def test_zero_is_any_free_port_and_a_port_that_was_named_is_kept_or_refused(listening, open_at):
    taken = listening()
    assert open_at(0, taken) not in (0, taken)
    with pytest.raises(PortTaken, match=f"port {taken} of 127.0.0.1 is taken: choose another, or 0"):
        open_port(taken, 1)


def test_an_address_of_another_machine_is_refused_with_what_to_do():
    with pytest.raises(DidNotStart, match=r"cannot listen at 192\.0\.2\.1:0: .*choose another port or --host"):
        open_port(0, 1, "192.0.2.1")


def ports(chosen):
    return {part: listener.getsockname()[1] for part, listener in chosen.items()}


def test_the_parts_never_get_one_port_twice(monkeypatch, listening):
    usual = listening()
    monkeypatch.setattr("flows.processes.ports.DEFAULTS", dict.fromkeys(DEFAULTS, usual))
    with Ports().open_sockets(LOOPBACK) as found:
        chosen = ports(found)
    assert len(set(chosen.values())) == 3
    assert usual not in chosen.values()
    with Ports(mlflow=chosen["service"]).open_sockets(LOOPBACK) as found:
        named = ports(found)
    assert named["mlflow"] == chosen["service"], "a port that was named goes before a usual one"
    assert len(set(named.values())) == 3
    with pytest.raises(PortTaken), Ports(service=chosen["mlflow"], mlflow=chosen["mlflow"]).open_sockets(LOOPBACK):
        pass


def test_a_part_that_had_to_move_is_told_of():
    assert DEFAULTS == {"service": 8000, "prefect": 4200, "mlflow": 5000}
    assert Ports().moved_message("prefect", 4201) == "port 4200 is taken: prefect listens at 4201"
    assert Ports().moved_message("prefect", 4200) == ""
    assert Ports(prefect=0).moved_message("prefect", 4201) == ""
    assert Ports(prefect=9).moved_message("prefect", 9) == ""
