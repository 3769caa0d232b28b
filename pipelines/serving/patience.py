"""How long a client may take to say what it wants: Uvicorn itself would wait for ever."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
BODY_SECONDS = 20.0
WHY = b'{"detail": "the request came in too slowly"}'
LATE = (
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(WHY), WHY)
)


class Patience(H11Protocol):
    """Answers 408 and closes the connection where the head of a request, or then its body, does not come in time."""

    _missing: str | None = None
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as Uvicorn's own
        """Wait for the first head from now on."""
        super().connection_made(transport)
        self._wait_for("head")

    def handle_events(self) -> None:
        """Take what has come, and see what is still to come."""
        super().handle_events()
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            self._wait_for("body")
        # Between two requests nothing is missing, and Uvicorn counts the seconds of keeping the connection.
        elif state is h11.IDLE and (self.cycle is None or self.conn.trailing_data[0]):
            self._wait_for("head")
        else:
            self._wait_for(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_for(None)
        super().connection_lost(exc)

    def _wait_for(self, what: str | None) -> None:
        if what == self._missing:
            return
        if self._timer:
            self._timer.cancel()
        seconds = HEAD_SECONDS if what == "head" else BODY_SECONDS
        self._timer = self.loop.call_later(seconds, self._give_up) if what else None
        self._missing = what

    def _give_up(self) -> None:
        if self.transport.is_closing():
            return
        # A body may still be coming after the answer, from a client that was refused before it was read.
        if self._missing == "head" or not self.cycle.response_started:
            self.transport.write(LATE)
        self.transport.close()
