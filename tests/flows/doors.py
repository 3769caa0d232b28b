"""Attacks on a server, with the right secret or without it, and idle connections."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from pipelines.web.credentials import basic_auth_header

PAGE = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
# Headers of an attack, with the right secret (which a browser would add by itself) or without it.
ATTACKS = {
    "no secret": ({}, False, 401),
    "a wrong secret": (basic_auth_header("needloop:guessed"), False, 401),
    "a page, without the secret": (PAGE, False, 403),
    "a page, in a browser that is signed in": (PAGE, True, 403),
    "a page of another port": ({**PAGE, "Origin": "http://127.0.0.1:9"}, True, 403),
    "a page without an origin": ({**PAGE, "Origin": "null"}, True, 403),
    "a script or a picture": ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, True, 403),
    "a name that was bound anew": ({"Host": "evil.example"}, True, 400),
}
attacks = pytest.mark.parametrize(("headers", "signed_in", "status"), ATTACKS.values(), ids=ATTACKS)
IDLE = (b"", b"GET / HTTP/1.1\r\n", b"POST /api/flows/ HTTP/1.1\r\nContent-Length: 9\r\n\r\n")


def send(method, url, **options):
    """The response to a client without cookies; without TLS, which takes longest to prepare."""
    with httpx.Client(timeout=30, verify=False) as client:
        return client.request(method, url, **options)


class Door:
    """A server, and the authorization header of its owner."""

    def __init__(self, url, secret):
        self.url, self.secret, self.key = url, secret, basic_auth_header(secret)

    def ask(self, method, path, **options):
        return send(method, f"{self.url}{path}", **options)

    def owner(self, method, path, **options):
        """The answer to the owner; repeated while SQLite is busy (503), as Prefect's own client does."""
        for wait in (0.5, 1, 2, 4, 0):
            response = self.ask(method, path, headers=self.key, **options)
            if response.status_code != 503:
                break
            time.sleep(wait)
        return response.raise_for_status().json()


@contextmanager
def idle_connections(address: str, said: bytes) -> Iterator[None]:
    """Hold more connections that send only these bytes than the files that a process usually may open."""
    url = httpx.URL(address)
    with ExitStack() as stack:
        for _ in range(1100):
            connection = stack.enter_context(socket.create_connection((url.host, url.port), timeout=20))
            connection.sendall(said)
        yield
