"""Who may ask what, decided before anything of a request is read but its head."""

import asyncio
import math
import time
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

from fastapi import FastAPI
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pipelines.home.faults import DatabaseFault
from pipelines.serving.engine.worker_threads import BUSY, WorkerThreads
from pipelines.serving.middleware.authentication import Authenticator
from pipelines.serving.middleware.rate_limits import RateLimits
from pipelines.serving.middleware.route_scopes import WITHOUT_KEY, ScopeRule, ScopeRules
from pipelines.serving.service import Service
from pipelines.store.keyring import Caller
from pipelines.web.connections import network

HOW = (
    "open the link that needloop up and needloop serve print, or send `Authorization: Bearer SECRET` (the command line "
    "sends NEEDLOOP_API_KEY); needloop keys create NAME makes one"
)
NO_KEY = f"this needs a sign-in or an API key: {HOW}"
WRONG_KEY = f"this API key is unknown or revoked: {HOW}"
TOO_OFTEN = "too many requests: ask again after the seconds in `Retry-After`"
# Who asks again at once, whatever `Retry-After` says, is told later: it takes less time from those who wait.
AT_ONCE_SECONDS, PAUSE_SECONDS = 0.03, 0.012
REMEMBERED = 1000
# Headers that proxies add: whoever came through one is not on this machine, whatever the socket says.
PROXIED = frozenset(
    b"forwarded via x-real-ip true-client-ip x-client-ip x-cluster-client-ip client-ip fastly-client-ip fly-client-ip "
    b"x-originating-ip x-remote-ip x-remote-addr x-original-forwarded-for x-original-host cdn-loop".split()
)
PROXIED_PREFIXES = (b"x-forwarded", b"cf-", b"x-envoy-", b"x-amzn-", b"x-amz-cf-", b"x-azure-", b"x-appengine-")


class Access:
    """Refuses with 401, 403 or 429, or leaves the caller in the state of the request."""

    def __init__(self, app: ASGIApp, api: FastAPI, rate: float) -> None:
        self.app, self._api = app, api
        self._needs, self._rates, self._refused = ScopeRules(api.routes), RateLimits(rate), dict[Any, float]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif refusal := await self._refusal(scope):
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _refusal(self, scope: Scope) -> JSONResponse | None:
        need = self._needs.of(scope.get("method", "GET"), scope["path"])
        state: dict[str, Any] = scope.setdefault("state", {})
        state["route"] = need.route
        service: Service = self._api.state.service
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        secret = _secret(headers)
        caller = state["caller"] = await self._caller(service, secret, need) if secret else None
        if need.scopes is None:
            return None
        if wait := self._rates.wait(caller.id if caller else _address(scope)):
            return _refused(429, TOO_OFTEN, {"Retry-After": str(math.ceil(wait))})
        refusal = await self._unfit(service.door, need, headers, secret, caller)
        # Before the body is read: who is refused for want of time must cost none.
        if refusal is None and "predict" in need.scopes and await self._crowded(service.workers, scope.get("client")):
            return _refused(429, BUSY, {"Retry-After": "1"})
        return refusal

    async def _caller(self, service: Service, secret: str, need: ScopeRule) -> Caller | None:
        """Who holds the secret; nobody where nobody can tell, and where none is needed that is no reason to refuse."""
        try:
            return await service.door.admit(secret)
        except DatabaseFault as error:
            service.health.blame(error)
            if need.scopes is None:
                return None
            raise

    async def _crowded(self, workers: WorkerThreads, connection: Any) -> bool:
        """Whether a question would wait too long; of who insists, whether it still would after a pause."""
        if workers.busy and time.monotonic() - self._refused.get(connection, 0.0) < AT_ONCE_SECONDS:
            await asyncio.sleep(PAUSE_SECONDS)
        if not workers.busy:
            return False
        if len(self._refused) >= REMEMBERED:
            self._refused.clear()
        self._refused[connection] = time.monotonic()
        return True

    async def _unfit(
        self, door: Authenticator, need: ScopeRule, headers: Mapping[bytes, bytes], secret: str, caller: Caller | None
    ) -> JSONResponse | None:
        if caller:
            return _lacking(caller, need)
        if WITHOUT_KEY.issuperset(need.scopes or ()) and not _proxied(headers) and await door.stands_open():
            return None
        return _refused(401, WRONG_KEY if secret else NO_KEY, _challenge("invalid_token" if secret else None))


def _proxied(headers: Mapping[bytes, bytes]) -> bool:
    return any(map(_of_proxy, headers))


@lru_cache(256)
def _of_proxy(name: bytes) -> bool:
    return name in PROXIED or name.startswith(PROXIED_PREFIXES)


def _lacking(caller: Caller, need: ScopeRule) -> JSONResponse | None:
    scopes = need.scopes or frozenset()
    if caller.may(scopes):
        return None
    lacking = ", ".join(sorted(scopes - caller.scopes))
    return _refused(403, f"the API key lacks the scope {lacking}", _challenge("insufficient_scope"))


def _secret(headers: Mapping[bytes, bytes]) -> str:
    """A bearer's, or a password: MLflow's client can send nothing else, and takes `key:SECRET@localhost` for a host."""
    scheme, _, said = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return said.strip()
    with suppress(ValueError):
        return b64decode(said, validate=True).decode("latin-1").partition(":")[2] if scheme.lower() == "basic" else ""
    return ""


def _address(scope: Scope) -> str:
    return network(str((scope.get("client") or ("unknown", 0))[0]))


def _challenge(error: str | None) -> dict[str, str]:
    """In the form of RFC 6750."""
    return {"WWW-Authenticate": 'Bearer realm="needloop"' + (f', error="{error}"' if error else "")}


def _refused(status: int, why: str, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse({"detail": why}, status, headers)
