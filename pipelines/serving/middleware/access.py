"""Access control: authentication, scopes, rate limits and load, checked before the body of a request is read."""

import math
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

from fastapi import FastAPI
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pipelines.home.faults import DatabaseFault
from pipelines.serving.engine.worker_threads import BUSY
from pipelines.serving.middleware.authentication import Authenticator
from pipelines.serving.middleware.request_limits import OverloadCheck, RateLimits
from pipelines.serving.middleware.route_scopes import WITHOUT_KEY, ScopeRule, ScopeRules
from pipelines.serving.service import Service
from pipelines.store.keyring import Caller
from pipelines.web.connections import counted_address

HOW = (
    "open the link that needloop up and needloop serve print, or send `Authorization: Bearer SECRET` (the command line "
    "sends NEEDLOOP_API_KEY); needloop keys create NAME makes one"
)
NO_KEY = f"this needs a sign-in or an API key: {HOW}"
WRONG_KEY = f"this API key is unknown or revoked: {HOW}"
TOO_OFTEN = "too many requests: retry after the number of seconds in `Retry-After`"
# Headers that proxies add: a proxied client is remote, even over a loopback connection.
PROXIED = frozenset(
    b"forwarded via x-real-ip true-client-ip x-client-ip x-cluster-client-ip client-ip fastly-client-ip fly-client-ip "
    b"x-originating-ip x-remote-ip x-remote-addr x-original-forwarded-for x-original-host cdn-loop".split()
)
PROXIED_PREFIXES = (b"x-forwarded", b"cf-", b"x-envoy-", b"x-amzn-", b"x-amz-cf-", b"x-azure-", b"x-appengine-")


class AccessControl:
    """Refuses with 401, 403 or 429; otherwise stores the caller in the state of the request."""

    def __init__(self, app: ASGIApp, api: FastAPI, rate: float) -> None:
        self.app, self._api = app, api
        self._rules, self._rates, self._overload = ScopeRules(api.routes), RateLimits(rate), OverloadCheck()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif refusal := await self._refusal(scope):
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _refusal(self, scope: Scope) -> JSONResponse | None:
        rule = self._rules.find(scope.get("method", "GET"), scope["path"])
        state: dict[str, Any] = scope.setdefault("state", {})
        state["route"] = rule.route
        service: Service = self._api.state.service
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        secret = _secret(headers)
        caller = state["caller"] = await self._caller(service, secret, rule) if secret else None
        if rule.scopes is None:
            return None
        if wait := self._rates.wait(caller.id if caller else _address(scope)):
            return _refuse(429, TOO_OFTEN, {"Retry-After": str(math.ceil(wait))})
        refusal = await self._credential_refusal(service.authenticator, rule, headers, secret, caller)
        # Before the body is read: refusing an overload must cost little.
        if refusal or "predict" not in rule.scopes:
            return refusal
        overloaded = await self._overload.refuses(service.workers, scope.get("client"))
        return _refuse(429, BUSY, {"Retry-After": "1"}) if overloaded else None

    async def _caller(self, service: Service, secret: str, rule: ScopeRule) -> Caller | None:
        """The caller with this secret; None if the keys cannot be read and the route is public."""
        try:
            return await service.authenticator.authenticate(secret)
        except DatabaseFault as error:
            service.health.note_failure(error)
            if rule.scopes is None:
                return None
            raise

    async def _credential_refusal(
        self,
        authenticator: Authenticator,
        rule: ScopeRule,
        headers: Mapping[bytes, bytes],
        secret: str,
        caller: Caller | None,
    ) -> JSONResponse | None:
        if caller:
            return _scope_refusal(caller, rule)
        open_scopes = WITHOUT_KEY.issuperset(rule.scopes or ())
        if open_scopes and not _proxied(headers) and await authenticator.anonymous_allowed():
            return None
        return _refuse(401, WRONG_KEY if secret else NO_KEY, _challenge("invalid_token" if secret else None))


def _proxied(headers: Mapping[bytes, bytes]) -> bool:
    return any(map(_is_proxy_header, headers))


@lru_cache(256)
def _is_proxy_header(name: bytes) -> bool:
    return name in PROXIED or name.startswith(PROXIED_PREFIXES)


def _scope_refusal(caller: Caller, rule: ScopeRule) -> JSONResponse | None:
    scopes = rule.scopes or frozenset()
    if caller.may(scopes):
        return None
    missing = ", ".join(sorted(scopes - caller.scopes))
    return _refuse(403, f"the API key lacks the scope {missing}", _challenge("insufficient_scope"))


def _secret(headers: Mapping[bytes, bytes]) -> str:
    """The bearer token, or the password of Basic: MLflow's client sends only that, from `key:SECRET@localhost`."""
    scheme, _, value = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    with suppress(ValueError):
        return b64decode(value, validate=True).decode("latin-1").partition(":")[2] if scheme.lower() == "basic" else ""
    return ""


def _address(scope: Scope) -> str:
    return counted_address(str((scope.get("client") or ("unknown", 0))[0]))


def _challenge(error: str | None) -> dict[str, str]:
    """The header WWW-Authenticate (RFC 6750)."""
    return {"WWW-Authenticate": 'Bearer realm="needloop"' + (f', error="{error}"' if error else "")}


def _refuse(status: int, reason: str, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse({"detail": reason}, status, headers)
