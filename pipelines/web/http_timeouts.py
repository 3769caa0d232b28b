"""HTTP protocol with timeouts for slow clients, a limit of header size and a limit of connections; Uvicorn has none."""

import asyncio
import math
import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pipelines.web.connections import HEADERS_TOO_LARGE, TIMEOUT, TOO_MANY_CONNECTIONS, Connections, counted_address

HEAD_SECONDS = 10.0
BODY_SECONDS = 20.0
HEAD_BYTES = 64 * 2**10
# Java and curl send this header to ask for HTTP/2. httptools then treats the body as that of the other protocol.
UPGRADE = re.compile(rb"\r\nupgrade:", re.I)
UPGRADE_BUT_WEBSOCKETS = re.compile(rb"\r\nupgrade:(?![ \t]*websocket[ \t]*\r\n)", re.I)


CONNECTIONS = Connections()


def _without_upgrade(pattern: re.Pattern[bytes], data: bytes) -> bytes:
    """A request whose Upgrade header is renamed, if its headers arrived in one piece."""
    end = data.find(b"\r\n\r\n") + 2
    has_upgrade = end > 2 and pattern.search(data, 0, end)
    return pattern.sub(b"\r\nx-upgrade:", data[:end]) + data[end:] if has_upgrade else data


class TimeoutProtocol(HttpToolsProtocol):
    """Responds 408 if the headers or the body of a request are late, and 431 if the headers are too large.

    Beyond the limit of connections idle ones are closed for new ones: see `Connections`.
    """

    _awaited: str | None = None
    _timer: asyncio.TimerHandle | None = None
    _write_timer: asyncio.TimerHandle | None = None
    _header_bytes = 0
    _address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as Uvicorn's own
        """Start the timeout of the first headers, or close the connection if there are too many."""
        super().connection_made(transport)
        self._upgrade = UPGRADE_BUT_WEBSOCKETS if self.ws_protocol_class else UPGRADE
        self._address = counted_address(self.client[0] if self.client else "")
        self._await("head")
        if not CONNECTIONS.add(self, self._address, self.limit_concurrency or math.inf):
            self.evict()

    @property
    def idle(self) -> bool:
        """True if the server waits for the client: its request is incomplete or answered, or it does not read."""
        return bool(self._awaited or self._write_timer or self.cycle is None or self.cycle.response_complete)

    def evict(self) -> None:
        """Close the connection at once, with a response if the client expects one."""
        # Also removed from both counts: the transport closes later.
        self.connections.discard(self)
        CONNECTIONS.remove(self, self._address)
        if self._awaited and not self._write_timer:
            self._abort(TOO_MANY_CONNECTIONS)
        else:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse received bytes, unless the headers exceed their limit."""
        before = self._awaited
        super().data_received(data if before == "body" else _without_upgrade(self._upgrade, data))
        # Bytes that start no request, such as empty lines, have stopped Uvicorn's keep-alive timer.
        if self._awaited is None and (self.cycle is None or self.cycle.response_complete):
            self._await("head")
        # Header bytes in one piece with the end of a body are not counted: a piece is smaller than the limit.
        self._header_bytes = self._header_bytes + len(data) if before == self._awaited == "head" else 0
        if self._header_bytes > HEAD_BYTES:
            self._abort(HEADERS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Start the timeout of the headers."""
        super().on_message_begin()
        self._await("head")

    def on_headers_complete(self) -> None:
        """Start the timeout of the body."""
        self._await("body")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the timeout: between requests Uvicorn's keep-alive timer runs."""
        self._await(None)
        super().on_message_complete()
        # Uvicorn may have paused reading within the body, and would not notice a disconnect.
        if not self.pipeline and not self.transport.is_closing():
            self.flow.resume_reading()

    def pause_writing(self) -> None:
        """Start the timeout of a client that does not read its response: that of a body."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(BODY_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the timeout: the client reads."""
        super().resume_writing()
        self._stop_write_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timeouts, and remove the connection."""
        self._await(None)
        self._stop_write_timer()
        CONNECTIONS.remove(self, self._address)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """Count a websocket as an idle connection until it is lost; the application handles its timeouts."""
        self._await(None)
        super().handle_websocket_upgrade()
        socket = self.transport.get_protocol()
        original = socket.connection_lost

        def connection_lost(exc: Exception | None) -> None:
            CONNECTIONS.remove(self, self._address)
            original(exc)

        socket.connection_lost = connection_lost  # type: ignore[method-assign]  # uvicorn tells only the new protocol

    def _stop_write_timer(self) -> None:
        if self._write_timer:
            self._write_timer.cancel()
            self._write_timer = None

    def _await(self, part: str | None) -> None:
        if part == self._awaited:
            return
        if self._timer:
            self._timer.cancel()
        seconds = HEAD_SECONDS if part == "head" else BODY_SECONDS
        self._timer = self.loop.call_later(seconds, self._abort, TIMEOUT) if part else None
        self._awaited = part

    def _abort(self, response: bytes) -> None:
        if self.transport.is_closing():
            return
        # If the request was refused before its body, the body may still arrive after the response.
        if self._awaited == "head" or not self.cycle.response_started:
            self.transport.write(response)
        self.transport.close()
