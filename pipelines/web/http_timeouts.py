"""How long a client may take to say what it wants, how long a head may be, and how many connections it may hold.

Uvicorn itself would wait for ever.
"""

import asyncio
import math
import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pipelines.web.connections import Connections, network

HEAD_SECONDS = 10.0
BODY_SECONDS = 20.0
HEAD_BYTES = 64 * 2**10
# So Java and curl wish for HTTP/2. httptools believes that it was granted, and takes the body for that protocol's.
UPGRADE = re.compile(rb"\r\nupgrade:", re.I)
UPGRADE_BUT_WEBSOCKETS = re.compile(rb"\r\nupgrade:(?![ \t]*websocket[ \t]*\r\n)", re.I)


def _last(status: bytes, why: bytes, more: bytes = b"") -> bytes:
    """An answer after which nothing more is said; `more` is for its head."""
    said = b'{"detail": "%b"}' % why
    head = b"HTTP/1.1 %b\r\nconnection: close\r\ncontent-type: application/json\r\n%bcontent-length: %d\r\n\r\n"
    return head % (status, more, len(said)) + said


LATE = _last(b"408 Request Timeout", b"the request came in too slowly")
LONG = _last(b"431 Request Header Fields Too Large", b"the head of the request is too long")
FULL = _last(b"503 Service Unavailable", b"too many connections: ask again in a second", b"retry-after: 1\r\n")
HELD = Connections()


def _without(wishes: re.Pattern[bytes], data: bytes) -> bytes:
    """A head that came in one piece, with the wish for another protocol under a name that nobody reads."""
    end = data.find(b"\r\n\r\n") + 2
    found = end > 2 and wishes.search(data, 0, end)
    return wishes.sub(b"\r\nx-upgrade:", data[:end]) + data[end:] if found else data


class TimeoutProtocol(HttpToolsProtocol):
    """Answers 408 where the head of a request, or then its body, does not come in time; 431 to a head without end.

    Where there are too many connections, idle ones are closed for new ones: see `Connections`.
    """

    _missing: str | None = None
    _timer: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _bytes = 0
    _address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as Uvicorn's own
        """Wait for the first head from now on, if there is room."""
        super().connection_made(transport)
        self._wishes = UPGRADE_BUT_WEBSOCKETS if self.ws_protocol_class else UPGRADE
        self._address = network(self.client[0] if self.client else "")
        self._wait_for("head")
        if not HELD.admit(self, self._address, self.limit_concurrency or math.inf):
            self.evict()

    @property
    def idle(self) -> bool:
        """Whether the client is waited for: it has not said all, does not read, or has been answered."""
        return bool(self._missing or self._unread or self.cycle is None or self.cycle.response_complete)

    def evict(self) -> None:
        """Close the connection at once, with an answer where one is expected."""
        # Where it is counted, too: closing takes until later.
        self.connections.discard(self)
        HELD.leave(self, self._address)
        if self._missing and not self._unread:
            self._give_up(FULL)
        else:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what has come, unless the head has no end."""
        before = self._missing
        super().data_received(data if before == "body" else _without(self._wishes, data))
        # What begins no request, such as empty lines, has ended Uvicorn's patience between two requests.
        if self._missing is None and (self.cycle is None or self.cycle.response_complete):
            self._wait_for("head")
        # What came in one piece with the end of a body counts for nothing: one piece is never that long.
        self._bytes = self._bytes + len(data) if before == self._missing == "head" else 0
        if self._bytes > HEAD_BYTES:
            self._give_up(LONG)

    def on_message_begin(self) -> None:
        """A head has begun."""
        super().on_message_begin()
        self._wait_for("head")

    def on_headers_complete(self) -> None:
        """What comes now is the body."""
        self._wait_for("body")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Between two requests nothing is missing, and Uvicorn counts the seconds of keeping the connection."""
        self._wait_for(None)
        super().on_message_complete()
        # Uvicorn may have stopped reading within the body, and would not notice that the client hangs up.
        if not self.pipeline and not self.transport.is_closing():
            self.flow.resume_reading()

    def pause_writing(self) -> None:
        """A client that does not read what it asked for is waited for as long as for a body."""
        super().pause_writing()
        self._unread = self.loop.call_later(BODY_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads."""
        super().resume_writing()
        self._read()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_for(None)
        self._read()
        HELD.leave(self, self._address)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """A websocket counts as a connection that is idle, until it is lost; the application waits for what it says."""
        self._wait_for(None)
        super().handle_websocket_upgrade()
        socket = self.transport.get_protocol()
        lost = socket.connection_lost

        def connection_lost(exc: Exception | None) -> None:
            HELD.leave(self, self._address)
            lost(exc)

        socket.connection_lost = connection_lost  # type: ignore[method-assign]  # uvicorn tells only the new protocol

    def _read(self) -> None:
        if self._unread:
            self._unread.cancel()
            self._unread = None

    def _wait_for(self, what: str | None) -> None:
        if what == self._missing:
            return
        if self._timer:
            self._timer.cancel()
        seconds = HEAD_SECONDS if what == "head" else BODY_SECONDS
        self._timer = self.loop.call_later(seconds, self._give_up, LATE) if what else None
        self._missing = what

    def _give_up(self, answer: bytes) -> None:
        if self.transport.is_closing():
            return
        # A body may still be coming after the answer, from a client that was refused before it was read.
        if self._missing == "head" or not self.cycle.response_started:
            self.transport.write(answer)
        self.transport.close()
