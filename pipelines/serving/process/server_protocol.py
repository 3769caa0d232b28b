"""HTTP protocol of the service: time limits, and cancellation of the jobs of a disconnected client."""

import asyncio

from pipelines.serving.engine.client_connection import ClientConnection
from pipelines.web.http_timeouts import TimeoutProtocol


class ServerProtocol(TimeoutProtocol):
    """Passes the client connection to the application, and cancels its jobs on a disconnect."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as Uvicorn's own
        """Create the client connection."""
        self._client = ClientConnection()
        super().connection_made(transport)
        self.app_state = {**self.app_state, "client_connection": self._client}

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the jobs of the client."""
        self._client.disconnect()
        super().connection_lost(exc)
