"""How long a client may take to say what it wants, and how long a head may be: Uvicorn itself would wait for ever."""

import asyncio
import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
BODY_SECONDS = 20.0
HEAD_BYTES = 64 * 2**10
# So Java and curl wish for HTTP/2. httptools believes that it was granted, and takes the body for that protocol's.
UPGRADE = re.compile(rb"\r\nupgrade:", re.I)


def _last(status: bytes, why: bytes) -> bytes:
    """An answer after which nothing more is said."""
    said = b'{"detail": "%b"}' % why
    head = b"HTTP/1.1 %b\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % (status, len(said)) + said


LATE = _last(b"408 Request Timeout", b"the request came in too slowly")
LONG = _last(b"431 Request Header Fields Too Large", b"the head of the request is too long")


def _without_wishes(data: bytes) -> bytes:
    """A head that came in one piece, with the wish for another protocol under a name that nobody reads."""
    end = data.find(b"\r\n\r\n")
    found = end > 0 and UPGRADE.search(data, 0, end)
    return UPGRADE.sub(b"\r\nx-upgrade:", data[:end]) + data[end:] if found else data


class Patience(HttpToolsProtocol):
    """Answers 408 where the head of a request, or then its body, does not come in time; 431 to a head without end."""

    _missing: str | None = None
    _timer: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as Uvicorn's own
        """Wait for the first head from now on."""
        super().connection_made(transport)
        self._wait_for("head")

    def data_received(self, data: bytes) -> None:
        """Take what has come, unless the head has no end."""
        before = self._missing
        super().data_received(data if before == "body" else _without_wishes(data))
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
        super().connection_lost(exc)

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
