"""The service's connections: patient with slow clients, and nothing more is computed for one that hangs up."""

import asyncio

from pipelines.serving.engine.client_connection import ClientConnection
from pipelines.web.http_timeouts import TimeoutProtocol


class ServerProtocol(TimeoutProtocol):
    """Tells the application who asks, so that it drops what it computes for a client that has left."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as Uvicorn's own
        """A client is here."""
        self._asker = ClientConnection()
        super().connection_made(transport)
        self.app_state = {**self.app_state, "asker": self._asker}

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._asker.hang_up()
        super().connection_lost(exc)
